"""Boards to compare: a run's folder, a leaderboard.csv, or the study's own table."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from results.leaderboard import KINDS, Leaderboard
from results.machine import machine
from results.record import STATUSES, ResultsError
from results.row import Row
from results.store import Store

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED = "published"
_PUBLISHED_FILE = Path(__file__).parent / "published.csv"
_PUBLISHED_COLUMNS = ("model", "training", "split", "n", "accuracy", "device", "status")


@dataclass(frozen=True, eq=False)
class Entry:
    """A row of a board. row: what its record and predictions say, None where only a table is there.

    n, accuracy, seconds (features, fit and prediction) and seed are None where they are not known.
    seeds: the rows that it is the mean of, for a model's seeds together (see `over_seeds`).
    """

    model: str
    training: str
    split: str
    device: str
    seed: int | None
    n: int | None
    accuracy: float | None
    seconds: float | None
    status: str
    row: Row | None = None
    seeds: tuple[Entry, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it has a score; of several seeds, whether any has."""
        return self.status == "ok" and self.accuracy is not None

    @property
    def whole(self) -> bool:
        """Whether all of its seeds have a score."""
        return all(entry.ok for entry in self.seeds or (self,))

    @property
    def rows(self) -> list[Row | None]:
        """The rows that its accuracy is the mean of."""
        return [entry.row for entry in self.seeds or (self,) if entry.ok]

    @property
    def machine(self) -> str:
        """The hardware behind `seconds`; empty where it is not known, or of several kinds."""
        machines = {machine(row.record) if row else "" for row in self.rows}
        return machines.pop() if len(machines) == 1 else ""


def over_seeds(entries: Sequence[Entry]) -> Entry:
    """The seeds of one model, split and device as one entry: the mean of those that have a score.

    A single row is itself.
    """
    if len(entries) == 1:
        return entries[0]
    scored = [entry for entry in entries if entry.ok] or entries
    sizes = {entry.n for entry in entries}
    return replace(
        scored[0],
        seed=None,
        n=sizes.pop() if len(sizes) == 1 else None,
        accuracy=_mean([entry.accuracy for entry in scored]),
        seconds=_mean([entry.seconds for entry in scored]),
        row=None,
        seeds=tuple(entries),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


@dataclass(frozen=True, eq=False)
class Board:
    """A board's name and its rows in order. study: whether it is the published one."""

    name: str
    entries: tuple[Entry, ...]
    study: bool = False


def board(source: Leaderboard | str | Path, taken: Container[str] = ()) -> Board:
    """The board that a source names, under a name that none of those taken has.

    Raises ResultsError as `load_board` does.
    """
    if isinstance(source, Leaderboard):
        return _of(source, label_for(source.label, taken))
    name = label_for(source, taken)
    path = Path(source)
    if source != PUBLISHED and _has_records(path):
        return _of(Leaderboard.from_store(Store(path)), name)
    frame = load_board(source)
    return Board(name, tuple(_entries(frame, [None] * len(frame))), study=source == PUBLISHED)


def load_board(source: str | Path) -> pd.DataFrame:
    """A board as a table with the columns of `COLUMNS`.

    source: a run folder (its records, or without them its leaderboard.csv), a leaderboard.csv, or
    'published': the figures of Abdallah, Butler and Bond (2021), with models named as ours are, and
    a deep row for each device that they timed.

    Raises ResultsError if it is none of these.
    """
    if source == PUBLISHED:
        return _read_csv(_PUBLISHED_FILE, _PUBLISHED_COLUMNS)
    path = Path(source)
    if path.is_dir():
        if _has_records(path):
            return Leaderboard.from_store(Store(path)).to_frame()
        if (path / "leaderboard.csv").is_file():
            return _read_csv(path / "leaderboard.csv")
        raise ResultsError(
            f"{path} is not a run folder: it has neither records/ nor leaderboard.csv; "
            "give the --out of a run"
        )
    if not path.exists():
        raise ResultsError(
            f"{path} is not there; give a run folder, a leaderboard.csv or '{PUBLISHED}'"
        )
    return _read_csv(path)


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


def _of(leaderboard: Leaderboard, name: str) -> Board:
    rows = [standing.row for standing in leaderboard.standings]
    return Board(name, tuple(_entries(leaderboard.to_frame(), rows)))


def _entries(frame: pd.DataFrame, rows: Iterable[Row | None]) -> list[Entry]:
    # As objects, pandas' several kinds of nothing become None.
    table = frame.astype(object).where(frame.notna(), None)
    return [
        Entry(
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
    ]


def _read_csv(path: Path, needed: Iterable[str] = tuple(KINDS)) -> pd.DataFrame:
    """A leaderboard.csv as its board was, number for number.

    A file that lacks one of the columns needed, or was cut off within a row, is refused.
    """
    import pandas as pd

    try:
        texts = pd.read_csv(path, dtype=str, keep_default_na=False)
        missing = [name for name in needed if name not in texts]
        if missing:
            listed = ", ".join(missing[:4]) + (", ..." if len(missing) > 4 else "")
            raise ValueError(f"no column {listed}")
        _check_rows(texts)
        blank = [""] * len(texts)
        return pd.DataFrame(
            {name: _typed(texts.get(name, blank), kind) for name, kind in KINDS.items()}
        )
    except (ValueError, OSError) as error:
        # pandas' own errors of reading are ValueErrors.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(
            f"{path} is not a leaderboard.csv ({reason}); give a file that a run wrote"
        ) from error


def _check_rows(texts: pd.DataFrame) -> None:
    """Raise ValueError for a row that a run can't have written whole."""
    for place, cells in enumerate(texts.to_dict("records"), start=1):
        for name in ("model", "split"):
            if not cells[name]:
                raise ValueError(f"row {place} has no {name}")
        if cells["status"] not in STATUSES:
            raise ValueError(f"row {place} has the status {cells['status']!r}")


def _typed(texts: Iterable[str], kind: str) -> pd.Series:
    """A column of its kind from its texts. Python's numbers read back as written."""
    import pandas as pd

    if kind == "str":
        return pd.Series(list(texts), dtype=kind)
    readers: dict[str, Callable[[str], float]] = {"boolean": _truth, "Int64": int, "float64": float}
    read = readers[kind]
    return pd.Series([read(text) if text else None for text in texts], dtype=kind)


def _truth(text: str) -> bool:
    if text not in ("True", "False"):
        raise ValueError(f"{text!r} is neither True nor False")
    return text == "True"
