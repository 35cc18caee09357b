"""How sure every number of a split is: intervals of scores, of differences and of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from results.board.ranking import Difference
from results.board.row import Row, same_order
from results.records.predictions import Predictions
from results.statistics.bootstrap import RESAMPLED, probabilities_best, rank_intervals, resample
from results.statistics.inference import difference_interval, interval_around

_Interval = tuple[float, float]


@dataclass(frozen=True)
class Uncertainty:
    """How sure the numbers of one row are, at 95 %.

    Attributes
    ----------
    intervals : metric to (low, high), NaN where the metric is undefined.
    difference : interval of the row's accuracy minus the best one's.
    rank : by accuracy, whatever a board is sorted by.
    ranks : interval of the rank.
    probability_best : the share of resampled test sets on which the row is the best.
    """

    intervals: dict[str, _Interval]
    difference: _Interval
    rank: int
    ranks: tuple[int, int]
    probability_best: float


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
    best = probabilities_best(resamples.accuracies)
    return [
        Uncertainty(
            intervals=_intervals(row, {m: float(resamples.errors[m][k]) for m in RESAMPLED}),
            difference=(0.0, 0.0) if row is one.best else difference_interval(*one.pair),
            rank=1 + sum(other > row.scores["accuracy"] for other in accuracies),
            ranks=ranks[k],
            probability_best=float(best[k]),
        )
        for k, (row, one) in enumerate(zip(rows, differences, strict=True))
    ]


def _intervals(row: Row, errors: dict[str, float]) -> dict[str, _Interval]:
    assert row.interval is not None, "a row that is compared has pictures"
    resampled = {m: interval_around(row.scores[m], error, row.n) for m, error in errors.items()}
    return {"accuracy": row.interval, **resampled}


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
