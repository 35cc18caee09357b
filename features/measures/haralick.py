"""The measure ``haralick``: 13 statistics of texture."""

from __future__ import annotations

import functools

import numpy as np

from features.registry import measure

_COUNT = 13


@measure("haralick", names=[f"h_{number}" for number in range(1, _COUNT + 1)])
def haralick(image: np.ndarray) -> np.ndarray:
    """Haralick's features 1 to 13, each the mean over four directions; float64, (13,).

    The matrix is symmetric, at a distance of one pixel, with zeros counted as any other value;
    logarithms have base 2; feature 10 is the variance of p(|x-y|) over as many bins as the image's
    maximum plus one. NaN for an image one pixel high or wide, which has no neighbours in some of
    the directions. A constant image has a correlation (feature 3) of 1.

    The definition is that of `mahotas.features.haralick`, which would sum with a BLAS: there the
    last digits depend on the number of threads, and here they do not.

    Source: Haralick, Shanmugam and Dinstein, "Textural features for image classification", IEEE
    Transactions on Systems, Man and Cybernetics 3 (1973) 610-621, appendix I; feature 7 about the
    sum average instead of the paper's sum entropy, a known misprint.
    """
    from features.kernels.haralick import haralick_features

    features = np.full(_COUNT, np.nan)
    if min(image.shape) > 1:
        haralick_features(np.ascontiguousarray(image), *_room(), features)
    return features


@functools.cache
def _room() -> tuple[np.ndarray, np.ndarray]:
    """The matrices, which every image finds and leaves empty, and the table of logarithms."""
    from features.kernels.haralick import DIRECTIONS, STRIDE, logarithms

    return np.zeros(DIRECTIONS * STRIDE, np.int32), logarithms()
