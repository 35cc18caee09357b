"""The measure ``gabors``: a Gabor bank's mean and spread of amplitude."""

from __future__ import annotations

import functools

import numpy as np

from features.registry import measure

# In cycles per pixel, an octave apart, and in degrees.
_FREQUENCIES = (0.4, 0.2, 0.1, 0.05)
_ANGLES = (0, 30, 60, 90, 120, 150)

_Halves = tuple[np.ndarray, np.ndarray]


@measure(
    "gabors",
    names=[
        f"bank_{statistic}_{1000 * frequency:03.0f}_{angle:03d}"
        for frequency in _FREQUENCIES
        for angle in _ANGLES
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
    from features.kernels.bank import amplitudes

    margin = max(_halves(frequency, 0)[0][0].size for frequency in _FREQUENCIES) - 1
    values = np.ascontiguousarray(image, dtype=np.float64)
    tall = np.pad(values, ((margin, margin), (0, 0)), mode="symmetric")
    columns = np.pad(np.arange(image.shape[1]), margin, mode="symmetric")
    statistics = np.empty((len(_FREQUENCIES), len(_ANGLES), 2))
    for row, frequency in zip(statistics, _FREQUENCIES, strict=True):
        # The filter at 180 degrees less its angle is the mirror image: 150 of 30, 120 of 60.
        for number in range(len(_ANGLES) // 2 + 1):
            halves = _halves(frequency, _ANGLES[number])
            row[number], row[-number] = amplitudes(tall, columns, *halves)
    return statistics.ravel()


@functools.cache
def _halves(frequency: float, angle: int) -> tuple[_Halves, _Halves]:
    """The filter down the columns and the one along the rows, as `amplitudes` has them."""
    # The envelope is as wide in x as in y, so that the kernel is the product of its middle lines.
    from skimage.filters import gabor_kernel

    kernel = gabor_kernel(frequency, theta=np.deg2rad(angle))
    middle = kernel.shape[0] // 2
    return _half(kernel[middle:, middle] / kernel[middle, middle]), _half(kernel[middle, middle:])


def _half(line: np.ndarray) -> _Halves:
    # A wave that does not run this way has an imaginary part of rounding errors.
    runs = np.abs(line.imag).max() > 1e-12 * line[0].real
    odd = line.imag if runs else line.imag[:0]
    return np.ascontiguousarray(line.real), np.ascontiguousarray(odd)
