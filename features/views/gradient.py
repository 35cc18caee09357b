"""The view ``gradient``: how steeply the grey values rise."""

from __future__ import annotations

import numpy as np

from features.picture import grey
from features.registry import view


@view("gradient")
def gradient(picture: np.ndarray) -> np.ndarray:
    """Sobel's gradient magnitude of the grey values, rounded: uint8, (H, W), 0..255.

    `skimage.filters.sobel`, edges reflected: the root mean square of the two directions, so that a
    straight step from black to white is 180.

    Source: Sobel and Feldman, "An isotropic 3x3 image gradient operator" (1968), as in Duda and
    Hart, "Pattern classification and scene analysis" (1973), page 271.
    """
    from skimage.filters import sobel

    return np.rint(sobel(grey(picture)) * 255).clip(0, 255).astype(np.uint8)
