"""Who stands where within a split, who cannot be told from the best, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from results.board.row import Row, best, paired, same_order, splits_of
from results.records.predictions import Predictions
from results.statistics import inference
from results.statistics.bootstrap import probabilities_best, rank_intervals, resample
from results.statistics.metrics import METRICS

_Interval = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Difference:
    """A row against the best one of its split.

    Attributes
    ----------
    pair : right or wrong of the row and of the best, picture by picture, bool (2, n).
    p : exact McNemar's.
    p_holm : p after Holm over all comparisons of the split.
    """

    row: Row
    best: Row
    pair: NDArray[np.bool_]
    p: float
    p_holm: float

    @property
    def value(self) -> float:
        """The row's accuracy minus the best one's."""
        return self.row.scores["accuracy"] - self.best.scores["accuracy"]

    @cached_property
    def interval(self) -> _Interval:
        """The 95 % interval of the value."""
        return (0.0, 0.0) if self.row is self.best else inference.difference_interval(*self.pair)

    @property
    def tied(self) -> bool:
        """Whether the row cannot be told from the best one."""
        return self.p_holm >= inference.SIGNIFICANCE


@dataclass(frozen=True, eq=False)
class Standing:
    """A row where it stands.

    Attributes
    ----------
    rank : None if unranked.
    difference : to the most accurate row; None for a row that is not ok or is about other pictures
        than the best one.
    """

    row: Row
    rank: int | None
    difference: Difference | None = None

    @property
    def tied(self) -> bool | None:
        """Whether the row cannot be told from the most accurate one, None if that is unknown."""
        return self.difference.tied if self.difference else None

    @property
    def tied_text(self) -> str:
        """The same for a table: 'tied', 'no' or nothing."""
        return {True: "tied", False: "no", None: ""}[self.tied]


@dataclass(frozen=True)
class Uncertainty:
    """How sure the numbers of one row are, at 95 %.

    Attributes
    ----------
    difference : of the row to the best one.
    intervals : metric to (low, high), NaN where the metric is undefined.
    rank : by accuracy, whatever a board is sorted by.
    ranks : interval of the rank.
    probability_best : the share of resampled test sets on which the row is the best.
    """

    difference: Difference
    intervals: dict[str, _Interval]
    rank: int
    ranks: tuple[int, int]
    probability_best: float


def ranked(rows: Sequence[Row], sort_by: str) -> list[Standing]:
    """Rows in a board's order: split by split, by rank within it, those without a score last."""
    return [
        standing
        for split in splits_of(rows)
        for standing in _within([row for row in rows if row.split == split], sort_by)
    ]


def _within(rows: Sequence[Row], sort_by: str) -> list[Standing]:
    """The standings of one split. Equal scores share the better rank, and the next is skipped."""
    sign = -1.0 if METRICS[sort_by].direction == "higher" else 1.0
    to_best = {difference.row: difference for difference in differences(rows)}

    def place(row: Row) -> tuple[bool, float, str, int, str]:
        value = row.scores.get(sort_by, math.nan)
        merit = math.inf if math.isnan(value) else sign * value
        return not row.record.ok, merit, row.record.model, row.record.seed, row.record.device

    merits = sorted(place(row)[1] for row in rows if row.record.ok)
    standings = []
    for row in sorted(rows, key=place):
        merit = place(row)[1]
        rank = merits.index(merit) + 1 if row.record.ok and merit < math.inf else None
        standings.append(Standing(row, rank, to_best.get(row)))
    return standings


def differences(rows: Sequence[Row]) -> list[Difference]:
    """Rows of one split against the most accurate of them, which comes first, against itself.

    It is about accuracy, whatever a board is sorted by. Rows that are not ok, or are about other
    pictures than the best one, are left out.
    """
    top = best(rows)
    if top is None:
        return []
    others = [row for row in rows if row.record.ok and row is not top]
    known = [(row, pair) for row in others if (pair := paired(row, top)) is not None]
    p_values = [inference.mcnemar(*pair) for _, pair in known]
    numbers = zip(known, p_values, inference.holm(p_values), strict=True)
    itself = Difference(top, top, np.stack([top.correct, top.correct]), 1.0, 1.0)
    return [itself, *(Difference(row, top, pair, p, float(q)) for (row, pair), p, q in numbers)]


def uncertainties(differences: Sequence[Difference]) -> list[Uncertainty]:
    """The uncertainty of each row of one split that is compared with the split's best one.

    All rows are resampled on the same pictures. The same records give the same numbers.
    """
    if not differences:
        return []
    rows = [difference.row for difference in differences]
    answers = [_in_order_of(rows[0], row) for row in rows]
    resamples = resample(answers, len(rows[0].record.classes))
    accuracies = [row.scores["accuracy"] for row in rows]
    ranks = rank_intervals(accuracies, resamples.accuracies)
    chances = probabilities_best(resamples.accuracies)
    return [
        Uncertainty(
            difference=one,
            intervals=_intervals(one.row, {m: float(e[k]) for m, e in resamples.errors.items()}),
            rank=1 + sum(other > accuracies[k] for other in accuracies),
            ranks=ranks[k],
            probability_best=float(chances[k]),
        )
        for k, one in enumerate(differences)
    ]


def _intervals(row: Row, errors: dict[str, float]) -> dict[str, _Interval]:
    assert row.interval is not None, "a row that is compared has pictures"
    intervals = {"accuracy": row.interval}
    for metric, error in errors.items():
        intervals[metric] = inference.interval_around(row.scores[metric], error, row.n)
    return intervals


def _in_order_of(first: Row, row: Row) -> Predictions:
    given, order = row.predictions, same_order(first, row)
    assert given is not None, "a row that is compared has predictions"
    if given.ids == first.ids:
        return given
    return replace(
        given,
        ids=list(first.ids),
        labels=given.labels[order],
        predicted=given.predicted[order],
        scores=None if given.scores is None else given.scores[order],
    )
