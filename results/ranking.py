"""Who stands where: ranks within a split, and which rows cannot be told from the best."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from results.differences import Difference, differences
from results.metrics import METRICS
from results.record import ResultsError
from results.row import Row, splits_of


@dataclass(frozen=True, eq=False)
class Standing:
    """A row with its rank (None if unranked) and its difference to the most accurate one.

    The difference is None for a row that is not ok or is about other pictures than the best one.
    """

    row: Row
    rank: int | None
    difference: Difference | None = None

    @property
    def tied(self) -> bool | None:
        """Whether the row cannot be told from the most accurate one, None if that is unknown."""
        return self.difference.tied if self.difference else None


def standings(rows: Sequence[Row], sort_by: str) -> list[Standing]:
    """Rows in a board's order: split by split, by rank within it, those without a score last.

    Raises ResultsError if `sort_by` is not the name of a metric.
    """
    check_metric(sort_by)
    return [
        standing
        for split in splits_of(rows)
        for standing in _within([row for row in rows if row.split == split], sort_by)
    ]


def check_metric(name: str) -> None:
    """Raise ResultsError, with a suggestion, unless a metric has this name."""
    if name in METRICS:
        return
    close = difflib.get_close_matches(name, METRICS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(METRICS)}"
    raise ResultsError(f"no metric {name!r} to sort by; {hint}")


def _within(rows: Sequence[Row], sort_by: str) -> list[Standing]:
    """The standings of one split. Equal scores share the better rank, and the next is skipped."""
    sign = -1.0 if METRICS[sort_by].direction == "higher" else 1.0
    to_best = {id(found.row): found for found in differences(rows)}

    def place(row: Row) -> tuple[bool, float, str, int, str]:
        value = row.scores.get(sort_by, math.nan)
        merit = math.inf if math.isnan(value) else sign * value
        return not row.record.ok, merit, row.record.model, row.record.seed, row.record.device

    merits = sorted(place(row)[1] for row in rows if row.record.ok)
    found = []
    for row in sorted(rows, key=place):
        merit = place(row)[1]
        rank = merits.index(merit) + 1 if row.record.ok and merit < math.inf else None
        found.append(Standing(row, rank, to_best.get(id(row))))
    return found
