"""A row of a leaderboard: one trial on one split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from results.records.predictions import Predictions
from results.records.record import Record
from results.statistics.inference import wilson
from results.statistics.metrics import scores_of

# Splits that come before the others on a board.
_FIRST = ("val", "test")


@dataclass(frozen=True, eq=False)
class Row:
    """One trial on one split of n pictures.

    Attributes
    ----------
    predictions : what it answered about each; None for a trial that is not ok.
    scores : metric to value; empty for a trial that is not ok.
    faults : what went wrong with metrics of plugins, by name.
    """

    record: Record
    split: str
    n: int
    predictions: Predictions | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> Sequence[str]:
        """The names of the n pictures; none for a trial that is not ok."""
        return self.predictions.ids if self.predictions else ()

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each of the n pictures was classified correctly; empty for one that is not ok."""
        return self.predictions.correct if self.predictions else np.zeros(0, dtype=bool)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the accuracy; None if there is none."""
        return wilson(int(self.correct.sum()), self.n) if self.record.ok and self.n else None

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
        Row(record, split, n, own, *scores_of(own, len(record.classes)))
        for split, n in record.splits.items()
        for own in (predictions[split],)
    ]


def split_place(split: str) -> int:
    """Where a split comes on a board: val, test, then the others."""
    return _FIRST.index(split) if split in _FIRST else len(_FIRST)


def splits_of(rows: Iterable[Row]) -> list[str]:
    """The splits of rows in a board's order."""
    return sorted(dict.fromkeys(row.split for row in rows), key=split_place)


def best(rows: Iterable[Row], family: str = "") -> Row | None:
    """The most accurate ok row, of a family if one is named; None if there is none.

    Of equals it is the quickest, then the first by name.
    """

    def merit(row: Row) -> tuple[float, float, str, int]:
        quick = float("inf") if row.total_seconds is None else row.total_seconds
        return -row.scores["accuracy"], quick, row.record.model, row.record.seed

    mine = (r for r in rows if r.record.ok and r.n and family in ("", r.record.family))
    return min(mine, key=merit, default=None)


def commonest_share(rows: Iterable[Row]) -> float | None:
    """The accuracy of always naming a split's commonest class; None if its labels are unknown."""
    for row in rows:
        if row.predictions is not None and row.n:
            return float(np.bincount(row.predictions.labels).max() / row.n)
    return None


def paired(*rows: Row) -> NDArray[np.bool_] | None:
    """Right or wrong of rows by picture, bool (rows, n); None if the pictures are not the same."""
    orders = [same_order(rows[0], row) for row in rows]
    if any(order is None for order in orders):
        return None
    return np.stack([row.correct[o] for row, o in zip(rows, orders, strict=True)])


def same_order(a: Row, b: Row) -> NDArray[np.intp] | None:
    """Where each picture of a is in b, int (n,); None if their pictures are not the same."""
    if a.ids == b.ids:
        return np.arange(len(b.ids))
    order_a, order_b = np.argsort(a.ids, kind="stable"), np.argsort(b.ids, kind="stable")
    if not np.array_equal(np.asarray(a.ids)[order_a], np.asarray(b.ids)[order_b]):
        return None
    places = np.empty_like(order_b)
    places[order_a] = order_b
    return places


def several_seeds(rows: Sequence[Row]) -> list[list[Row]]:
    """The ok rows of one model, training, device and split where there is more than one seed."""
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        record = row.record
        if record.ok and row.n:
            key = (row.split, record.model, record.training, record.device)
            groups.setdefault(key, []).append(row)
    return [group for group in groups.values() if len(group) > 1]
