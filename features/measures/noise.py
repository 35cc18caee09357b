"""The measure ``noise``."""

from __future__ import annotations

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
    import pywt

    # PyWavelets does the sums, and in the order of its own `dwtn`: which details are exactly zero
    # depends on it.
    down = pywt.dwt(image, "db2", axis=0)[1]
    diagonal = pywt.dwt(down, "db2", axis=1)[1]
    details = np.abs(diagonal[diagonal != 0])
    if details.size == 0:
        return (math.nan,)
    return (float(np.median(details) / _MEDIAN_OF_NORMAL),)
