"""Boards to compare: a run's folder, a leaderboard.csv, or the study's own table."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from results.board.columns import read_board_csv
from results.board.standings import Standings
from results.errors import ResultsError
from results.records.store import Store

if TYPE_CHECKING:
    import pandas as pd

# How the study's own table is named.
PUBLISHED = "published"
_PUBLISHED_COLUMNS = ("model", "training", "split", "n", "accuracy", "device", "status")


def load_board(source: str | Path) -> pd.DataFrame:
    """A board as a table with the columns of leaderboard.csv.

    Parameters
    ----------
    source : a run folder (its records, or without them its leaderboard.csv), a leaderboard.csv, or
        'published': the figures of Abdallah, Butler and Bond (2021), with models named as ours are,
        and a deep row for each device that they timed.

    Raises
    ------
    ResultsError
        If it is none of these.
    """
    path = Path(source)
    if source == PUBLISHED:
        return read_board_csv(Path(__file__).parents[1] / "published.csv", _PUBLISHED_COLUMNS)
    if (board := board_of(source)) is not None:
        return board.to_frame()
    if path.is_dir():
        if not (path / "leaderboard.csv").exists():
            raise ResultsError(
                f"{path} is not a run folder: it has neither records/ nor leaderboard.csv; "
                "give the --out of a run"
            )
        path /= "leaderboard.csv"
    if not path.exists():
        raise ResultsError(
            f"{path} is not there; give a run folder, a leaderboard.csv or '{PUBLISHED}'"
        )
    return read_board_csv(path)


def board_of(source: str | Path) -> Standings | None:
    """The board of a run folder that has records; None for any other source."""
    if source == PUBLISHED or not any((Path(source) / "records").glob("*.json")):
        return None
    return Standings.from_store(Store(source))


def label_for(source: str | Path, taken: Container[str]) -> str:
    """A short name for a board that none of those taken has: the run folder's, or the file's."""
    path = Path(source)
    short = path.parent.name if path.name == "leaderboard.csv" and path.parent.name else path.name
    name, k = short or str(source), 2
    while name in taken:
        name, k = f"{short or source} ({k})", k + 1
    return name
