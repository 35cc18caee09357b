"""Boards to compare: a run's folder, a leaderboard.csv, or the study's own table."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from results.board.csv_file import read_board_csv
from results.board.row import Row
from results.board.standings import Standings
from results.comparison.sides import Side
from results.errors import ResultsError
from results.records.store import Store

if TYPE_CHECKING:
    import pandas as pd

# How the study's own table is named.
_PUBLISHED = "published"

_PUBLISHED_FILE = Path(__file__).parents[1] / "published.csv"

_PUBLISHED_COLUMNS = ("model", "training", "split", "n", "accuracy", "device", "status")


@dataclass(frozen=True, eq=False)
class ComparedBoard:
    """A board as a comparison takes it.

    Attributes
    ----------
    sides : its rows in order.
    is_study : whether it is the published one.
    """

    name: str
    sides: tuple[Side, ...]
    is_study: bool = False


def compared_board(source: Standings | str | Path, taken: Container[str] = ()) -> ComparedBoard:
    """The board that a source names, under a name that none of those taken has.

    Raises
    ------
    ResultsError
        As `load_board` does.
    """
    if isinstance(source, Standings):
        return _of_standings(source, label_for(source.label, taken))
    name, path = label_for(source, taken), Path(source)
    if source != _PUBLISHED and _has_records(path):
        return _of_standings(Standings.from_store(Store(path)), name)
    frame = load_board(source)
    return ComparedBoard(name, _sides(frame, [None] * len(frame)), source == _PUBLISHED)


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
    if source == _PUBLISHED:
        return read_board_csv(_PUBLISHED_FILE, _PUBLISHED_COLUMNS)
    path = Path(source)
    if path.is_dir():
        if _has_records(path):
            return Standings.from_store(Store(path)).to_frame()
        if (path / "leaderboard.csv").is_file():
            return read_board_csv(path / "leaderboard.csv")
        raise ResultsError(
            f"{path} is not a run folder: it has neither records/ nor leaderboard.csv; "
            "give the --out of a run"
        )
    if not path.exists():
        raise ResultsError(
            f"{path} is not there; give a run folder, a leaderboard.csv or '{_PUBLISHED}'"
        )
    return read_board_csv(path)


def label_for(source: str | Path, taken: Container[str]) -> str:
    """A short name for a board that none of those taken has: the run folder's, or the file's."""
    path = Path(source)
    short = path.parent.name if path.name == "leaderboard.csv" and path.parent.name else path.name
    name, k = short or str(source), 2
    while name in taken:
        name, k = f"{short or source} ({k})", k + 1
    return name


def _has_records(folder: Path) -> bool:
    return any((folder / "records").glob("*.json"))


def _of_standings(board: Standings, name: str) -> ComparedBoard:
    return ComparedBoard(name, _sides(board.to_frame(), board.rows))


def _sides(frame: pd.DataFrame, rows: Sequence[Row | None]) -> tuple[Side, ...]:
    # As objects, pandas' several kinds of nothing become None.
    table = frame.astype(object).where(frame.notna(), None)
    return tuple(
        Side(
            model=cells["model"],
            training=cells["training"],
            split=cells["split"],
            device=cells["device"],
            seed=cells["seed"],
            n=cells["n"],
            accuracy=cells["accuracy"],
            seconds=cells["total_seconds"],
            status=cells["status"],
            row=row,
        )
        for cells, row in zip(table.to_dict("records"), rows, strict=True)
    )
