"""A row of a leaderboard: one trial on one split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from results.metrics import score
from results.record import Predictions, Record

_FIRST = ("val", "test")


@dataclass(frozen=True, eq=False)
class Row:
    """One trial on one split of n pictures.

    predictions: what it answered about each; scores: metric -> value. None and empty for a trial
    that is not ok.
    """

    record: Record
    split: str
    n: int
    predictions: Predictions | None = None
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def ids(self) -> Sequence[str]:
        """The names of the n pictures; none for a trial that is not ok."""
        return self.predictions.ids if self.predictions else ()

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each of the n pictures was classified correctly; empty for one that is not ok."""
        return self.predictions.correct if self.predictions else np.zeros(0, dtype=bool)

    @property
    def predict_seconds(self) -> float | None:
        """The time to predict this split."""
        return self.record.predict_seconds.get(self.split)

    @property
    def total_seconds(self) -> float | None:
        """Features, fit and the prediction of this split; None if either of the last is unknown."""
        if self.record.fit_seconds is None or self.predict_seconds is None:
            return None
        return self.record.fit_seconds + self.predict_seconds + (self.record.feature_seconds or 0.0)


def rows_of(record: Record, predictions: Mapping[str, Predictions]) -> list[Row]:
    """The rows of one trial: one for each split of its record, scored if the trial is ok."""
    if not record.ok:
        return [Row(record, split, n) for split, n in record.splits.items()]
    return [
        Row(
            record,
            split,
            n,
            predictions=predictions[split],
            scores=score(predictions[split], len(record.classes)),
        )
        for split, n in record.splits.items()
    ]


def splits_of(rows: Iterable[Row]) -> list[str]:
    """The splits of rows in a board's order: val, test, then the others as they come."""
    seen = dict.fromkeys(row.split for row in rows)
    return sorted(seen, key=lambda split: _FIRST.index(split) if split in _FIRST else len(_FIRST))


def best(rows: Iterable[Row]) -> Row | None:
    """The most accurate ok row; of equals the quickest, then the first by name; None if none."""

    def merit(row: Row) -> tuple[float, float, str, int]:
        quick = float("inf") if row.total_seconds is None else row.total_seconds
        return -row.scores["accuracy"], quick, row.record.model, row.record.seed

    return min((row for row in rows if row.record.ok and row.n), key=merit, default=None)


def paired(a: Row, b: Row) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Right or wrong of two rows, picture by picture; None if their pictures are not the same."""
    order = same_order(a, b)
    return None if order is None else (a.correct, b.correct[order])


def same_order(a: Row, b: Row) -> NDArray[np.intp] | None:
    """Where each picture of a is in b, int (n,); None if their pictures are not the same."""
    if a.ids == b.ids:
        return np.arange(len(b.ids))
    order_a, order_b = np.argsort(a.ids, kind="stable"), np.argsort(b.ids, kind="stable")
    if not np.array_equal(np.asarray(a.ids)[order_a], np.asarray(b.ids)[order_b]):
        return None
    found = np.empty_like(order_b)
    found[order_a] = order_b
    return found
