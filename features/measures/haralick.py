"""The measure ``haralick``: 13 statistics of texture."""

from __future__ import annotations

import math

import numpy as np

from features.cooccurrence import DIRECTIONS, Cooccurrence, cooccurrence
from features.registry import measure

COUNT = 13


@measure("haralick", names=[f"h_{number}" for number in range(1, COUNT + 1)])
def haralick(image: np.ndarray) -> np.ndarray:
    """Haralick's features 1 to 13, each the mean over four directions; float64, (13,).

    The matrix is symmetric, at a distance of one pixel, with zeros counted as any other value;
    logarithms have base 2; feature 10 is the variance of p(|x-y|) over as many bins as the image's
    maximum plus one. NaN for an image one pixel high or wide, which has no neighbours in some of
    the directions. A constant image has a correlation (feature 3) of 1.

    The definition is that of `mahotas.features.haralick`, which would sum with a BLAS: there the
    last digits depend on the number of threads, and here they do not.

    Source: Haralick, Shanmugam and Dinstein, "Textural features for image classification", IEEE
    Transactions on Systems, Man and Cybernetics 3 (1973) 610-621, appendix I; feature 7 about the
    sum average instead of the paper's sum entropy, a known misprint.
    """
    rows = []
    for direction in DIRECTIONS:
        matrix = cooccurrence(image, direction)
        if matrix is None:
            return np.full(COUNT, np.nan)
        rows.append(_statistics(matrix))
    return np.mean(rows, axis=0)


def _statistics(matrix: Cooccurrence) -> tuple[float, ...]:
    """Features 1 to 13 of one matrix, in the paper's order."""
    share, levels = matrix.share, matrix.levels
    of_value = np.bincount(matrix.first, share, levels)
    of_sum = np.bincount(matrix.first + matrix.second, share)
    of_difference = np.bincount(np.abs(matrix.first - matrix.second), share, levels)
    sum_average, sum_variance = _moments(of_sum)
    correlation, variance = _correlation(matrix, of_value)
    entropy = _entropy(share)
    information_1, information_2 = _information(entropy, _entropy(of_value))
    distance = np.arange(levels, dtype=np.float64) ** 2
    return (
        float(np.sum(share**2)),
        float(np.sum(distance * of_difference)),
        correlation,
        variance,
        float(np.sum(of_difference / (1.0 + distance))),
        sum_average,
        sum_variance,
        _entropy(of_sum),
        entropy,
        float(np.var(of_difference)),
        _entropy(of_difference),
        information_1,
        information_2,
    )


def _moments(density: np.ndarray) -> tuple[float, float]:
    """Mean and variance of 0, 1, 2 ... under ``density``."""
    values = np.arange(len(density), dtype=np.float64)
    average = float(np.sum(values * density))
    return average, float(np.sum((values - average) ** 2 * density))


def _correlation(matrix: Cooccurrence, of_value: np.ndarray) -> tuple[float, float]:
    """Correlation of neighbours, and the variance of one of them."""
    average, variance = _moments(of_value)
    if variance == 0.0:
        return 1.0, 0.0
    product = (matrix.first - average) * (matrix.second - average)
    return float(np.sum(product * matrix.share)) / variance, variance


def _entropy(density: np.ndarray) -> float:
    """Entropy in bits."""
    positive = density[density > 0]
    # The sum of a sure thing is -0.0; adding zero makes it 0.0.
    return float(-np.sum(positive * np.log2(positive))) + 0.0


def _information(entropy: float, of_value: float) -> tuple[float, float]:
    """Both information measures of correlation, from the entropies of pairs and of single values.

    The matrix being symmetric, both of the paper's HXY1 and HXY2 are twice the entropy of a value.
    """
    shared = 2.0 * of_value - entropy
    first = -shared / of_value if of_value > 0.0 else 0.0
    return first, math.sqrt(max(0.0, 1.0 - math.exp(-2.0 * shared)))
