"""Metrics of plugins: a function in a file becomes a column of the board."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from results.board.columns import COLUMNS
from results.errors import ResultsError
from results.records.predictions import Predictions
from results.statistics.metrics import DIRECTIONS, METRICS, NEEDS, Metric

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_Function = Callable[[Predictions, int], float]


def metric(
    name: str, *, title: str, direction: str = "higher", needs: str = "labels"
) -> Callable[[_Function], _Function]:
    """Declare the decorated function as a metric.

    The function gets the `Predictions` of one row and the number of classes, and returns a float;
    NaN says that the metric is undefined. The first line of its docstring says in the report what
    it is.

    Parameters
    ----------
    name : unique name: letters, digits and underscores. The column's, and what sorts by it.
    title : heading of its column in the report.
    direction : which way is better, ``higher`` or ``lower``.
    needs : ``labels``, ``scores`` (probabilities or decision values) or ``probability``; rows that
        lack it have no value.

    Raises
    ------
    ResultsError
        If the name is malformed, that of a column, or taken (the message names both files), or if
        another value is none of those above.

    Examples
    --------
    >>> @metric("errors", title="Errors", direction="lower", needs="labels")
    ... def errors(predictions, n_classes):
    ...     "How many pictures are classified wrongly."
    ...     return float((~predictions.correct).sum())
    """
    origin = str(Path(sys._getframe(1).f_code.co_filename).resolve())

    def declare(function: _Function) -> _Function:
        declared = Metric(name, title, function, direction, needs, origin)
        _check(declared)
        METRICS[name] = declared
        return function

    return declare


def forget_metrics(origin: str) -> None:
    """Remove every metric that ``origin`` declared, so that a file can be loaded again."""
    for name in [name for name, known in METRICS.items() if known.origin == origin]:
        del METRICS[name]


def _check(declared: Metric) -> None:
    name, origin = declared.name, declared.origin
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ResultsError(
            f"{origin}: {name!r} cannot name a metric; use letters, digits and underscores, "
            "a letter first"
        )
    if name in METRICS:
        raise ResultsError(
            f"metric name {name!r} is used twice: in {METRICS[name].origin} and in {origin}; "
            "rename one"
        )
    where = f"metric {name!r} in {origin}"
    if name in COLUMNS:
        raise ResultsError(f"{where} has the name of a column of leaderboard.csv; rename it")
    if not isinstance(declared.title, str) or not declared.title.strip():
        raise ResultsError(f"{where}: its title is a text that is not empty")
    for field, allowed in (("direction", DIRECTIONS), ("needs", tuple(NEEDS))):
        value = getattr(declared, field)
        if value not in allowed:
            choices = ", ".join(repr(choice) for choice in allowed)
            raise ResultsError(f"{where}: {field} is {value!r}; choose one of {choices}")
