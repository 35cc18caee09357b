"""Commands that run models: all, run and curve."""

from __future__ import annotations

from typing import Any

from benchmark.cli.arguments import with_options
from benchmark.request import CurveRequest, RunRequest
from benchmark.terminal import echo


@with_options(RunRequest, without=["models"])
def all_command(**options: Any) -> None:
    """Run every model on one dataset and make the leaderboard."""
    _run(options)


@with_options(RunRequest)
def run_command(**options: Any) -> None:
    """Run some of the models."""
    _run(options)


def _run(options: dict[str, Any]) -> None:
    from benchmark.calls.runs import run
    from benchmark.trials.folder import default_folder

    board = run(**options)
    echo(board)
    folder = options["out"] or default_folder(board.label)
    echo(f"\nleaderboard.csv, leaderboard.md and report.html are in {folder}")


@with_options(CurveRequest)
def curve_command(**options: Any) -> None:
    """Find from how many training pictures on deep models overtake classical ones."""
    from benchmark.calls.runs import curve
    from benchmark.trials.folder import default_folder

    drawn = curve(**options)
    echo(drawn)
    folder = options["out"] or default_folder(f"{drawn.label}-curve")
    echo(f"\ncurve.csv, curve.md, curve.svg and curve.html are in {folder}")
