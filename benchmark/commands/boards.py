"""Commands that read what runs left: report, compare and merge."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmark.commands.arguments import SortBy


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")],
    sort_by: SortBy = "accuracy",
) -> None:
    """Make a run's leaderboards again from its records; nothing is fitted."""
    import benchmark

    print(benchmark.report(folder, sort_by=sort_by))


def compare(
    boards: Annotated[
        list[str],
        typer.Argument(
            metavar="A B ...", help="Each a run's folder, a leaderboard.csv, or `published`."
        ),
    ],
    fail_on_regression: Annotated[
        bool,
        typer.Option(
            "--fail-on-regression",
            help="Exit with 1 if a row of A is worse by more than chance, failed or gone in B.",
        ),
    ] = False,
) -> None:
    """Show what changed from the first board to the others, and whether by more than chance."""
    import benchmark

    comparison = benchmark.compare(*boards)
    print(comparison)
    if fail_on_regression and comparison.regressions:
        rows = ", ".join(f"{c.model} on {c.split} {c.verdict}" for c in comparison.regressions)
        print(f"regression: {rows}", file=sys.stderr)
        raise typer.Exit(1)
