"""Diagonal details of the db2 wavelet transform, and a median."""

from __future__ import annotations

import math

import numpy as np
from numba import types

from features.kernels.kernel import IMAGE, kernel, step

_TAPS = 4

# The sign, the exponent and the first two binary digits of a float64: non-negative numbers come in
# their order, four steps to each power of two.
_LEADING = 14
_STEPS = 1 << (_LEADING - 1)


@step
def _filter_index(i: int, tap: int, length: int) -> int:
    """Which filter coefficient is added as number ``tap`` for the output that ends at ``i``."""
    # In order, except that what lies beyond the end comes first and from the data outwards.
    beyond = i - length
    return beyond - tap if tap <= beyond else tap


@step
def _reflect(i: int, length: int) -> int:
    """Index into the data of position ``i`` of the data and its mirror images."""
    i %= 2 * length
    return i if i < length else 2 * length - 1 - i


@step
def _add(down: np.ndarray, row: np.ndarray, weight: float, first: bool) -> None:
    if first:
        for x in range(row.size):
            down[x] = weight * np.float64(row[x])
    else:
        for x in range(row.size):
            down[x] += weight * np.float64(row[x])


@step
def _along(down: np.ndarray, highpass: tuple[float, ...], details: np.ndarray, count: int) -> int:
    """Filter one row of vertical details, and keep what is not zero."""
    width = down.size
    for i in range(1, width + _TAPS - 1, 2):
        if _TAPS <= i + 1 <= width:
            detail = highpass[0] * down[i]
            detail += highpass[1] * down[i - 1]
            detail += highpass[2] * down[i - 2]
            detail += highpass[3] * down[i - 3]
        else:
            detail = 0.0
            for tap in range(_TAPS):
                k = _filter_index(i, tap, width)
                detail += highpass[k] * down[_reflect(i - k, width)]
        details[count] = math.fabs(detail)
        count += detail != 0.0
    return count


@step
def _holds(counts: np.ndarray, rank: int) -> tuple[int, int]:
    """Which step holds the value of this rank, and how many values the steps before it hold."""
    before = 0
    for number in range(counts.size):
        if before + counts[number] > rank:
            return number, before
        before += counts[number]
    return counts.size, before


@step
def _select(values: np.ndarray, rank: int) -> float:
    """The value of this rank, found by halving (Hoare 1961); reorders ``values``."""
    start, stop = 0, values.size - 1
    while start < stop:
        pivot = values[(start + stop) // 2]
        low, high = start, stop
        while low <= high:
            while values[low] < pivot:
                low += 1
            while pivot < values[high]:
                high -= 1
            if low <= high:
                values[low], values[high] = values[high], values[low]
                low += 1
                high -= 1
        if rank <= high:
            stop = high
        elif rank >= low:
            start = low
        else:
            break
    return values[rank]


@kernel(IMAGE, types.UniTuple(types.float64, _TAPS), types.float64[::1])
def diagonal_details(image: np.ndarray, highpass: tuple[float, ...], details: np.ndarray) -> int:
    """Write the absolute details that are not exactly zero into ``details``; return their number.

    Every sum runs in the order of PyWavelets' own (mode ``symmetric``, first down the columns, then
    along the rows), because whether a flat area's detail is zero or a rounding error depends on it.

    Parameters
    ----------
    image : uint8, (H, W).
    highpass : the wavelet's decomposition filter.
    details : room for ((H + 3) // 2) * ((W + 3) // 2) float64.
    """
    height, width = image.shape
    down = np.empty(width)
    count = 0
    for i in range(1, height + _TAPS - 1, 2):
        for tap in range(_TAPS):
            k = _filter_index(i, tap, height)
            _add(down, image[_reflect(i - k, height)], highpass[k], tap == 0)
        count = _along(down, highpass, details, count)
    return count


@kernel(types.float64[::1])
def median(values: np.ndarray) -> float:
    """The median, as `numpy.median` has it to the last digit.

    The values are counted by their leading digits, and only the few among which the median is are
    looked at again: that is several times faster than `numpy.partition`.

    Parameters
    ----------
    values : float64, (n,), 0 or more, n at least 1; they are overwritten.
    """
    lower, upper = (values.size - 1) // 2, values.size // 2
    leading = values.view(np.int64)
    counts = np.zeros(_STEPS, np.int32)
    for index in range(values.size):
        counts[leading[index] >> (64 - _LEADING)] += 1
    first, smaller = _holds(counts, lower)
    last, _ = _holds(counts, upper)
    kept = 0
    for index in range(values.size):
        number = leading[index] >> (64 - _LEADING)
        values[kept] = values[index]
        kept += (first <= number) & (number <= last)
    few = values[:kept]
    return (_select(few, lower - smaller) + _select(few, upper - smaller)) / 2.0
