"""leaderboard.csv: its columns, and its text, which reads back equal number for number."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from results.board.ranking import Standing
from results.board.spreadsheet import cells_of, number, share, truth, whole, with_point, word
from results.errors import ResultsError
from results.records.reading import MOST_TEXT, read_file
from results.records.record import STATUSES
from results.statistics.metrics import METRICS, Metric, plugin_metrics

if TYPE_CHECKING:
    import pandas as pd

# Name to the column's pandas dtype and its cell.
_COLUMNS: dict[str, tuple[str, Callable[[Standing], Any]]] = {
    "rank": ("Int64", lambda standing: standing.rank),
    "tied": ("boolean", lambda standing: standing.tied),
    "model": ("str", lambda standing: standing.row.record.model),
    "family": ("str", lambda standing: standing.row.record.family),
    "training": ("str", lambda standing: standing.row.record.training),
    "inputs": ("str", lambda standing: standing.row.record.inputs),
    "split": ("str", lambda standing: standing.row.split),
    "n": ("Int64", lambda standing: standing.row.n),
    "accuracy": ("float64", lambda standing: _score("accuracy", standing)),
    "accuracy_low": ("float64", lambda standing: _end(0, standing)),
    "accuracy_high": ("float64", lambda standing: _end(1, standing)),
    "balanced_accuracy": ("float64", lambda standing: _score("balanced_accuracy", standing)),
    "f1_weighted": ("float64", lambda standing: _score("f1_weighted", standing)),
    "f1_macro": ("float64", lambda standing: _score("f1_macro", standing)),
    "roc_auc": ("float64", lambda standing: _score("roc_auc", standing)),
    "log_loss": ("float64", lambda standing: _score("log_loss", standing)),
    "ece": ("float64", lambda standing: _score("ece", standing)),
    "mcc": ("float64", lambda standing: _score("mcc", standing)),
    "fit_seconds": ("float64", lambda standing: standing.row.record.fit_seconds),
    "predict_seconds": ("float64", lambda standing: standing.row.predict_seconds),
    "feature_seconds": ("float64", lambda standing: standing.row.record.feature_seconds),
    "total_seconds": ("float64", lambda standing: standing.row.total_seconds),
    "device": ("str", lambda standing: standing.row.record.device),
    "threads": ("Int64", lambda standing: standing.row.record.threads),
    "peak_memory_mb": ("float64", lambda standing: standing.row.record.peak_memory_mb),
    "parameters": ("Int64", lambda standing: standing.row.record.parameter_count),
    "seed": ("Int64", lambda standing: standing.row.record.seed),
    "status": ("str", lambda standing: standing.row.record.status),
    "reason": ("str", lambda standing: standing.row.record.reason),
}

# Those that hold shares, and those in which any text is itself, "nan" too.
_SHARES = (
    *("accuracy", "accuracy_low", "accuracy_high", "balanced_accuracy", "f1_weighted", "f1_macro"),
    *("roc_auc", "ece"),
)
_ANY_TEXT = ("model", "split", "reason")

# The contract. Metrics of plugins come after them.
COLUMNS = tuple(_COLUMNS)


def column_kinds(metrics: Mapping[str, Metric] = METRICS) -> dict[str, str]:
    """Every column, those of plugins' metrics too, and its pandas dtype."""
    kinds = {name: kind for name, (kind, _) in _COLUMNS.items()}
    return kinds | dict.fromkeys(plugin_metrics(metrics), "float64")


def board_frame(standings: Iterable[Standing], metrics: Mapping[str, Metric]) -> pd.DataFrame:
    """A board's table: the columns of `COLUMNS`, then those of plugins' metrics."""
    import pandas as pd

    cells: dict[str, Callable[[Standing], Any]] = {name: of for name, (_, of) in _COLUMNS.items()}
    cells |= {name: partial(_score, name) for name in plugin_metrics(metrics)}
    lines = [[cell(standing) for cell in cells.values()] for standing in standings]
    return pd.DataFrame(lines, columns=list(cells)).astype(column_kinds(metrics))


def csv_text(frame: pd.DataFrame) -> str:
    """A board's table as leaderboard.csv has it, every float in full."""
    texts = [name for name, (kind, _) in _COLUMNS.items() if kind == "str"]
    # Python before 3.13 does not quote a lone carriage return, which readers take for a line.
    has_returns = any(frame[name].str.contains("\r", regex=False).any() for name in texts)
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL
    return frame.to_csv(index=False, lineterminator="\n", quoting=quoting)


def read_board_csv(path: Path, needed: Iterable[str] = COLUMNS) -> pd.DataFrame:
    """A leaderboard.csv as its board was, number for number; what it lacks is an empty column.

    It is read too where pandas or a spreadsheet wrote it again: see `results.board.spreadsheet`.

    Raises
    ------
    ResultsError
        If a needed column is missing, the file was cut off within a row or never was a board's, or
        a cell does not surely say what it said.
    """
    import pandas as pd

    try:
        rows, with_commas = cells_of(read_file(path, MOST_TEXT), list(needed))
        _check_rows(rows)
        columns = {name: _column(name, rows, with_commas) for name in column_kinds()}
    except (ResultsError, OSError) as error:
        raise ResultsError(
            f"{path} is not a leaderboard.csv ({error}); give a file that a run wrote"
        ) from error
    return pd.DataFrame(columns).astype(column_kinds())


def _score(name: str, standing: Standing) -> float | None:
    return standing.row.scores.get(name)


def _end(place: int, standing: Standing) -> float | None:
    interval = standing.row.interval
    return interval[place] if interval else None


def _check_rows(rows: Sequence[Mapping[str, str]]) -> None:
    for place, cells in enumerate(rows, start=1):
        for name in ("model", "split"):
            if not cells.get(name):
                raise ResultsError(f"row {place} has no {name}")
        if cells.get("status", "") not in STATUSES:
            raise ResultsError(f"row {place} has the status {cells.get('status', '')!r:.60}")


def _column(name: str, rows: Sequence[Mapping[str, str]], with_commas: bool) -> list[Any]:
    """The cells of a column. Python's numbers read back as written."""
    kind, values = column_kinds()[name], []
    read = _reader(name, kind)
    for place, cells in enumerate(rows, start=1):
        text = cells.get(name, "")
        try:
            values.append(read(with_point(text) if with_commas and kind != "str" else text))
        except ResultsError as error:
            raise ResultsError(f"row {place}, column {name}: {error}") from error
    return values


def _reader(name: str, kind: str) -> Callable[[str], Any]:
    if kind == "str":
        return str if name in _ANY_TEXT else word
    if name in _SHARES:
        return share
    return {"boolean": truth, "Int64": whole, "float64": number}[kind]
