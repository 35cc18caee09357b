"""Commands that read what runs left: report, compare and merge."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchmark.commands.arguments import SortBy


class Format(StrEnum):
    """What `report` prints a board as."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")],
    sort_by: SortBy = "accuracy",
    format: Annotated[Format, typer.Option(help="What is printed.")] = Format.text,
) -> None:
    """Make a run's leaderboards again from its records; nothing is fitted."""
    import benchmark

    board = benchmark.report(folder, sort_by=sort_by)
    if format is Format.text:
        print(board)
    else:
        written = {
            Format.markdown: board.to_markdown,
            Format.latex: board.to_latex,
            Format.csv: board.to_csv,
        }
        print(written[format](), end="")


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
        print(f"regression: {comparison.regression_line}", file=sys.stderr)
        raise typer.Exit(1)


def merge(
    folders: Annotated[
        list[Path], typer.Argument(metavar="A B ...", help="Folders of runs of one dataset.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the merged run.")],
    sort_by: SortBy = "accuracy",
) -> None:
    """Make one run's folder and leaderboards of several, as from several machines."""
    import benchmark

    print(benchmark.merge(*folders, out=out, sort_by=sort_by))
    print(f"\nleaderboard.csv, leaderboard.md and report.html are in {out}")
