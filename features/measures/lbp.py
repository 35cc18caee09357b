"""The measure ``lbp``: local binary patterns at three radii."""

from __future__ import annotations

import functools

import numpy as np

from features.registry import measure

_RADII = (1, 2, 3)

# Times the radius, about one per pixel of the circle.
_NEIGHBOURS = 8


def _patterns(radius: int) -> int:
    """How many patterns are told apart: uniform ones by their number of ones, and all others."""
    return _NEIGHBOURS * radius + 2


@measure("lbp", names=[f"lbp_{r}_{code}" for r in _RADII for code in range(_patterns(r))])
def lbp(image: np.ndarray) -> np.ndarray:
    """Share of the pixels that have each rotation-invariant uniform pattern: float64, (54,), 0..1.

    ``lbp_R_C``: at a radius of R pixels with 8 R neighbours, C of them at least as bright as the
    pixel and in one run; the last C of each radius counts all patterns that are no run. The image
    is continued by its border pixels, where scikit-image alone would see black. Where a neighbour
    is as bright as the pixel, rounding decides as in scikit-image 0.26 on x86-64.

    Source: Ojala, Pietikainen and Maenpaa, "Multiresolution gray-scale and rotation invariant
    texture classification with local binary patterns", IEEE PAMI 24 (2002) 971-987;
    `skimage.feature.local_binary_pattern(..., method="uniform")`.
    """
    from features.kernels.patterns import count_patterns

    image = np.ascontiguousarray(image)
    shares = []
    for radius in _RADII:
        counts = np.zeros(_patterns(radius), np.int64)
        count_patterns(image, *_circle(radius), counts)
        shares.append(counts / image.size)
    return np.concatenate(shares)


@functools.cache
def _circle(radius: int) -> tuple[np.ndarray, np.ndarray]:
    """How far down and how far right of a pixel its neighbours lie, to scikit-image's 5 digits."""
    count = _NEIGHBOURS * radius
    angle = 2 * np.pi * np.arange(count) / count
    return np.round(-radius * np.sin(angle), 5), np.round(radius * np.cos(angle), 5)
