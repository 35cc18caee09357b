"""The measure ``noise``."""

from __future__ import annotations

import functools
import math

import numpy as np

from features.registry import measure

# The median of |x| for a normal x of standard deviation 1.
_MEDIAN_OF_NORMAL = 0.6744897501960817


@measure("noise", names=("noise",))
def noise(image: np.ndarray) -> tuple[float]:
    """Standard deviation of Gaussian noise in grey values, estimated from the image; 0 or more.

    What ``skimage.restoration.estimate_sigma(image)`` gives: the median of the absolute diagonal
    db2 wavelet details other than exact zeros, over 0.6745. NaN if every one of them is zero, as in
    a black image.

    Source: Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81
    (1994) 425-455, section 4.2.
    """
    from features.kernels.wavelet import diagonal_details, median

    height, width = image.shape
    details = np.empty(((height + 3) // 2) * ((width + 3) // 2))
    count = diagonal_details(np.ascontiguousarray(image), _highpass(), details)
    if count == 0:
        return (math.nan,)
    return (median(details[:count]) / _MEDIAN_OF_NORMAL,)


@functools.cache
def _highpass() -> tuple[float, ...]:
    import pywt

    return tuple(float(weight) for weight in pywt.Wavelet("db2").dec_hi)
