"""What a board knows beyond leaderboard.csv, as tables: how sure, class by class, over seeds.

Each function takes rows and gives records for a table: a dict for each line, in a board's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from results.board.ranking import Difference
from results.board.row import Row, seeds_of_rows, several_seeds
from results.board.uncertainty import Uncertainty
from results.statistics.calibration import reliability
from results.statistics.classes import class_scores
from results.statistics.inference import pictures_needed
from results.statistics.seeds import spread

if TYPE_CHECKING:
    import pandas as pd

_Line = dict[str, Any]

_Compared = Sequence[tuple[Difference, Uncertainty]]

# What a row's difference says: the column, and its value.
_OF_A_DIFFERENCE: dict[str, Callable[[Difference, Uncertainty], Any]] = {
    "best": lambda difference, _: difference.best.record.model,
    "accuracy": lambda difference, _: difference.row.scores["accuracy"],
    "difference": lambda difference, _: difference.value,
    "low": lambda _, uncertainty: uncertainty.difference[0],
    "high": lambda _, uncertainty: uncertainty.difference[1],
    "only_row": lambda difference, _: int((difference.pair[0] & ~difference.pair[1]).sum()),
    "only_best": lambda difference, _: int((difference.pair[1] & ~difference.pair[0]).sum()),
    "p": lambda difference, _: difference.p,
    "p_holm": lambda difference, _: difference.p_holm,
    "tied": lambda difference, _: difference.tied,
    "rank": lambda _, uncertainty: uncertainty.rank,
    "rank_low": lambda _, uncertainty: uncertainty.ranks[0],
    "rank_high": lambda _, uncertainty: uncertainty.ranks[1],
    "probability_best": lambda _, uncertainty: uncertainty.probability_best,
    "pictures_needed": lambda difference, _: pictures_needed(*difference.pair),
}

_ROW = ("split", "model", "training", "device", "seed")

DIFFERENCES = (*_ROW, *_OF_A_DIFFERENCE)

INTERVALS = (*_ROW, "metric", "value", "low", "high")

CLASSES = (*_ROW, "class", "precision", "recall", "f1", "support")

RELIABILITY = (*_ROW, "low", "high", "n", "confidence", "accuracy")

# Of what seeds change of the accuracy.
_ERRORS = ("seed_error", "test_error", "low", "high")

SEEDS = (*_ROW[:-1], "seeds", "metric", "mean", "sd", *_ERRORS)


def frame_of(lines: Iterable[_Line], columns: Sequence[str]) -> pd.DataFrame:
    """Lines as a table of these columns; a value that a line lacks is empty."""
    import pandas as pd

    frame = pd.DataFrame(list(lines), columns=list(columns))
    return frame.astype({"pictures_needed": "Int64"}) if "pictures_needed" in frame else frame


def _identity(row: Row) -> _Line:
    """What tells a row from the others of its board."""
    return {"split": row.split, **{name: getattr(row.record, name) for name in _ROW[1:]}}


def difference_lines(compared: _Compared) -> Iterator[_Line]:
    """A line per row: its accuracy against the best of its split, and its rank by accuracy."""
    for difference, uncertainty in compared:
        cells = {name: of(difference, uncertainty) for name, of in _OF_A_DIFFERENCE.items()}
        yield _identity(difference.row) | cells


def interval_lines(compared: _Compared) -> Iterator[_Line]:
    """A line per row and metric that has an interval: value, low, high."""
    for difference, uncertainty in compared:
        row = difference.row
        for metric, (low, high) in uncertainty.intervals.items():
            value = row.scores[metric]
            yield {**_identity(row), "metric": metric, "value": value, "low": low, "high": high}


def class_lines(rows: Sequence[Row]) -> Iterator[_Line]:
    """A line per ok row and class: precision, recall, f1, support."""
    for row in rows:
        if row.predictions is not None:
            classes = row.record.classes
            scores = class_scores(row.predictions, len(classes))
            for name, score in zip(classes, scores, strict=True):
                yield {**_identity(row), "class": name, **vars(score)}


def reliability_lines(rows: Sequence[Row]) -> Iterator[_Line]:
    """A line per row with probabilities and bin that is not empty: the reliability curve."""
    for row in rows:
        curve = reliability(row.predictions) if row.predictions is not None else None
        if curve is not None:
            for k in np.flatnonzero(curve.n):
                yield {
                    **_identity(row),
                    "low": curve.edges[k],
                    "high": curve.edges[k + 1],
                    "n": curve.n[k],
                    "confidence": curve.confidence[k],
                    "accuracy": curve.accuracy[k],
                }


def seed_lines(rows: Sequence[Row]) -> Iterator[_Line]:
    """A line per model with several seeds and metric: mean and sd over the seeds.

    Accuracy has the errors that seeds and pictures account for, and an interval for both.
    """
    for group in several_seeds(rows):
        seeds = seeds_of_rows(group)
        errors = {name: getattr(seeds, name) for name in _ERRORS} if seeds else {}
        for metric in group[0].scores:
            values = np.array([row.scores[metric] for row in group])
            yield {
                **_identity(group[0]),
                "seeds": len(group),
                "metric": metric,
                "mean": values.mean(),
                "sd": spread(values),
                **(errors if metric == "accuracy" else {}),
            }
