"""The sides of a comparison: what one board says of a row, or of several seeds together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from results.board.row import Row


@dataclass(frozen=True, eq=False)
class Side:
    """A row as one board has it. What is not known is None.

    Attributes
    ----------
    seconds : features, fit and prediction.
    row : what its record and predictions say, None where only a table is there.
    parts : the rows that it is the mean of, for a model's seeds together (see `over_seeds`).
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
        machines = {row.record.machine.name if row else "" for row in self.rows}
        return machines.pop() if len(machines) == 1 else ""


def over_seeds(sides: Sequence[Side]) -> Side:
    """The seeds of one model, split and device together: the mean of those that have a score.

    A single row is itself.
    """
    if len(sides) == 1:
        return sides[0]
    scored = [side for side in sides if side.ok] or sides
    sizes = {side.n for side in sides}
    return replace(
        scored[0],
        seed=None,
        n=sizes.pop() if len(sizes) == 1 else None,
        accuracy=_mean([side.accuracy for side in scored]),
        seconds=_mean([side.seconds for side in scored]),
        row=None,
        parts=tuple(sides),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None
