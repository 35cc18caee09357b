"""leaderboard.csv: a board's table as text that reads back equal, number for number."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from results.board.columns import COLUMNS, column_kinds
from results.errors import ResultsError
from results.records.record import STATUSES

if TYPE_CHECKING:
    import pandas as pd


def csv_text(frame: pd.DataFrame) -> str:
    """A board's table as leaderboard.csv has it, every float in full."""
    texts = [name for name, kind in column_kinds({}).items() if kind == "str"]
    # Python before 3.13 does not quote a lone carriage return, which readers take for a line.
    has_returns = any(frame[name].str.contains("\r", regex=False).any() for name in texts)
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL
    return frame.to_csv(index=False, lineterminator="\n", quoting=quoting)


def read_board_csv(path: Path, needed: Iterable[str] = COLUMNS) -> pd.DataFrame:
    """A leaderboard.csv as its board was, number for number.

    Parameters
    ----------
    path : the file.
    needed : columns that it must have; others that it lacks are empty.

    Raises
    ------
    ResultsError
        If a column is missing, or the file was cut off within a row or never was a board's.
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
            {name: _typed(texts.get(name, blank), kind) for name, kind in column_kinds().items()}
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
