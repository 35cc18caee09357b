"""The view ``gabor``: texture of about two and a half pixels' wavelength along x."""

from __future__ import annotations

import functools
import math

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
    from features.kernels.gabor import filter_even

    image = np.ascontiguousarray(grey(picture))
    response = np.empty(image.shape, np.uint8)
    if filter_even(image, *_halves(), response):
        return _whole_kernel(image)
    return response


@functools.cache
def _halves() -> tuple[np.ndarray, np.ndarray]:
    """The filter down the columns and the one along the rows: their right halves, (radius + 1,)."""
    # At 0 degrees scikit-image's kernel is a Gaussian in y times a Gaussian and a cosine in x.
    sigma = math.sqrt(math.log(2) / 2) * 3 / math.pi / FREQUENCY
    distance = np.arange(math.ceil(3 * sigma) + 1)
    gaussian = np.exp(-0.5 * (distance / sigma) ** 2) / (math.sqrt(2 * math.pi) * sigma)
    return gaussian, gaussian * np.cos(2 * math.pi * FREQUENCY * distance)


def _whole_kernel(image: np.ndarray) -> np.ndarray:
    """The response by the definition, for the rare image where rounding hangs on the last digit."""
    from scipy import ndimage
    from skimage.filters import gabor_kernel

    kernel = np.ascontiguousarray(gabor_kernel(FREQUENCY).real)
    response = ndimage.convolve(image.astype(np.float64), kernel, mode="reflect")
    return np.rint(response).clip(0, 255).astype(np.uint8)
