"""What a board knows beyond leaderboard.csv, as tables: how sure, class by class, over seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from results.board.ranking import Uncertainty
from results.board.row import Row, paired, several_seeds
from results.statistics.calibration import reliability
from results.statistics.classes import class_scores
from results.statistics.inference import pictures_needed
from results.statistics.seeds import seeds_of, spread

if TYPE_CHECKING:
    import pandas as pd

# What a row's difference to the best of its split says: the column, and its value.
_OF_A_DIFFERENCE: dict[str, Callable[[Uncertainty], Any]] = {
    "best": lambda sure: sure.difference.best.record.model,
    "accuracy": lambda sure: sure.difference.row.scores["accuracy"],
    "difference": lambda sure: sure.difference.value,
    "low": lambda sure: sure.difference.interval[0],
    "high": lambda sure: sure.difference.interval[1],
    "only_row": lambda sure: int((sure.difference.pair[0] & ~sure.difference.pair[1]).sum()),
    "only_best": lambda sure: int((sure.difference.pair[1] & ~sure.difference.pair[0]).sum()),
    "p": lambda sure: sure.difference.p,
    "p_holm": lambda sure: sure.difference.p_holm,
    "tied": lambda sure: sure.difference.tied,
    "rank": lambda sure: sure.rank,
    "rank_low": lambda sure: sure.ranks[0],
    "rank_high": lambda sure: sure.ranks[1],
    "probability_best": lambda sure: sure.probability_best,
    "pictures_needed": lambda sure: pictures_needed(*sure.difference.pair),
}
_ROW = ("split", "model", "training", "device", "seed")
DIFFERENCES = (*_ROW, *_OF_A_DIFFERENCE)
INTERVALS = (*_ROW, "metric", "value", "low", "high")
CLASSES = (*_ROW, "class", "precision", "recall", "f1", "support")
RELIABILITY = (*_ROW, "low", "high", "n", "confidence", "accuracy")
SEEDS = (*_ROW[:-1], "seeds", "metric", "mean", "sd", "seed_error", "test_error", "low", "high")


def difference_table(uncertainties: Iterable[Uncertainty]) -> pd.DataFrame:
    """A line per row: its accuracy against the best of its split, and its rank by accuracy."""
    lines = [
        (*_identity(sure.difference.row), *(cell(sure) for cell in _OF_A_DIFFERENCE.values()))
        for sure in uncertainties
    ]
    return _frame(lines, DIFFERENCES).astype({"pictures_needed": "Int64"})


def interval_table(uncertainties: Iterable[Uncertainty]) -> pd.DataFrame:
    """A line per row and metric that has an interval: value, low, high."""
    lines = [
        (*_identity(sure.difference.row), metric, sure.difference.row.scores[metric], *ends)
        for sure in uncertainties
        for metric, ends in sure.intervals.items()
    ]
    return _frame(lines, INTERVALS)


def class_table(rows: Iterable[Row]) -> pd.DataFrame:
    """A line per ok row and class: precision, recall, f1, support."""
    lines = []
    for row in rows:
        if row.predictions is not None:
            classes = row.record.classes
            scores = class_scores(row.predictions, len(classes))
            named = zip(classes, scores, strict=True)
            lines += [(*_identity(row), name, *score) for name, score in named]
    return _frame(lines, CLASSES)


def reliability_table(rows: Iterable[Row]) -> pd.DataFrame:
    """A line per row with probabilities and bin that is not empty: the reliability curve."""
    lines = []
    for row in rows:
        curve = reliability(row.predictions) if row.predictions is not None else None
        if curve is not None:
            for k in np.flatnonzero(curve.n):
                ends, means = curve.edges[k : k + 2], (curve.confidence[k], curve.accuracy[k])
                lines.append((*_identity(row), *ends, curve.n[k], *means))
    return _frame(lines, RELIABILITY)


def seed_table(rows: Sequence[Row]) -> pd.DataFrame:
    """A line per model with several seeds and metric: mean and sd over the seeds.

    Accuracy has the errors that seeds and pictures account for, and an interval for both.
    """
    lines = []
    for group in several_seeds(rows):
        correct = paired(*group)
        _, _, *errors = seeds_of(correct) if correct is not None else [np.nan] * 6
        for metric in group[0].scores:
            values = np.array([row.scores[metric] for row in group])
            known = errors if metric == "accuracy" else [np.nan] * len(errors)
            identity = _identity(group[0])[:-1]
            lines.append((*identity, len(group), metric, values.mean(), spread(values), *known))
    return _frame(lines, SEEDS)


def _identity(row: Row) -> tuple[str, ...]:
    return row.split, *(getattr(row.record, name) for name in _ROW[1:])


def _frame(lines: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(lines, columns=list(columns))
