"""Several seeds of one model: what the seed changes, and what other test pictures would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.row import Row, same_order
from results.statistics import interval_around


@dataclass(frozen=True)
class Seeds:
    """The accuracy of a model over its seeds, all asked about the same pictures.

    mean, sd: over the seeds (sd with seeds - 1). seed_error, test_error: standard errors of the
    mean, as an estimate of what other seeds and other pictures of the kind would give; low, high:
    the 95 % interval that counts both. All NaN but the mean where there is one seed.
    """

    mean: float
    sd: float
    seed_error: float
    test_error: float
    low: float
    high: float


def seeds_of(correct: NDArray[np.bool_]) -> Seeds:
    """What seeds and pictures add to the uncertainty of a mean accuracy.

    correct: bool (s, n), whether each of s seeds is right on each of n pictures. The two-way
    analysis of variance with both seeds and pictures random (Searle, Casella and McCulloch 1992):
    a test set of its own adds to each mean square the noise that the other has already counted,
    which is taken off once; degrees of freedom by Satterthwaite (1946).
    """
    s, n = correct.shape
    mean, by_seed, by_picture = correct.mean(), correct.mean(axis=1), correct.mean(axis=0)
    if s < 2 or n < 2:
        nan = float("nan")
        return Seeds(float(mean), nan, nan, nan, nan, nan)
    noise = correct - by_seed[:, None] - by_picture + mean
    # Each is the variance of the grand mean that its source adds, with its degrees of freedom.
    seed, seed_freedom = by_seed.var(ddof=1) / s, s - 1
    test, test_freedom = by_picture.var(ddof=1) / n, n - 1
    both_freedom = seed_freedom * test_freedom
    both = (noise**2).sum() / both_freedom / (s * n)
    own = max(seed - both, 0.0)
    total = test + own
    parts = (test / test_freedom) * test
    if own:
        parts += seed**2 / seed_freedom + both**2 / both_freedom
    freedom = total**2 / parts if parts else math.inf
    low, high = interval_around(float(mean), math.sqrt(total), n, float(freedom))
    return Seeds(
        mean=float(mean),
        sd=float(by_seed.std(ddof=1)),
        seed_error=math.sqrt(seed),
        test_error=math.sqrt(test),
        low=low,
        high=high,
    )


def several_seeds(rows: Sequence[Row]) -> list[list[Row]]:
    """The ok rows of one model, training, device and split where there is more than one seed."""
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        record = row.record
        if record.ok and row.n:
            key = (row.split, record.model, record.training, record.device)
            groups.setdefault(key, []).append(row)
    return [group for group in groups.values() if len(group) > 1]


def seeds_of_rows(rows: Sequence[Row]) -> Seeds | None:
    """The accuracy of one model's rows, one per seed; None if they are about other pictures."""
    orders = [same_order(rows[0], row) for row in rows]
    if any(order is None for order in orders):
        return None
    return seeds_of(np.stack([row.correct[o] for row, o in zip(rows, orders, strict=True)]))
