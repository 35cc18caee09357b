"""Resizing: an image of any size at a fixed one, for measures that need a fixed grid."""

from __future__ import annotations

import numpy as np


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """``image`` (uint8, (H, W) or (H, W, 3)) as uint8, (side, side[, 3]), its sides scaled apart.

    Shrinks by area averaging, which does not alias, and enlarges bilinearly.
    """
    if image.shape[:2] == (side, side):
        return image
    import cv2

    shrinks = image.shape[0] * image.shape[1] > side * side
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (side, side), interpolation=how)
