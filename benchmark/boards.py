"""The library's calls that read what runs left: report, compare and merge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import InputError

if TYPE_CHECKING:
    from results import Comparison, Leaderboard


def report(folder: str | Path, *, sort_by: str = "accuracy") -> Leaderboard:
    """Write a run folder's leaderboards again from its records; nothing is fitted.

    Raises `ResultsError` if the folder holds no records.
    """
    from results import Leaderboard, Store

    board = Leaderboard.from_store(Store(folder), sort_by)
    board.write(folder)
    return board


def compare(*boards: str | Path) -> Comparison:
    """The first board beside each other one: which rows changed, and whether by more than chance.

    Each is a run folder, a ``leaderboard.csv`` or ``published``. Raises `ResultsError` if one is
    none of these, `InputError` for fewer than two.
    """
    from results.compare import compare as side_by_side

    if len(boards) < 2:
        raise InputError("compare needs at least two boards; `published` can be one of them")
    return side_by_side(*boards)
