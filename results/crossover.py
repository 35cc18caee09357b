"""The crossover: from how many training pictures on the best deep model beats the classical one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from results import numerals


@dataclass(frozen=True)
class Crossover:
    """Where deep overtakes classical, in training pictures.

    at: where the difference of the mean accuracies becomes positive for good, interpolated in the
    logarithm of the size; -inf if it is positive at each size tried, inf if it is not at the
    largest. low, high: the 95 % interval of that, with the same meaning of the infinities.
    deep, classical: the best model of each family at the largest size; difference: deep minus
    classical there, and its 95 % interval.
    """

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
        """What can be said of it, and no more."""
        least, most = f"{self.sizes[0]:,}", f"{self.sizes[-1]:,}"
        if self.at == -math.inf:
            first = f"Deep is ahead at every size tried, from {least} training pictures on"
            if self.high == math.inf:
                first += f"; that it still is with {most} is not beyond chance"
            elif self.high > -math.inf:
                first += f" (95 % interval of where it overtakes: {self._interval()})"
        elif self.at == math.inf:
            first = f"Deep does not overtake classical within the sizes tried, {least} to {most}"
            if self.low < math.inf:
                first += ", but chance may hide that it does"
        else:
            first = (
                f"Deep overtakes classical at about {_pictures(self.at)} training pictures "
                f"(95 % interval {self._interval()})"
            )
        return [f"{first}.", self._at_the_largest()]

    def _interval(self) -> str:
        low = f"below {self.sizes[0]:,}" if self.low == -math.inf else _pictures(self.low)
        high = f"beyond {self.sizes[-1]:,}" if self.high == math.inf else _pictures(self.high)
        return f"{low} to {high}"

    def _at_the_largest(self) -> str:
        within = self.difference_low <= 0 <= self.difference_high
        verdict = "which is within chance" if within else "which is more than chance"
        side = "ahead of" if self.difference > 0 else "behind"
        ends = numerals.points(self.difference_low), numerals.points(self.difference_high)
        return (
            f"With {self.sizes[-1]:,} training pictures {self.deep} is "
            f"{100 * abs(self.difference):.1f} points {side} {self.classical} (95 % interval of "
            f"the difference {ends[0]} to {ends[1]}), {verdict}."
        )


def crossover(
    sizes: Sequence[int],
    deep: str,
    classical: str,
    difference: ArrayLike,
    resampled: ArrayLike,
) -> Crossover:
    """The crossover of two curves.

    sizes: (k,) ascending; deep, classical: the models at the largest; difference: (k,) deep minus
    classical accuracy; resampled: (k, resamples), the same difference in each resample.
    """
    observed = np.asarray(difference, dtype=np.float64)
    draws = np.asarray(resampled, dtype=np.float64)
    crossings = np.sort([crossing(sizes, column) for column in draws.T])
    low, high = (crossings[round(share * (len(crossings) - 1))] for share in (0.025, 0.975))
    ends = np.quantile(draws[-1], [0.025, 0.975])
    return Crossover(
        sizes=tuple(sizes),
        at=crossing(sizes, observed),
        low=float(low),
        high=float(high),
        deep=deep,
        classical=classical,
        difference=float(observed[-1]),
        difference_low=float(ends[0]),
        difference_high=float(ends[1]),
    )


def crossing(sizes: Sequence[int], difference: NDArray[np.float64]) -> float:
    """Where a difference becomes positive for good; see `Crossover.at`."""
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
