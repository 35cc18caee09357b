"""The measure ``hog``: histograms of oriented gradients."""

from __future__ import annotations

import numpy as np

from features.picture import resized
from features.registry import measure

# Sides of the picture in pixels, of a cell in pixels, of a block in cells.
_SIDE = 32
_CELL = 8
_BLOCK = 2

_ORIENTATIONS = 9
_BLOCKS = _SIDE // _CELL - _BLOCK + 1
_COUNT = (_BLOCKS * _BLOCK) ** 2 * _ORIENTATIONS


@measure("hog", names=[f"hog_{number}" for number in range(_COUNT)])
def hog(image: np.ndarray) -> np.ndarray:
    """Oriented gradients of the image at 32x32: float64, (324,), 0..1.

    9 orientations of unsigned gradient in cells of 8x8 pixels, normalised (L2-Hys) in 3x3
    overlapping blocks of 2x2 cells; in scikit-image's order: block row, block column, cell row,
    cell column, orientation.

    Source: Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005;
    `skimage.feature.hog`.
    """
    from skimage.feature import hog as oriented_gradients

    return oriented_gradients(
        resized(image, _SIDE),
        orientations=_ORIENTATIONS,
        pixels_per_cell=(_CELL, _CELL),
        cells_per_block=(_BLOCK, _BLOCK),
    )
