"""What a board knows beyond leaderboard.csv, as tables: how sure, class by class, over seeds.

Each function takes rows and gives records for a table: a dict for each line, in a board's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from results.calibration import reliability
from results.classes import class_scores
from results.differences import Difference
from results.metrics import METRICS
from results.row import Row
from results.seeds import Seeds, seeds_of_rows, several_seeds, spread
from results.statistics import pictures_needed
from results.uncertainty import Uncertainty

if TYPE_CHECKING:
    import pandas as pd

_ROW = ("split", "model", "training", "device", "seed")
DIFFERENCES = (
    *(*_ROW, "best", "accuracy", "difference", "low", "high", "only_row", "only_best", "p"),
    *("p_holm", "tied", "rank", "rank_low", "rank_high", "probability_best", "pictures_needed"),
)
INTERVALS = (*_ROW, "metric", "value", "low", "high")
CLASSES = (*_ROW, "class", "precision", "recall", "f1", "support")
RELIABILITY = (*_ROW, "low", "high", "n", "confidence", "accuracy")
SEEDS = (
    *("split", "model", "training", "device", "seeds", "metric", "mean", "sd"),
    *("seed_error", "test_error", "low", "high"),
)

Line = dict[str, Any]
Compared = Sequence[tuple[Difference, Uncertainty]]


def table(lines: Iterable[Line], columns: Sequence[str]) -> pd.DataFrame:
    """Lines as a table of these columns; a value that a line lacks is empty."""
    import pandas as pd

    found = pd.DataFrame(list(lines), columns=list(columns))
    return found.astype({"pictures_needed": "Int64"}) if "pictures_needed" in found else found


def named(row: Row) -> Line:
    """What tells a row from the others of its board."""
    record = row.record
    return {
        "split": row.split,
        "model": record.model,
        "training": record.training,
        "device": record.device,
        "seed": record.seed,
    }


def difference_lines(compared: Compared) -> Iterator[Line]:
    """A line per row: its accuracy against the best of its split, and its rank by accuracy."""
    for found, sure in compared:
        mine, best = found.pair
        yield {
            **named(found.row),
            "best": found.best.record.model,
            "accuracy": found.row.scores["accuracy"],
            "difference": found.row.scores["accuracy"] - found.best.scores["accuracy"],
            "low": sure.difference[0],
            "high": sure.difference[1],
            "only_row": int((mine & ~best).sum()),
            "only_best": int((best & ~mine).sum()),
            "p": found.p,
            "p_holm": found.p_holm,
            "tied": found.tied,
            "rank": sure.rank,
            "rank_low": sure.ranks[0],
            "rank_high": sure.ranks[1],
            "probability_best": sure.probability_best,
            "pictures_needed": pictures_needed(mine, best),
        }


def interval_lines(compared: Compared) -> Iterator[Line]:
    """A line per row and metric that has an interval: value, low, high."""
    for found, sure in compared:
        for metric, (low, high) in sure.intervals.items():
            value = found.row.scores[metric]
            yield {**named(found.row), "metric": metric, "value": value, "low": low, "high": high}


def class_lines(rows: Sequence[Row]) -> Iterator[Line]:
    """A line per ok row and class: precision, recall, f1, support."""
    for row in rows:
        if row.predictions is not None:
            classes = row.record.classes
            scores = class_scores(row.predictions, len(classes))
            for name, score in zip(classes, scores, strict=True):
                yield {**named(row), "class": name, **vars(score)}


def reliability_lines(rows: Sequence[Row]) -> Iterator[Line]:
    """A line per row with probabilities and bin that is not empty: the reliability curve."""
    for row in rows:
        curve = reliability(row.predictions) if row.predictions is not None else None
        if curve is not None:
            for k in np.flatnonzero(curve.n):
                yield {
                    **named(row),
                    "low": curve.edges[k],
                    "high": curve.edges[k + 1],
                    "n": curve.n[k],
                    "confidence": curve.confidence[k],
                    "accuracy": curve.accuracy[k],
                }


def seed_lines(rows: Sequence[Row]) -> Iterator[Line]:
    """A line per model with several seeds and metric: mean and sd over the seeds.

    Accuracy has the errors that seeds and pictures account for, and an interval for both.
    """
    for group in several_seeds(rows):
        who = {key: value for key, value in named(group[0]).items() if key != "seed"}
        whole = seeds_of_rows(group)
        for metric in METRICS:
            values = np.array([row.scores[metric] for row in group])
            line = {**who, "seeds": len(group), "metric": metric, "mean": values.mean()}
            line["sd"] = spread(values)
            yield line | (_errors(whole) if metric == "accuracy" and whole else {})


def _errors(whole: Seeds) -> Line:
    return {name: getattr(whole, name) for name in ("seed_error", "test_error", "low", "high")}
