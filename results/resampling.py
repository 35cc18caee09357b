"""Resampling of seeds and pictures together: how far a mean accuracy may be off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
_AT_A_TIME = 2_000_000  # draws held in memory


def resampled_means(
    correct: Sequence[ArrayLike], resamples: int = RESAMPLES, seed: int = 0
) -> NDArray[np.float64]:
    """Mean accuracies of several models under the same resampled seeds and pictures.

    correct: for each of k models bool (seeds, n), right or wrong with each seed on the same n
    pictures. Returns float (k, resamples): column by column the seeds and, independently, the
    pictures were drawn with replacement, the same for every model, so that differences of columns
    are paired. This is the pigeonhole bootstrap (Owen 2007) of a table that is crossed. With few
    seeds it takes the seeds' part of the variance for (seeds - 1) / seeds of what it is.

    Raises ValueError if the tables differ in shape or are empty.
    """
    stack = np.array([np.asarray(table, dtype=np.float64) for table in correct])
    if stack.ndim != 3 or not stack.size:
        raise ValueError(f"tables of (seeds, pictures) are resampled, not {stack.shape}")
    k, n_seeds, n = stack.shape
    generator = np.random.default_rng(seed)
    of_seeds = generator.multinomial(n_seeds, [1 / n_seeds] * n_seeds, resamples) / n_seeds
    means = np.empty((k, resamples))
    step = max(1, _AT_A_TIME // n)
    for first in range(0, resamples, step):
        count = min(step, resamples - first)
        of_pictures = _counts(generator.integers(n, size=(count, n)), n) / n
        by_seed = stack @ of_pictures.T  # (k, n_seeds, count)
        means[:, first : first + count] = np.einsum(
            "ksb,bs->kb", by_seed, of_seeds[first : first + count]
        )
    return means


def _counts(drawn: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How often each of 0 to n - 1 is in each row, (rows, n)."""
    rows = len(drawn)
    offset = np.arange(rows)[:, None] * n
    return np.bincount((drawn + offset).ravel(), minlength=rows * n).reshape(rows, n)
