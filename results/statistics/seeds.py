"""Several seeds of one model: what the seed changes, and what other test pictures would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from results.statistics.inference import interval_around

_LEAST_P = 1e-12

# A variance and its degrees of freedom.
_Source = tuple[float, int]


@dataclass(frozen=True)
class Seeds:
    """The accuracy of a model over its seeds, all asked about the same pictures.

    All but the mean is NaN where there is one seed.

    Attributes
    ----------
    mean, sd : over the seeds (sd with seeds - 1).
    seed_error, test_error : standard errors of the mean, as an estimate of what other seeds and
        other pictures of the kind would give.
    low, high : the 95 % interval that counts both.
    """

    mean: float
    sd: float
    seed_error: float
    test_error: float
    low: float
    high: float


@dataclass(frozen=True)
class _Apart:
    """How far two models are apart, and how sure that is.

    Attributes
    ----------
    difference : of the mean accuracies.
    centre : the same with half pictures added, which the interval is around.
    sources : what makes the centre's variance.
    """

    difference: float
    centre: float
    sources: tuple[_Source, ...]

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval."""
        return max(self.centre - _half(0.05, self.sources), -1.0)

    @property
    def high(self) -> float:
        """The upper end."""
        return min(self.centre + _half(0.05, self.sources), 1.0)

    @property
    def p(self) -> float:
        """The two-sided p that there is no difference: that whose interval just reaches zero."""
        from scipy.optimize import brentq

        if _half(_LEAST_P, self.sources) <= abs(self.centre):
            return _LEAST_P
        excess = partial(_excess, distance=abs(self.centre), sources=self.sources)
        return float(brentq(excess, _LEAST_P, 1.0))


def seeds_of(correct: NDArray[np.bool_]) -> Seeds:
    """What seeds and pictures add to the uncertainty of a mean accuracy.

    Both are random: seed_error is that of a mean of s values, one per seed, test_error that of n
    values, one per picture. The interval is Wilson's, as wide as the two together, each with
    Student's quantile of its own (Howe 1974). The luck of a single answer is in both errors, so it
    errs on the safe side.

    Parameters
    ----------
    correct : bool (s, n), whether each of s seeds is right on each of n pictures.
    """
    s, n = correct.shape
    mean = float(correct.mean())
    if s < 2 or n < 2:
        nan = float("nan")
        return Seeds(mean, nan, nan, nan, nan, nan)
    seed = spread(correct.mean(axis=1)) ** 2 / s
    test = float(correct.mean(axis=0).var(ddof=1)) / n
    half = _half(0.05, [(test, n - 1), (seed, s - 1)])
    low, high = interval_around(mean, half / _normal(0.05), n)
    return Seeds(
        mean=mean,
        sd=spread(correct.mean(axis=1)),
        seed_error=math.sqrt(seed),
        test_error=math.sqrt(test),
        low=low,
        high=high,
    )


def apart(difference: ArrayLike) -> _Apart:
    """Two models whose seeds go in pairs, over seeds and pictures at once.

    As `seeds_of`, but the interval is symmetric, with half a picture added for each of right/wrong
    by right/wrong as in `difference_interval`. With one seed it counts the pictures alone.

    Parameters
    ----------
    difference : float (s, n), of s seeds on n pictures: +1 where only the first model is right, -1
        where only the other is, 0 elsewhere, or a weighted mean of such tables.
    """
    table = np.asarray(difference, dtype=np.float64)
    s = len(table)
    seed = [(spread(table.mean(axis=1)) ** 2 / s, s - 1)] if s > 1 else []
    return _apart(table.mean(axis=0), seed)


def unpaired_apart(a: ArrayLike, b: ArrayLike) -> _Apart:
    """One model's seeds after and before a change, a minus b, which do not go in pairs.

    As `apart`, but the spread over seeds is one for both, so that a single seed borrows that of the
    others.

    Parameters
    ----------
    a, b : bool (s_a, n) and (s_b, n) on the same pictures, three seeds in all at least.
    """
    first, other = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    by_seed = [table.mean(axis=1) for table in (first, other)]
    freedom = sum(len(shares) - 1 for shares in by_seed)
    squares = sum((len(x) - 1) * spread(x) ** 2 for x in by_seed if len(x) > 1)
    seed = squares / freedom * sum(1 / len(shares) for shares in by_seed)
    return _apart(first.mean(axis=0) - other.mean(axis=0), [(seed, freedom)])


def _apart(by_picture: NDArray[np.float64], seed: Sequence[_Source]) -> _Apart:
    n = len(by_picture)
    centre = float(by_picture.sum()) / (n + 2)
    variance = (float((by_picture**2).sum()) + 1) / (n + 2) - centre**2
    sources = ((variance / n, n - 1), *seed)
    return _Apart(float(by_picture.mean()), centre, sources)


def _half(p: float, sources: Sequence[_Source]) -> float:
    """Half the width of the interval that leaves out p, of a sum of independent errors."""
    from scipy.special import stdtrit  # Student's quantile, without the cost of scipy.stats

    return math.sqrt(sum(float(stdtrit(freedom, p / 2)) ** 2 * v for v, freedom in sources))


def _excess(p: float, distance: float, sources: Sequence[_Source]) -> float:
    return _half(p, sources) - distance


def _normal(p: float) -> float:
    from scipy.special import ndtri

    return -float(ndtri(p / 2))


def spread(values: NDArray[np.float64]) -> float:
    """The standard deviation (with one less than their number); of equal values exactly 0."""
    return float((values - values[0]).std(ddof=1))
