"""Commands that read what runs left: report, compare and merge."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli.arguments import with_options
from benchmark.printable import printable
from benchmark.request import RunRequest
from benchmark.terminal import echo


class _Format(StrEnum):
    """What `report` prints a board as."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"


@with_options(RunRequest, "sort_by", "plugins")
def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")],
    format: Annotated[_Format, typer.Option(help="What is printed.")] = _Format.text,
    **options: Any,
) -> None:
    """Make a run's leaderboards again from its records; nothing is fitted."""
    from benchmark.calls.boards import report

    board = report(folder, **options)
    if format is _Format.text:
        echo(board)
    else:
        written = {
            _Format.markdown: board.to_markdown,
            _Format.latex: board.to_latex,
            _Format.csv: board.to_csv,
        }
        echo(written[format](), end="")


def compare_command(
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
    from benchmark.calls.boards import compare

    comparison = compare(*boards)
    echo(comparison)
    if fail_on_regression and comparison.regressions:
        print(printable(f"regression: {comparison.regression_line}"), file=sys.stderr)
        raise typer.Exit(1)


@with_options(RunRequest, "sort_by", "plugins")
def merge_command(
    folders: Annotated[
        list[Path], typer.Argument(metavar="A B ...", help="Folders of runs of one dataset.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the merged run.")],
    **options: Any,
) -> None:
    """Make one run's folder and leaderboards of several, as from several machines."""
    from benchmark.calls.boards import merge

    echo(merge(*folders, out=out, **options))
    echo(f"\nleaderboard.csv, leaderboard.md and report.html are in {out}")
