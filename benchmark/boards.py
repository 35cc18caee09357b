"""The library's calls that read what runs left: report, compare and merge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from results import Leaderboard


def report(folder: str | Path, *, sort_by: str = "accuracy") -> Leaderboard:
    """Write a run folder's leaderboards again from its records; nothing is fitted.

    Raises `ResultsError` if the folder holds no records.
    """
    from results import Leaderboard, Store

    board = Leaderboard.from_store(Store(folder), sort_by)
    board.write(folder)
    return board


def compare(*boards: str | Path) -> pd.DataFrame:
    """Boards side by side, row by row, with each one's difference to the first.

    Each is a run folder, a ``leaderboard.csv`` or ``published``. Raises `ResultsError`.
    """
    from results.compare import compare as side_by_side
    from results.compare import label_for, load_board

    if len(boards) < 2:
        raise InputError("compare needs at least two boards; `published` can be one of them")
    frames: dict[str, pd.DataFrame] = {}
    for board in boards:
        frames[label_for(board, frames)] = load_board(board)
    return side_by_side(frames)
