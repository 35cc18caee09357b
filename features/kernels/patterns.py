"""Local binary patterns: which neighbours on a circle are at least as bright as the pixel."""

from __future__ import annotations

import math

import numpy as np
from numba import types

from features.kernels.kernel import IMAGE, LINE, kernel, step


@step
def _shares(columns: np.ndarray, radius: int, width: int) -> np.ndarray:
    """How far right of a pixel's centre each neighbour of each pixel of a row lies, 0 to 1."""
    shares = np.empty((columns.size, width))
    for number in range(columns.size):
        for x in range(width):
            column = (x + radius) + columns[number]
            shares[number, x] = column - math.floor(column)
    return shares


@step
def _continued(row: np.ndarray, radius: int, line: np.ndarray) -> None:
    """Write a row, and its first and last value as often as the radius, into ``line``."""
    for x in range(row.size):
        line[radius + x] = row[x]
    line[:radius] = row[0]
    line[radius + row.size :] = row[-1]


@step
def _compare(
    upper_left: np.ndarray,
    upper_right: np.ndarray,
    lower_left: np.ndarray,
    lower_right: np.ndarray,
    right: np.ndarray,
    down: float,
    centre: np.ndarray,
    ones: np.ndarray,
    changes: np.ndarray,
    before: np.ndarray,
) -> None:
    """Count, for each pixel of a row, whether its next neighbour is a 1, and whether a change."""
    for x in range(centre.size):
        upper = (1.0 - right[x]) * upper_left[x] + right[x] * upper_right[x]
        lower = (1.0 - right[x]) * lower_left[x] + right[x] * lower_right[x]
        bright = np.int64((1.0 - down) * upper + down * lower >= centre[x])
        ones[x] += bright
        changes[x] += bright != before[x]
        before[x] = bright


@kernel(IMAGE, LINE, LINE, types.int64[::1])
def count_patterns(
    image: np.ndarray, rows: np.ndarray, columns: np.ndarray, counts: np.ndarray
) -> None:
    """Count the rotation-invariant uniform patterns of an image, continued by its border pixels.

    A neighbour may be exactly as bright as its pixel, and then rounding decides: places are added
    up and values interpolated in scikit-image's order, in an image that is larger by the radius.

    Parameters
    ----------
    image : uint8, (H, W).
    rows, columns : where the neighbours lie from the pixel, in their order on the circle,
        float64, (neighbours,); the largest of ``rows`` is the radius, a whole number.
    counts : int64, (neighbours + 2,), to which is added: by the number of ones of patterns that
        change at most twice, and last all others.
    """
    height, width = image.shape
    neighbours = rows.size
    radius = int(rows.max())
    shares = _shares(columns, radius, width)
    # The rows that a circle touches, each in the place of the one that is no longer needed.
    held = 2 * radius + 1
    ring = np.empty((held, width + 2 * radius))
    ones, changes = np.empty(width, np.int64), np.empty(width, np.int64)
    before = np.empty(width, np.int64)
    for number in range(2 * radius):
        _continued(image[min(max(number - radius, 0), height - 1)], radius, ring[number])
    for y in range(height):
        last = y + 2 * radius
        _continued(image[min(y + radius, height - 1)], radius, ring[last % held])
        centre = ring[(y + radius) % held][radius : radius + width]
        # Neither 0 nor 1: the first neighbour is a change, and the only one too many.
        before[:] = -1
        changes[:] = -1
        ones[:] = 0
        for number in range(neighbours):
            row = (y + radius) + rows[number]
            upper, lower = ring[math.floor(row) % held], ring[math.ceil(row) % held]
            left = radius + math.floor(columns[number])
            right = radius + math.ceil(columns[number])
            _compare(
                upper[left : left + width], upper[right : right + width],
                lower[left : left + width], lower[right : right + width],
                shares[number], row - math.floor(row), centre, ones, changes, before,
            )  # fmt: skip
        for x in range(width):
            counts[ones[x] if changes[x] <= 2 else neighbours + 1] += 1
