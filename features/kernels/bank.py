"""Amplitudes of complex filters that are products of one along each axis."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numba import types

from features.kernels.kernel import LINE, kernel, step

# Rows at a time: what is held of them stays in the nearest cache.
_BAND = 8

_HALVES = types.UniTuple(LINE, 2)


@step
def _pair(flat: np.ndarray, start: int, distance: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = start - distance, start + distance
    return flat[left : left + count], flat[right : right + count]


def _along(fold: Callable[[float, float], float]) -> Callable[..., None]:
    """A step that filters along one axis of a flat array, in which neighbours are ``gap`` apart."""

    @step
    def filtered(flat: np.ndarray, start: int, gap: int, half: np.ndarray, out: np.ndarray) -> None:
        count = out.size
        centre = flat[start : start + count]
        for x in range(count):
            out[x] = half[0] * centre[x]
        # Four pairs at a time: one at a time, sums would be read and written as often as pixels.
        for k in range(1, half.size - 3, 4):
            a, b, c, d = half[k], half[k + 1], half[k + 2], half[k + 3]
            left_a, right_a = _pair(flat, start, k * gap, count)
            left_b, right_b = _pair(flat, start, (k + 1) * gap, count)
            left_c, right_c = _pair(flat, start, (k + 2) * gap, count)
            left_d, right_d = _pair(flat, start, (k + 3) * gap, count)
            for x in range(count):
                near = a * fold(left_a[x], right_a[x]) + b * fold(left_b[x], right_b[x])
                far = c * fold(left_c[x], right_c[x]) + d * fold(left_d[x], right_d[x])
                out[x] += near + far
        for k in range(half.size - (half.size - 1) % 4, half.size):
            left, right = _pair(flat, start, k * gap, count)
            for x in range(count):
                out[x] += half[k] * fold(left[x], right[x])

    return filtered


# Two pixels of one weight, or of opposite weights, are folded before they are weighed.
_even = _along(step(lambda left, right: left + right))
_odd = _along(step(lambda left, right: right - left))


@step
def _stand(band: np.ndarray, rows: int, columns: np.ndarray, line: np.ndarray) -> None:
    """Write ``columns`` of a band of ``rows`` rows one after the other."""
    width = band.size // rows
    for number in range(columns.size):
        for row in range(rows):
            line[number * rows + row] = band[row * width + columns[number]]


@step
def _filter(
    flat: np.ndarray,
    start: int,
    gap: int,
    halves: tuple[np.ndarray, np.ndarray],
    real: np.ndarray,
    imaginary: np.ndarray,
) -> None:
    even, odd = halves
    _even(flat, start, gap, even, real)
    if odd.size:
        _odd(flat, start, gap, odd, imaginary)


@step
def _add(
    products: np.ndarray, sign: float, shift: float, sums: np.ndarray, squares: np.ndarray
) -> None:
    """Add up the amplitudes less ``shift``, and their squares; of the mirror if ``sign`` is -1."""
    both_even, even_odd, odd_even, both_odd = products[0], products[1], products[2], products[3]
    for x in range(both_even.size):
        real, imaginary = both_even[x] - sign * both_odd[x], odd_even[x] + sign * even_odd[x]
        more = math.sqrt(real * real + imaginary * imaginary) - shift
        sums[x] += more
        squares[x] += more * more


@step
def _first(products: np.ndarray) -> tuple[float, float]:
    """The amplitudes at the first pixel."""
    both_even, even_odd = products[0, 0], products[1, 0]
    odd_even, both_odd = products[2, 0], products[3, 0]
    here = math.hypot(both_even - both_odd, even_odd + odd_even)
    return here, math.hypot(both_even + both_odd, even_odd - odd_even)


@step
def _statistics(
    sums: np.ndarray, squares: np.ndarray, shift: float, pixels: int
) -> tuple[float, float]:
    # As the shift is one of the amplitudes, its distance from the mean is at most sqrt(pixels)
    # standard deviations: little is lost to cancellation.
    mean = sums.sum() / pixels
    return shift + mean, math.sqrt(max(squares.sum() / pixels - mean * mean, 0.0))


@kernel(
    types.Array(types.float64, 2, "C", readonly=True),
    types.Array(types.int64, 1, "C", readonly=True),
    _HALVES,
    _HALVES,
)
def amplitudes(
    tall: np.ndarray,
    columns: np.ndarray,
    vertical: tuple[np.ndarray, np.ndarray],
    horizontal: tuple[np.ndarray, np.ndarray],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Mean and standard deviation of the amplitudes of a filter's and of its mirror's responses.

    The filter is the product of one down the columns and one along the rows, both complex: their
    real parts are even, their imaginary parts odd. Its mirror image, left for right, has the same
    four products of these parts, two of them with the other sign.

    Parameters
    ----------
    tall : the image continued by ``margin`` rows above and below, float64, (H + 2 margin, W).
    columns : how it continues to the sides: which of its columns stands where, (W + 2 margin,).
    vertical, horizontal : right halves of the real and of the imaginary part, the centre first,
        float64, (radius + 1,), radius at most ``margin``; all of one radius. An imaginary part of
        no length is zero.

    Returns
    -------
    Two pairs, the second of which is the mirror's.
    """
    width = tall.shape[1]
    margin = (columns.size - width) // 2
    height = tall.shape[0] - 2 * margin
    radius = horizontal[0].size - 1
    around = columns[margin - radius : margin + width + radius]
    flat = tall.reshape(tall.size)
    bands = np.zeros((2, _BAND * width))
    line = np.empty(_BAND * around.size)
    products = np.zeros((4, _BAND * width))
    shifts = np.empty(2)
    sums, squares = np.zeros((2, _BAND * width)), np.zeros((2, _BAND * width))
    for y in range(0, height, _BAND):
        rows = min(_BAND, height - y)
        count = rows * width
        _filter(flat, (margin + y) * width, width, vertical, bands[0, :count], bands[1, :count])
        for part in range(2 if vertical[1].size else 1):
            _stand(bands[part, :count], rows, around, line)
            _filter(
                line, radius * rows, rows, horizontal,
                products[2 * part, :count], products[2 * part + 1, :count],
            )  # fmt: skip
        if y == 0:
            shifts[0], shifts[1] = _first(products)
        _add(products[:, :count], 1.0, shifts[0], sums[0], squares[0])
        _add(products[:, :count], -1.0, shifts[1], sums[1], squares[1])
    pixels = height * width
    here = _statistics(sums[0], squares[0], shifts[0], pixels)
    return here, _statistics(sums[1], squares[1], shifts[1], pixels)
