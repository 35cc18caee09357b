"""The measures ``mean`` and ``std``."""

from __future__ import annotations

import math

import numpy as np

from features.registry import measure


@measure("mean", names=("mean",))
def mean(image: np.ndarray) -> tuple[float]:
    """Mean of the image's values, 0..255."""
    from features.kernels.sums import sums

    total, _ = sums(np.ascontiguousarray(image))
    return (total / image.size,)


@measure("std", names=("std",))
def std(image: np.ndarray) -> tuple[float]:
    """Standard deviation of the image's values, 0..127.5, divided by n (not n - 1)."""
    from features.kernels.sums import sums

    total, squares = sums(np.ascontiguousarray(image))
    # Python's whole numbers have no end: only the division and the root are rounded.
    return (math.sqrt((image.size * squares - total * total) / image.size**2),)
