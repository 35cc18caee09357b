"""Commands that run models: all, run and curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.commands.arguments import (
    Data,
    Device,
    Features,
    ImageSize,
    Jobs,
    MemoryLimit,
    Offline,
    Out,
    Plugins,
    Preset,
    Retry,
    Seed,
    SortBy,
    Threads,
    Timeout,
)


def run_all(
    context: typer.Context,
    data: Data = "folds",
    preset: Preset = "quick",
    out: Out = None,
    seed: Seed = 42,
    threads: Threads = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    memory_limit: MemoryLimit = None,
    device: Device = "auto",
    offline: Offline = False,
    plugins: Plugins = None,
    features: Features = "published",
    image_size: ImageSize = None,
    retry: Retry = False,
    sort_by: SortBy = "accuracy",
) -> None:
    """Run every model on one dataset and make the leaderboard."""
    _run(**context.params)


def run_some(
    context: typer.Context,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN,PATTERN", help="Names or globs of models.", show_default="all of them"
        ),
    ] = None,
    data: Data = "folds",
    preset: Preset = "quick",
    out: Out = None,
    seed: Seed = 42,
    threads: Threads = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    memory_limit: MemoryLimit = None,
    device: Device = "auto",
    offline: Offline = False,
    plugins: Plugins = None,
    features: Features = "published",
    image_size: ImageSize = None,
    retry: Retry = False,
    sort_by: SortBy = "accuracy",
) -> None:
    """Run some of the models."""
    _run(**context.params)


def _run(models: str | None = None, plugins: list[Path] | None = None, **options: Any) -> None:
    import benchmark
    from benchmark.run_folder import default_folder

    patterns = None if models is None else [p.strip() for p in models.split(",") if p.strip()]
    board = benchmark.run(models=patterns, plugins=plugins or [], **options)
    print(board)
    folder = options["out"] or default_folder(board.label)
    print(f"\nleaderboard.csv, leaderboard.md and report.html are in {folder}")
