"""The columns of leaderboard.csv: each its name, its kind, and what it holds of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from results.board.ranking import Standing
from results.statistics.metrics import METRICS, Metric, plugin_metrics

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

# The contract. Metrics of plugins come after them, see `column_kinds`.
COLUMNS = tuple(_COLUMNS)


def column_kinds(metrics: Mapping[str, Metric] = METRICS) -> dict[str, str]:
    """Every column, those of plugins' metrics too, and its pandas dtype."""
    kinds = {name: kind for name, (kind, _) in _COLUMNS.items()}
    return kinds | dict.fromkeys(plugin_metrics(metrics), "float64")


def cells_of(standing: Standing, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """One row's values, by column."""
    cells = {name: cell(standing) for name, (_, cell) in _COLUMNS.items()}
    return cells | {name: _score(name, standing) for name in plugin_metrics(metrics)}


def _score(name: str, standing: Standing) -> float | None:
    return standing.row.scores.get(name)


def _end(place: int, standing: Standing) -> float | None:
    interval = standing.row.interval
    return interval[place] if interval else None
