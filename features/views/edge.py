"""The view ``edge``: thin edges."""

from __future__ import annotations

import functools

import numpy as np

from features.picture import grey
from features.registry import view


@view("edge")
def edge(picture: np.ndarray) -> np.ndarray:
    """Canny's edges of the grey values: uint8, (H, W), 255 on an edge and 0 elsewhere.

    `skimage.feature.canny` with its defaults: Gaussian of sigma 1 pixel, hysteresis between 0.1 and
    0.2 of the type's maximum. On a picture thinner than 3 pixels every pixel lies on the border,
    where Canny marks nothing.

    Source: Canny, "A computational approach to edge detection", IEEE PAMI 8 (1986) 679-714.
    """
    from features.kernels.canny import canny

    image = np.ascontiguousarray(grey(picture))
    edges = np.empty(image.shape, np.uint8)
    canny(image, _gaussian(), edges, np.empty(image.size, np.int64))
    return edges


@functools.cache
def _gaussian() -> np.ndarray:
    """Right half of SciPy's Gaussian of sigma 1 pixel, cut off at 4: float64, (5,)."""
    weights = np.exp(-0.5 * np.arange(-4, 5) ** 2)
    return np.ascontiguousarray((weights / weights.sum())[4:])
