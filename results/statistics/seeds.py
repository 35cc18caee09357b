"""Several seeds of one model: what the seed changes, and what other test pictures would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from results.statistics.inference import interval_around

_LEAST_P = 1e-12

# A variance and its degrees of freedom.
_Source = tuple[float, int]


class _Seeds(NamedTuple):
    mean: float
    sd: float = math.nan
    seed_error: float = math.nan
    test_error: float = math.nan
    low: float = math.nan
    high: float = math.nan


class _Apart(NamedTuple):
    """How far two models are apart, and how sure that is."""

    difference: float
    # The same with half pictures added, which the interval is around, and what makes its variance.
    centre: float
    sources: tuple[_Source, ...]

    @property
    def low(self) -> float:
        return max(self.centre - _half(0.05, self.sources), -1.0)

    @property
    def high(self) -> float:
        return min(self.centre + _half(0.05, self.sources), 1.0)

    @property
    def p(self) -> float:
        """The two-sided p that there is no difference: that whose interval just reaches zero."""
        from scipy.optimize import brentq

        distance = abs(self.centre)
        if _half(_LEAST_P, self.sources) <= distance:
            return _LEAST_P
        return float(brentq(lambda p: _half(p, self.sources) - distance, _LEAST_P, 1.0))


def seeds_of(correct: NDArray[np.bool_]) -> _Seeds:
    """What seeds and pictures add to the uncertainty of a mean accuracy.

    Both are random. The interval is Wilson's, as wide as the two together, each with Student's
    quantile of its own (Howe 1974). The luck of a single answer is in both errors, so it errs on
    the safe side.

    Parameters
    ----------
    correct : bool (s, n), whether each of s seeds is right on each of n pictures.

    Returns
    -------
    mean, sd : of the accuracy over the seeds (sd with s - 1).
    seed_error, test_error : standard errors of the mean, as of s values, one per seed, and as of n
        values, one per picture: how far other seeds and other pictures of the kind may move it.
    low, high : the 95 % interval that counts both. All but the mean is NaN for one seed.
    """
    from scipy.special import ndtri

    s, n = correct.shape
    mean = float(correct.mean())
    if s < 2 or n < 2:
        return _Seeds(mean)
    sd = spread(correct.mean(axis=1))
    seed, test = sd**2 / s, float(correct.mean(axis=0).var(ddof=1)) / n
    half = _half(0.05, [(test, n - 1), (seed, s - 1)])
    interval = interval_around(mean, half / -float(ndtri(0.05 / 2)), n)
    return _Seeds(mean, sd, math.sqrt(seed), math.sqrt(test), *interval)


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


def spread(values: NDArray[np.float64]) -> float:
    """The standard deviation (with one less than their number); of equal values exactly 0."""
    return float((values - values[0]).std(ddof=1))
