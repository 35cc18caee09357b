"""What became of each row from one board to another, and what either says of it."""

from __future__ import annotations

from dataclasses import dataclass

from results.board.row import Row
from results.errors import ResultsError

# How a change was tested, and what that means.
TESTS = {
    "paired": "exact McNemar and paired bootstrap on the same pictures",
    "seeds": "means over seeds on the same pictures; the interval counts seeds and pictures both",
    "unpaired": "Fisher's exact test and Newcombe's interval, because a table does not say which "
    "pictures were right; this finds less than a paired test would",
}
PAIRED, OVER_SEEDS, UNPAIRED = TESTS
VERDICTS = (
    *("better", "worse", "same", "within chance", "not tested"),
    *("failed", "gone", "recovered", "new", "no score"),
)
_REGRESSIONS = ("worse", "failed", "gone")


@dataclass(frozen=True, eq=False)
class Side:
    """A row as one board has it. What is not known is None.

    Attributes
    ----------
    seconds : features, fit and prediction.
    row : what its record and predictions say, None where only a table is there.
    parts : the rows that it is the mean of, for a model's seeds together.
    """

    model: str
    training: str
    split: str
    device: str
    seed: int | None
    n: int | None
    accuracy: float | None
    seconds: float | None
    status: str
    row: Row | None = None
    parts: tuple[Side, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it has a score; of several seeds, whether any has."""
        return self.status == "ok" and self.accuracy is not None

    @property
    def seeds(self) -> tuple[Side, ...]:
        """Each of its seeds, which is itself where there is one."""
        return self.parts or (self,)

    @property
    def complete(self) -> bool:
        """Whether all of its seeds have a score."""
        return all(side.ok for side in self.seeds)

    @property
    def rows(self) -> list[Row | None]:
        """The rows that its accuracy is the mean of."""
        return [side.row for side in self.seeds if side.ok]

    @property
    def machine(self) -> str:
        """The hardware behind `seconds`; empty where it is not known, or of several kinds."""
        machines = {row.record.machine if row else "" for row in self.rows}
        return machines.pop() if len(machines) == 1 else ""


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
    def _untested(self) -> tuple[str, ...]:
        """The splits that both boards have and that cannot be tested, or all if they share none."""
        first = {change.split for change in self.changes if change.first}
        other = {change.split for change in self.changes if change.other}
        shared = [split for split in self.reasons if split in first & other]
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
        if self._untested or not self.changes:
            why = "; ".join(dict.fromkeys(self.reasons[split] for split in self._untested))
            where = f" on {', '.join(self._untested)}" if self._untested else ""
            raise ResultsError(
                f"{self.other} cannot be checked for regressions against {self.first}{where}: "
                f"{why or 'they have no rows'}"
            )
        return tuple(change for change in self.changes if change.verdict in _REGRESSIONS)
