"""Two accuracies of which only the numbers are known, not which pictures were right."""

from __future__ import annotations

import math

from results.statistics import wilson


def unpaired_p(correct_a: int, correct_b: int, n: int) -> float:
    """The two-sided p of Fisher's exact test (1935) that two shares of n pictures each are equal.

    It takes the two for independent samples. On the same pictures, where most rows err alike, that
    is careful: it finds less than a paired test would.
    """
    from scipy.stats import fisher_exact

    table = [[correct_a, n - correct_a], [correct_b, n - correct_b]]
    return min(float(fisher_exact(table).pvalue), 1.0)


def unpaired_interval(
    correct_a: int, correct_b: int, n: int, confidence: float = 0.95
) -> tuple[float, float]:
    """The interval of share a - share b, of n pictures each, each end in [-1, 1].

    Newcombe's hybrid score interval (1998, method 10), made of the two Wilson intervals.
    """
    a, b = correct_a / n, correct_b / n
    low_a, high_a = wilson(correct_a, n, confidence)
    low_b, high_b = wilson(correct_b, n, confidence)
    low = a - b - math.hypot(a - low_a, high_b - b)
    high = a - b + math.hypot(high_a - a, b - low_b)
    return low, high
