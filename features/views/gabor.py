"""The view ``gabor``: texture of about two and a half pixels' wavelength along x."""

from __future__ import annotations

import functools

import numpy as np

from features.picture import grey
from features.registry import view

# Cycles per pixel, the value of scikit-image's own example: the study's is not known. On the pixel
# grid 0.6 cannot be told from 0.4, which is a wavelength of 2.5 pixels.
FREQUENCY = 0.6


@view("gabor")
def gabor(picture: np.ndarray) -> np.ndarray:
    """Real part of scikit-image's Gabor response as an 8-bit image: uint8, (H, W), 0..255.

    Computed on the grey values in float64 with edges reflected, then rounded to the nearest integer
    and held within 0..255, so that a negative response is 0 (half-wave rectified). A response kept
    in the picture's own type, which scikit-image returns for an integer picture, would wrap: -1
    becomes 255.

    Source: `skimage.filters.gabor`; half-wave rectification as in Malik and Perona, "Preattentive
    texture discrimination with early vision mechanisms", JOSA A 7 (1990) 923-932.
    """
    # Here and in its neighbours scipy and scikit-image are imported where they are used: together
    # they take half a second, and `--help` imports this package.
    from scipy import ndimage

    response = ndimage.convolve(grey(picture).astype(np.float64), _kernel(), mode="reflect")
    return np.rint(response).clip(0, 255).astype(np.uint8)


@functools.cache
def _kernel() -> np.ndarray:
    from skimage.filters import gabor_kernel

    # `skimage.filters.gabor` convolves with the imaginary part as well, which nobody here looks at.
    return np.ascontiguousarray(gabor_kernel(FREQUENCY).real)
