"""What became of each row from one board to another."""

from __future__ import annotations

from dataclasses import dataclass

from results.comparison.sides import Side
from results.errors import ResultsError

# How a change was tested.
PAIRED, UNPAIRED, OVER_SEEDS = "paired", "unpaired", "seeds"

VERDICTS = (
    "better",
    "worse",
    "same",
    "within chance",
    "not tested",
    "failed",
    "gone",
    "recovered",
    "new",
    "no score",
)

_REGRESSIONS = ("worse", "failed", "gone")


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one row from the first board to the other.

    Attributes
    ----------
    first, other : the row on either board, or several seeds of the model together.
    verdict : one of `VERDICTS`.
    difference : the other's accuracy minus the first's.
    basis : 'paired' (exact McNemar and paired bootstrap), 'seeds' (means over seeds, on the same
        pictures), 'unpaired' (Fisher's exact test and Newcombe's interval) or '' for no test.
    low, high : the difference's 95 % interval.
    p : corrected (Holm) for all tests of the two boards.
    """

    model: str
    training: str
    split: str
    first: Side | None
    other: Side | None
    verdict: str
    difference: float | None = None
    basis: str = ""
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def sides(self) -> list[Side]:
        """Those of the two that there are."""
        return [side for side in (self.first, self.other) if side]


@dataclass(frozen=True, eq=False)
class BoardPair:
    """Two boards, every row of either once.

    Attributes
    ----------
    first, other : the boards' names.
    reasons : split to why its rows are not tested.
    """

    first: str
    other: str
    changes: tuple[Change, ...]
    reasons: dict[str, str]

    @property
    def untested(self) -> tuple[str, ...]:
        """The splits that both boards have and that cannot be tested, or all if they share none."""
        shared = [
            split
            for split in self.reasons
            if all(
                any(getattr(change, side) for change in self.changes if change.split == split)
                for side in ("first", "other")
            )
        ]
        tested = any(change.split not in self.reasons for change in self.changes)
        return tuple(shared if shared or tested else self.reasons)

    @property
    def regressions(self) -> tuple[Change, ...]:
        """Rows that are worse by more than chance, that failed, or that are gone.

        Raises
        ------
        ResultsError
            If a split that both boards have cannot be tested, or they share none.
        """
        if self.untested or not self.changes:
            why = "; ".join(dict.fromkeys(self.reasons[split] for split in self.untested))
            where = f" on {', '.join(self.untested)}" if self.untested else ""
            raise ResultsError(
                f"{self.other} cannot be checked for regressions against {self.first}{where}: "
                f"{why or 'they have no rows'}"
            )
        return tuple(change for change in self.changes if change.verdict in _REGRESSIONS)
