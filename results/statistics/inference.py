"""How sure a score or a difference is, in closed form, from right and wrong answers alone."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANCE = 0.05

# On one picture fewer not even the most one-sided outcome of McNemar's exact test is significant.
FEWEST_APART = math.floor(1 - math.log2(SIGNIFICANCE)) + 1

# Of every interval, and of a test that is to show a difference.
_CONFIDENCE = 0.95
_POWER = 0.8
_RESAMPLES = 9999


# Rows share their counts, are asked for their interval again and again, and scipy takes
# milliseconds.
@lru_cache(maxsize=4096)
def wilson(correct: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927), in [0, 1]; (NaN, NaN) if n is 0."""
    from scipy.stats import binomtest

    if n == 0:
        return float("nan"), float("nan")
    interval = binomtest(correct, n).proportion_ci(_CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def interval_around(value: float, error: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a score from its standard error: Wilson's, for any score.

    It is taken at the effective number of pictures, the number whose binomial variance is error**2
    (Franco et al. 2019).

    Parameters
    ----------
    value : the score, in [0, 1] as the interval is.
    n : number of pictures, which counts where the effective one is undefined: an error of 0, or a
        value of 0 or 1.

    Returns
    -------
    low, high : (NaN, NaN) if value or error is NaN.
    """
    from scipy.stats import norm

    if math.isnan(value) or math.isnan(error) or n == 0:
        return float("nan"), float("nan")
    variance = value * (1 - value)
    known = error**2 > 0 and variance > 0
    effective = max(variance / error**2, 1e-6) if known else n
    z = float(norm.ppf((1 + _CONFIDENCE) / 2))
    middle = (value + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z * math.sqrt(variance / effective + (z / effective) ** 2 / 4) / (1 + z**2 / effective)
    # At 0 and 1 the formula gives the value itself, up to the last digit.
    return max(min(middle - half, value), 0.0), min(max(middle + half, value), 1.0)


def mcnemar(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """The two-sided exact p of McNemar's test (1947) that a and b are right equally often.

    Pictures on which both are right or both wrong say nothing; with no others p is 1.

    Parameters
    ----------
    correct_a, correct_b : bool (n,), right or wrong on the same n pictures.
    """
    from scipy.stats import binomtest

    only_a, only_b, _ = _discordant(correct_a, correct_b)
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """p values adjusted for being many (Holm 1979), float (m,) in [0, 1], in the order given."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def pictures_needed(correct_a: ArrayLike, correct_b: ArrayLike) -> int | None:
    """How many pictures it takes to tell a from b, were the observed difference the true one.

    The sample size of McNemar's two-sided test, at 80 % power, from the rates of discordant pairs
    (Connor 1987, equation 3).

    Parameters
    ----------
    correct_a, correct_b : as for `mcnemar`.

    Returns
    -------
    pictures : None if the observed difference is 0, which no number of pictures resolves.
    """
    from scipy.stats import norm

    only_a, only_b, n = _discordant(correct_a, correct_b)
    if only_a == only_b:
        return None
    apart, difference = (only_a + only_b) / n, abs(only_a - only_b) / n
    spread = norm.ppf(1 - SIGNIFICANCE / 2) * math.sqrt(apart)
    spread += norm.ppf(_POWER) * math.sqrt(apart - difference**2)
    # The formula is a normal approximation; the exact test asks for discordant pairs.
    return math.ceil(max((spread / difference) ** 2, FEWEST_APART / apart))


def difference_interval(correct_a: ArrayLike, correct_b: ArrayLike) -> tuple[float, float]:
    """The paired percentile bootstrap's 95 % interval of accuracy a - accuracy b.

    A picture contributes +1, -1 or 0, so drawing n pictures with replacement is one multinomial
    draw of three counts: the distribution of resampling the pictures themselves, without the cost.
    Half a picture is added first to each of the four cells right/wrong x right/wrong (Agresti and
    Min 2005): without it the interval is too narrow, or of no width, where few pictures part the
    two.

    Parameters
    ----------
    correct_a, correct_b : as for `mcnemar`.

    Returns
    -------
    low, high : each in [-1, 1]; (NaN, NaN) if there is no picture.
    """
    only_a, only_b, n = _discordant(correct_a, correct_b)
    if n == 0:
        return float("nan"), float("nan")
    if only_a < only_b:  # the same draws, so that b against a is the same interval, mirrored
        low, high = difference_interval(correct_b, correct_a)
        return -high, -low
    shares = np.array([only_a + 0.5, only_b + 0.5, n - only_a - only_b + 1]) / (n + 2)
    counts = np.random.default_rng(0).multinomial(n, shares, size=_RESAMPLES)
    differences = (counts[:, 0] - counts[:, 1]) / n
    low, high = np.quantile(differences, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return float(low), float(high)


def _discordant(correct_a: ArrayLike, correct_b: ArrayLike) -> tuple[int, int, int]:
    """How many pictures only a gets right, how many only b, and how many there are."""
    a, b = np.asarray(correct_a, dtype=bool), np.asarray(correct_b, dtype=bool)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"two rows are paired picture by picture, not {a.shape} with {b.shape}")
    return int((a & ~b).sum()), int((b & ~a).sum()), len(a)


def corrected_resampled_t(
    differences: ArrayLike, n_train: float, n_test: float
) -> tuple[float, float, float]:
    """The mean difference between two models over repeated random splits, and whether it is 0.

    Train sets overlap, so the splits are not independent: the variance is raised from 1/m to
    1/m + n_test/n_train of the sample variance (Nadeau and Bengio 2003), with m - 1 degrees of
    freedom.

    Parameters
    ----------
    differences : float (m,), one for each of m splits of the same pictures.
    n_train, n_test : pictures in each split's parts.

    Returns
    -------
    low, high, p : of the mean, at 95 %; NaN throughout for fewer than two splits.
    """
    from scipy.stats import t

    given = np.asarray(differences, dtype=np.float64)
    if len(given) < 2:
        return float("nan"), float("nan"), float("nan")
    mean, freedom = float(given.mean()), len(given) - 1
    # Of equal differences the variance is then 0, which the rounding of their mean is not.
    error = math.sqrt((1 / len(given) + n_test / n_train) * (given - given[0]).var(ddof=1))
    if error == 0:
        return mean, mean, 1.0 if mean == 0 else 0.0
    half = float(t.ppf((1 + _CONFIDENCE) / 2, freedom)) * error
    return mean - half, mean + half, float(2 * t.sf(abs(mean) / error, freedom))


def unpaired_p(correct_a: int, correct_b: int, n: int) -> float:
    """The two-sided p of Fisher's exact test (1935) that two shares of n pictures each are equal.

    It takes the two for independent samples. On the same pictures, where most rows err alike, that
    is careful: it finds less than a paired test would.
    """
    from scipy.stats import fisher_exact

    table = [[correct_a, n - correct_a], [correct_b, n - correct_b]]
    return min(float(fisher_exact(table).pvalue), 1.0)


def unpaired_interval(correct_a: int, correct_b: int, n: int) -> tuple[float, float]:
    """The 95 % interval of share a - share b, of n pictures each, each end in [-1, 1].

    Newcombe's hybrid score interval (1998, method 10), made of the two Wilson intervals.
    """
    a, b = correct_a / n, correct_b / n
    low_a, high_a = wilson(correct_a, n)
    low_b, high_b = wilson(correct_b, n)
    low = a - b - math.hypot(a - low_a, high_b - b)
    high = a - b + math.hypot(high_a - a, b - low_b)
    return low, high
