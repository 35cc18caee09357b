"""The measure ``histogram``: how the values are distributed."""

from __future__ import annotations

import numpy as np

from features.registry import measure

_BINS = 16
_WIDTH = 256 // _BINS


@measure("histogram", names=[f"bin_{number}" for number in range(_BINS)])
def histogram(image: np.ndarray) -> np.ndarray:
    """Share of the pixels in each of 16 equal ranges of value: float64, (16,), adding up to 1.

    Of the views ``lab_a`` and ``lab_b`` it is a colour histogram.

    Source: Swain and Ballard, "Color indexing", International Journal of Computer Vision 7 (1991)
    11-32, with one histogram per axis.
    """
    return np.bincount((image // _WIDTH).ravel(), minlength=_BINS) / image.size
