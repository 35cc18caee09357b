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
    Precision,
    Preset,
    Retry,
    Seed,
    SortBy,
    Threads,
    Timeout,
    WeightsDir,
)
from benchmark.errors import InputError


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
    weights_dir: WeightsDir = None,
    precision: Precision = "auto",
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
    weights_dir: WeightsDir = None,
    precision: Precision = "auto",
) -> None:
    """Run some of the models."""
    _run(**context.params)


def _run(models: str | None = None, plugins: list[Path] | None = None, **options: Any) -> None:
    import benchmark
    from benchmark.run_folder import default_folder

    patterns = None if models is None else _listed(models)
    board = benchmark.run(models=patterns, plugins=plugins or [], **options)
    print(board)
    folder = options["out"] or default_folder(board.label)
    print(f"\nleaderboard.csv, leaderboard.md and report.html are in {folder}")


def curve(
    context: typer.Context,
    models: Annotated[
        str, typer.Option(metavar="PATTERN,PATTERN", help="Some classical and some deep models.")
    ],
    data: Data = "folds",
    sizes: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Numbers of training pictures.",
            show_default="all, a half, a quarter ...",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="How many subsets of each size.")] = 3,
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
    weights_dir: WeightsDir = None,
    precision: Precision = "auto",
) -> None:
    """Find from how many training pictures on deep models overtake classical ones."""
    import benchmark
    from benchmark.run_folder import default_folder

    given = dict(context.params)
    given |= {"models": _listed(models), "sizes": _whole_numbers(sizes)}
    given["plugins"] = given["plugins"] or []
    found = benchmark.curve(**given)
    print(found)
    folder = out or default_folder(f"{found.label}-curve")
    print(f"\ncurve.csv, curve.md, curve.svg and curve.html are in {folder}")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _whole_numbers(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(part) for part in _listed(text)]
    except ValueError as error:
        raise InputError(f"--sizes is {text!r}; give whole numbers, as 25,50,100") from error
