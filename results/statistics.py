"""How sure a score or a difference is. Two rows are compared on the same pictures, pair by pair."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANCE = 0.05
_RESAMPLES = 9999


def wilson(correct: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a proportion (Wilson 1927), in [0, 1]; (NaN, NaN) if n is 0."""
    from scipy.stats import binomtest

    if n == 0:
        return float("nan"), float("nan")
    interval = binomtest(correct, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def mcnemar(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """The two-sided exact p of McNemar's test (1947) that a and b are right equally often.

    correct_a, correct_b: bool (n,), right or wrong on the same n pictures. Pictures on which both
    are right or both wrong say nothing; with no others p is 1.
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


def pictures_needed(
    correct_a: ArrayLike, correct_b: ArrayLike, alpha: float = SIGNIFICANCE, power: float = 0.8
) -> int | None:
    """How many pictures it takes to tell a from b, were the observed difference the true one.

    The sample size of McNemar's test from the rates of discordant pairs (Connor 1987, equation 3),
    two-sided. None if the observed difference is 0, which no number of pictures resolves.
    """
    from scipy.stats import norm

    only_a, only_b, n = _discordant(correct_a, correct_b)
    if only_a == only_b:
        return None
    discordant, difference = (only_a + only_b) / n, abs(only_a - only_b) / n
    spread = norm.ppf(1 - alpha / 2) * math.sqrt(discordant)
    spread += norm.ppf(power) * math.sqrt(discordant - difference**2)
    return math.ceil((spread / difference) ** 2)


def difference_interval(
    correct_a: ArrayLike, correct_b: ArrayLike, confidence: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """The paired percentile bootstrap interval of accuracy a - accuracy b, each end in [-1, 1].

    A picture contributes +1, -1 or 0, so drawing n pictures with replacement is one multinomial
    draw of three counts: the distribution of resampling the pictures themselves, without the cost.
    (NaN, NaN) if there is no picture.
    """
    only_a, only_b, n = _discordant(correct_a, correct_b)
    if n == 0:
        return float("nan"), float("nan")
    shares = np.array([only_a, only_b, n - only_a - only_b]) / n
    counts = np.random.default_rng(seed).multinomial(n, shares, size=_RESAMPLES)
    differences = (counts[:, 0] - counts[:, 1]) / n
    low, high = np.quantile(differences, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _discordant(correct_a: ArrayLike, correct_b: ArrayLike) -> tuple[int, int, int]:
    """How many pictures only a gets right, how many only b, and how many there are."""
    a, b = np.asarray(correct_a, dtype=bool), np.asarray(correct_b, dtype=bool)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"two rows are paired picture by picture, not {a.shape} with {b.shape}")
    return int((a & ~b).sum()), int((b & ~a).sum()), len(a)
