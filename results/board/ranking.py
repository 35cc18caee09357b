"""Who stands where: ranks within a split, and which rows cannot be told from the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.board.row import Row, best, paired, splits_of
from results.statistics.inference import SIGNIFICANCE, holm, mcnemar
from results.statistics.metrics import METRICS, check_metric


@dataclass(frozen=True, eq=False)
class Difference:
    """A row against the best one of its split.

    Attributes
    ----------
    pair : right or wrong of the row and of the best, picture by picture.
    p : exact McNemar's.
    p_holm : p after Holm over all comparisons of the split.
    """

    row: Row
    best: Row
    pair: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    p: float
    p_holm: float

    @property
    def value(self) -> float:
        """The row's accuracy minus the best one's."""
        return self.row.scores["accuracy"] - self.best.scores["accuracy"]

    @property
    def tied(self) -> bool:
        """Whether the row cannot be told from the best one."""
        return self.p_holm >= SIGNIFICANCE


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


def ranked(rows: Sequence[Row], sort_by: str) -> list[Standing]:
    """Rows in a board's order: split by split, by rank within it, those without a score last.

    Raises
    ------
    ResultsError
        If `sort_by` is not the name of a metric.
    """
    check_metric(sort_by)
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
    pairs = [(row, paired(row, top)) for row in rows if row.record.ok and row is not top]
    known = [(row, pair) for row, pair in pairs if pair is not None]
    p_values = [mcnemar(*pair) for _, pair in known]
    compared = [
        Difference(row, top, pair, p, float(adjusted))
        for (row, pair), p, adjusted in zip(known, p_values, holm(p_values), strict=True)
    ]
    return [Difference(top, top, (top.correct, top.correct), 1.0, 1.0), *compared]
