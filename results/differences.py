"""Every row of a split against its most accurate one, on the same pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.row import Row, best, paired
from results.statistics import SIGNIFICANCE, holm, mcnemar

Pair = tuple[NDArray[np.bool_], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Difference:
    """A row against the best one of its split.

    pair: right or wrong of the row and of the best, picture by picture; p: exact McNemar's; p_holm:
    p after Holm over all comparisons of the split.
    """

    row: Row
    best: Row
    pair: Pair
    p: float
    p_holm: float

    @property
    def tied(self) -> bool:
        """Whether the row cannot be told from the best one."""
        return self.p_holm >= SIGNIFICANCE


def differences(rows: Sequence[Row]) -> list[Difference]:
    """Rows of one split against the most accurate of them, which comes first, against itself.

    It is about accuracy, whatever a board is sorted by. Rows that are not ok, or are about other
    pictures than the best one, are left out.
    """
    top = best(rows)
    if top is None:
        return []
    pairs = [(row, paired(row, top)) for row in rows if row.record.ok and row is not top]
    found = [(row, pair) for row, pair in pairs if pair is not None]
    p_values = [mcnemar(*pair) for _, pair in found]
    compared = [
        Difference(row, top, pair, p, float(adjusted))
        for (row, pair), p, adjusted in zip(found, p_values, holm(p_values), strict=True)
    ]
    return [Difference(top, top, (top.correct, top.correct), 1.0, 1.0), *compared]
