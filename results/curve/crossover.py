"""The crossover: from how many training pictures on the best deep model beats the classical one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from results import numerals
from results.statistics.seeds import apart

# Between two sizes.
_STEPS = 32


@dataclass(frozen=True)
class _Crossover:
    """Where deep overtakes classical, in training pictures; see `crossover`."""

    sizes: tuple[int, ...]
    at: float
    low: float
    high: float
    deep: str
    classical: str
    difference: float
    difference_low: float
    difference_high: float

    @property
    def sentences(self) -> list[str]:
        if self.at == -math.inf:
            first = self._always_ahead()
        elif self.at == math.inf:
            first = self._never_ahead()
        else:
            first = (
                f"Deep overtakes classical at about {_pictures(self.at)} training pictures "
                f"(95 % interval {self._interval()})"
            )
        return [f"{first}.", self._at_the_largest()]

    def _always_ahead(self) -> str:
        least, most = f"{self.sizes[0]:,}", f"{self.sizes[-1]:,}"
        if len(self.sizes) == 1:
            return f"Deep is ahead with {most} training pictures, the only size tried"
        sentence = f"Deep is ahead at every size tried, from {least} training pictures on"
        if self.high == math.inf:
            return f"{sentence}; that it still is with {most} is not beyond chance"
        if self.high > -math.inf:
            return f"{sentence} (95 % interval of where it overtakes: {self._interval()})"
        return sentence

    def _never_ahead(self) -> str:
        least, most = f"{self.sizes[0]:,}", f"{self.sizes[-1]:,}"
        if len(self.sizes) == 1:
            return f"Deep is not ahead with {most} training pictures, the only size tried"
        hidden = ", but chance may hide that it does" if self.low < math.inf else ""
        return f"Deep does not overtake classical within the sizes tried, {least} to {most}{hidden}"

    def _interval(self) -> str:
        low = f"below {self.sizes[0]:,}" if self.low == -math.inf else _pictures(self.low)
        high = f"beyond {self.sizes[-1]:,}" if self.high == math.inf else _pictures(self.high)
        return f"{low} to {high}"

    def _at_the_largest(self) -> str:
        ends = numerals.points(self.difference_low), numerals.points(self.difference_high)
        within = self.difference_low <= 0 <= self.difference_high
        verdict = "which is within chance" if within else "which is more than chance"
        return (
            f"With {self.sizes[-1]:,} training pictures {self.deep} is {self._beside()} "
            f"{self.classical} (95 % interval of the difference {ends[0]} to {ends[1]})"
            f"{f', {verdict}' if self.difference else ''}."
        )

    def _beside(self) -> str:
        if self.difference == 0:
            return "exactly as accurate as"
        points = f"{100 * abs(self.difference):.1f}"
        side = "ahead of" if self.difference > 0 else "behind"
        return f"{'less than 0.1' if points == '0.0' else points} points {side}"


def crossover(
    sizes: Sequence[int], deep: str, classical: str, differences: Sequence[ArrayLike]
) -> _Crossover:
    """The crossover of two curves.

    Between two sizes the tables are mixed as the sizes are, in the logarithm, and each mixture has
    its interval (`apart`): the crossing's is made of the sizes where that interval holds zero, as
    Fieller's is (1954).

    Parameters
    ----------
    sizes : (k,) ascending.
    deep, classical : the best model of each family at the largest.
    differences : of each size float (seeds, n), deep right minus classical right.

    Returns
    -------
    at : where the difference of the mean accuracies becomes positive for good, interpolated in the
        logarithm of the size; -inf if it is positive at each size tried, inf if it is not at the
        largest.
    low, high : its 95 % interval, from where deep is not surely behind any more to where it is
        surely ahead, with the same meaning of the infinities.
    difference, difference_low, difference_high : deep minus classical at the largest, and its 95 %
        interval.
    sentences : what can be said of all that, and no more.
    """
    tables = [np.asarray(table, dtype=np.float64) for table in differences]
    observed = np.array([table.mean() for table in tables])
    places, mixed = zip(*_between(sizes, tables), strict=True)
    intervals = [apart(table) for table in mixed]
    return _Crossover(
        sizes=tuple(sizes),
        at=crossing(sizes, observed),
        low=crossing(places, np.array([interval.high for interval in intervals])),
        high=crossing(places, np.array([interval.low for interval in intervals])),
        deep=deep,
        classical=classical,
        difference=float(observed[-1]),
        difference_low=intervals[-1].low,
        difference_high=intervals[-1].high,
    )


def _between(
    sizes: Sequence[int], tables: Sequence[NDArray[np.float64]]
) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """Sizes from the first to the last, evenly in the logarithm from one to the next."""
    for k in range(len(sizes) - 1):
        for part in np.arange(_STEPS) / _STEPS:
            place = sizes[k] * (sizes[k + 1] / sizes[k]) ** part
            yield float(place), (1 - part) * tables[k] + part * tables[k + 1]
    yield float(sizes[-1]), tables[-1]


def crossing(sizes: Sequence[float], difference: NDArray[np.float64]) -> float:
    """Where a difference becomes positive for good, as `crossover` has it."""
    if difference[-1] <= 0:
        return math.inf
    behind = np.flatnonzero(difference <= 0)
    if not len(behind):
        return -math.inf
    k = behind[-1]
    part = -difference[k] / (difference[k + 1] - difference[k])
    return float(sizes[k] * (sizes[k + 1] / sizes[k]) ** part)


def _pictures(count: float) -> str:
    return numerals.about(round(count))
