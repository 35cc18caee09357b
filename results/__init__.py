"""Records in, a leaderboard out.

Importing the package loads none of pandas, pyarrow, scikit-learn or scipy: a name is fetched from
its module the first time it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from results.answer import Answer
    from results.board import load_board
    from results.compare import Comparison
    from results.curve import Curve
    from results.leaderboard import COLUMNS, Leaderboard
    from results.metrics import METRICS, Metric
    from results.record import STATUSES, Predictions, Record, ResultsError
    from results.repeats import over_splits
    from results.store import Store, write_atomically

__all__ = [
    "COLUMNS",
    "METRICS",
    "STATUSES",
    "Answer",
    "Comparison",
    "Curve",
    "Leaderboard",
    "Metric",
    "Predictions",
    "Record",
    "ResultsError",
    "Store",
    "load_board",
    "over_splits",
    "write_atomically",
]

# The function `compare` is not among them: exported here, it would hide the module of its name.
_HOMES = {
    "COLUMNS": "leaderboard",
    "METRICS": "metrics",
    "STATUSES": "record",
    "Answer": "answer",
    "Comparison": "compare",
    "Curve": "curve",
    "Leaderboard": "leaderboard",
    "Metric": "metrics",
    "Predictions": "record",
    "Record": "record",
    "ResultsError": "record",
    "Store": "store",
    "load_board": "board",
    "over_splits": "repeats",
    "write_atomically": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'results' has no attribute {name!r}")
    return getattr(import_module(f"results.{_HOMES[name]}"), name)
