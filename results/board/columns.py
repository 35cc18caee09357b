"""leaderboard.csv: its columns, and its text, which reads back equal number for number."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from results.board.ranking import Standing
from results.errors import ResultsError
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

    Raises
    ------
    ResultsError
        If a needed column is missing, the file was cut off within a row or never was a board's.
    """
    import pandas as pd

    try:
        texts = pd.read_csv(path, dtype=str, keep_default_na=False)
        if missing := [name for name in needed if name not in texts]:
            more = ", ..." if len(missing) > 4 else ""
            raise ValueError(f"no column {', '.join(missing[:4])}{more}")
        _check_rows(texts)
        blank, kinds = [""] * len(texts), column_kinds().items()
        return pd.DataFrame({name: _typed(texts.get(name, blank), kind) for name, kind in kinds})
    except (ValueError, OSError) as error:
        # pandas' own errors of reading are ValueErrors.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(
            f"{path} is not a leaderboard.csv ({reason}); give a file that a run wrote"
        ) from error


def _score(name: str, standing: Standing) -> float | None:
    return standing.row.scores.get(name)


def _end(place: int, standing: Standing) -> float | None:
    interval = standing.row.interval
    return interval[place] if interval else None


def _check_rows(texts: pd.DataFrame) -> None:
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
