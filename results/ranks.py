"""How sure a rank is, from accuracies on resampled pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rank_intervals(
    accuracies: Sequence[float] | Floats, resampled: Floats, confidence: float = 0.95
) -> list[tuple[int, int]]:
    """The interval of each row's rank by accuracy, (low, high) in 1 to r.

    accuracies: float (r,) as observed; resampled: float (m, r) on resampled pictures. A row is
    compared with every other at once: as many are surely better or worse as differ by more than the
    bootstrap's quantile of the largest studentised difference (Mogstad et al. 2024). It holds the
    true rank with at least the given confidence, more where rows are clearly apart; the percentiles
    of resampled ranks do not, for the best row seen is partly lucky and resampling it repeats that.
    """
    observed = np.asarray(accuracies, dtype=np.float64)
    moves, found = resampled - observed, []
    for row, own in enumerate(observed):
        differences = moves - moves[:, [row]]
        errors = differences.std(axis=0)
        unequal = errors > 0
        studentised = np.abs(differences[:, unequal]) / errors[unequal]
        largest = studentised.max(axis=1, initial=0.0)
        margin = np.quantile(largest, confidence) * errors
        better, worse = observed - own > margin, own - observed > margin
        found.append((1 + int(better.sum()), len(observed) - int(worse.sum())))
    return found


def probabilities_best(resampled: Floats) -> Floats:
    """The share of resamples in which each row is the most accurate, float (r,); equals share it.

    resampled: float (m, r). It says how stable the choice is, and is no posterior probability.
    """
    top = np.isclose(resampled, resampled.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return (top / top.sum(axis=1, keepdims=True)).mean(axis=0)
