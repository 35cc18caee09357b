"""The measures ``mean`` and ``std``."""

from __future__ import annotations

import numpy as np

from features.registry import measure


@measure("mean", names=("mean",))
def mean(image: np.ndarray) -> tuple[float]:
    """Mean of the image's values, 0..255."""
    return (float(image.mean()),)


@measure("std", names=("std",))
def std(image: np.ndarray) -> tuple[float]:
    """Standard deviation of the image's values, 0..127.5, divided by n (not n - 1)."""
    return (float(image.std()),)
