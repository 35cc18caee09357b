"""Commands that read what runs left: report, compare and merge."""

from __future__ import annotations

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
) -> None:
    """Show boards side by side, row by row, with the differences to the first."""
    import benchmark
    from results import render_comparison

    print(render_comparison(benchmark.compare(*boards)))
