"""The measure ``gabors``: a Gabor bank's mean and spread of amplitude."""

from __future__ import annotations

import functools

import numpy as np

from features.registry import measure

# Frequencies in cycles per pixel, an octave apart, and angles in degrees.
_FILTERS = [(f, angle) for f in (0.4, 0.2, 0.1, 0.05) for angle in (0, 30, 60, 90, 120, 150)]


@measure(
    "gabors",
    names=[
        f"bank_{statistic}_{1000 * frequency:03.0f}_{angle:03d}"
        for frequency, angle in _FILTERS
        for statistic in ("mean", "std")
    ],
)
def gabors(image: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of the amplitudes of 24 Gabor filters: float64, (48,), 0 or more.

    ``bank_mean_FFF_AAA``: at FFF thousandths of a cycle per pixel, the wave running at AAA degrees
    from the x axis towards the y axis; in grey values, edges reflected.

    Source: Manjunath and Ma, "Texture features for browsing and retrieval of image data", IEEE PAMI
    18 (1996) 837-842, with the kernels of `skimage.filters.gabor_kernel` (bandwidth one octave).
    """
    import cv2

    values = image.astype(np.float64)
    statistics = []
    for frequency, angle in _FILTERS:
        real, imaginary = (
            cv2.filter2D(values, cv2.CV_64F, part, borderType=cv2.BORDER_REFLECT)
            for part in _kernel(frequency, angle)
        )
        amplitude = np.hypot(real, imaginary)
        statistics += [amplitude.mean(), amplitude.std()]
    return np.array(statistics)


@functools.cache
def _kernel(frequency: float, angle: int) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part, turned by half a turn: OpenCV correlates where others convolve."""
    from skimage.filters import gabor_kernel

    kernel = gabor_kernel(frequency, theta=np.deg2rad(angle))[::-1, ::-1]
    return np.ascontiguousarray(kernel.real), np.ascontiguousarray(kernel.imag)
