"""A separable, even filter of an 8-bit image, rounded to 8 bits again."""

from __future__ import annotations

import math

import numpy as np
from numba import types

from features.kernels.kernel import IMAGE, LINE, kernel, step

# Rows times columns in float64 differ from the sum over the whole kernel by less than 1e-12.
_TIE = 0.5 - 1e-10


@step
def _reflect(i: int, length: int) -> int:
    """Index into the data of position ``i`` of the data and its mirror images."""
    i %= 2 * length
    return i if i < length else 2 * length - 1 - i


@step
def _weigh(line: np.ndarray, row: np.ndarray, weight: float) -> None:
    for x in range(row.size):
        line[x] = weight * np.float64(row[x])


@step
def _weigh_pair(line: np.ndarray, above: np.ndarray, below: np.ndarray, weight: float) -> None:
    for x in range(above.size):
        line[x] += weight * (np.float64(above[x]) + np.float64(below[x]))


@step
def _along(sums: np.ndarray, line: np.ndarray, half: np.ndarray) -> None:
    radius, width = half.size - 1, sums.size
    centre = line[radius : radius + width]
    for x in range(width):
        sums[x] = half[0] * centre[x]
    for k in range(1, radius + 1):
        left, right = line[radius - k : radius - k + width], line[radius + k : radius + k + width]
        weight = half[k]
        for x in range(width):
            sums[x] += weight * (left[x] + right[x])


@step
def _round(sums: np.ndarray, out: np.ndarray) -> int:
    ties = 0
    for x in range(sums.size):
        nearest = np.rint(sums[x])
        ties += math.fabs(sums[x] - nearest) > _TIE
        out[x] = np.uint8(np.int32(min(max(nearest, 0.0), 255.0)))
    return ties


@kernel(IMAGE, LINE, LINE, types.uint8[:, ::1])
def filter_even(
    image: np.ndarray, vertical: np.ndarray, horizontal: np.ndarray, out: np.ndarray
) -> int:
    """Filter ``image`` with the outer product of two even filters; edges are reflected.

    Parameters
    ----------
    image : uint8, (H, W).
    vertical, horizontal : their right halves, the centre first, float64, (radius + 1,).
    out : uint8, (H, W): the response rounded and held within 0..255.

    Returns
    -------
    How many responses lie so near a half that the order of the sum may decide how they are rounded.
    """
    height, width = image.shape
    radius = horizontal.size - 1
    line = np.empty(width + 2 * radius)
    sums = np.empty(width)
    ties = 0
    for y in range(height):
        inner = line[radius : radius + width]
        _weigh(inner, image[y], vertical[0])
        for k in range(1, vertical.size):
            above, below = image[_reflect(y - k, height)], image[_reflect(y + k, height)]
            _weigh_pair(inner, above, below, vertical[k])
        for k in range(1, radius + 1):
            line[radius - k] = inner[_reflect(-k, width)]
            line[radius + width - 1 + k] = inner[_reflect(width - 1 + k, width)]
        _along(sums, line, horizontal)
        ties += _round(sums, out[y])
    return ties
