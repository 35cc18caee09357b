"""Canny's edges, to the last pixel those of scikit-image.

An edge is decided by comparing sums in float64, so every sum here runs in the order in which SciPy
and scikit-image add: the middle of a symmetric filter first, then pairs from the outside inwards;
columns before rows.
"""

from __future__ import annotations

import math

import numpy as np
from numba import types

from features.kernels.kernel import IMAGE, LINE, kernel, step

_RADIUS = 4
_ROWS = 2 * _RADIUS + 1
_SCALE = 1.0 / 255.0
_EPSILON = float(np.finfo(np.float64).eps)
# scikit-image hands the lower threshold on in single precision.
_LOW = float(np.float32(0.1))
_HIGH = 0.2

_EDGE = 255
_WEAK = 1


@step
def _scale(row: np.ndarray, scaled: np.ndarray) -> None:
    for x in range(row.size):
        scaled[x] = np.float64(row[x]) * _SCALE


@step
def _weighted(line: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """Correlate a line that has `_RADIUS` zeros at either end with the Gaussian."""
    width = out.size
    a, b, c, d = line[:width], line[1 : 1 + width], line[2 : 2 + width], line[3 : 3 + width]
    e = line[4 : 4 + width]
    f, g, h, i = line[5 : 5 + width], line[6 : 6 + width], line[7 : 7 + width], line[8:]
    for x in range(width):
        total = e[x] * weights[0]
        total += (a[x] + i[x]) * weights[4]
        total += (b[x] + h[x]) * weights[3]
        total += (c[x] + g[x]) * weights[2]
        total += (d[x] + f[x]) * weights[1]
        out[x] = total


@step
def _inside_share(
    y: int, height: int, weights: np.ndarray, line: np.ndarray, share: np.ndarray
) -> None:
    """Which share of the Gaussian about each pixel of row ``y`` lies inside the image."""
    if _RADIUS < y < height - _RADIUS:  # it reaches no border, and neither did the row before
        return
    column = weights[0]
    for k in range(_RADIUS, 0, -1):
        column += ((1.0 if y >= k else 0.0) + (1.0 if y + k < height else 0.0)) * weights[k]
    line[_RADIUS : _RADIUS + share.size] = column
    _weighted(line, weights, share)
    for x in range(share.size):
        share[x] += _EPSILON


@step
def _smooth(
    scaled: np.ndarray,
    y: int,
    weights: np.ndarray,
    line: np.ndarray,
    share: np.ndarray,
    out: np.ndarray,
) -> None:
    """Row ``y`` of the Gaussian blur, corrected for the share, with its ends written twice."""
    width = share.size
    blurred = out[1 : 1 + width]
    inner = line[_RADIUS : _RADIUS + width]
    middle = scaled[y % _ROWS]
    for x in range(width):
        inner[x] = middle[x] * weights[0]
    for k in range(_RADIUS, 0, -1):
        above, below = scaled[(y + _ROWS - k) % _ROWS], scaled[(y + k) % _ROWS]
        weight = weights[k]
        for x in range(width):
            inner[x] += (above[x] + below[x]) * weight
    _weighted(line, weights, blurred)
    for x in range(width):
        blurred[x] /= share[x]
    out[0], out[width + 1] = blurred[0], blurred[width - 1]


@step
def _gradient(
    above: np.ndarray,
    middle: np.ndarray,
    below: np.ndarray,
    across: np.ndarray,
    along: np.ndarray,
    strength: np.ndarray,
) -> None:
    """Sobel's derivatives of one row, down the columns and along the row, and their length."""
    width = strength.size
    above_left, above_here, above_right = above[:width], above[1 : 1 + width], above[2:]
    below_left, below_here, below_right = below[:width], below[1 : 1 + width], below[2:]
    left, right = middle[:width], middle[2:]
    for x in range(width):
        sides = (below_left[x] - above_left[x]) + (below_right[x] - above_right[x])
        across[x] = (below_here[x] - above_here[x]) * 2.0 + sides
    for x in range(width):
        sides = (above_right[x] - above_left[x]) + (below_right[x] - below_left[x])
        along[x] = (right[x] - left[x]) * 2.0 + sides
    for x in range(width):
        strength[x] = math.sqrt(across[x] * across[x] + along[x] * along[x])


@step
def _thin(
    across: np.ndarray,
    along: np.ndarray,
    above: np.ndarray,
    row: np.ndarray,
    below: np.ndarray,
    kept: np.ndarray,
) -> None:
    """Write into ``kept`` the strength of pixels that no point across the edge exceeds, else 0."""
    # The gradient points between a straight and a diagonal neighbour, and away from two more. There
    # are no branches: nobody could foretell them, and the loop would not fill vectors.
    inner = row.size - 2
    left, here, right = row[:inner], row[1 : 1 + inner], row[2:]
    above_left, above_here, above_right = above[:inner], above[1 : 1 + inner], above[2:]
    below_left, below_here, below_right = below[:inner], below[1 : 1 + inner], below[2:]
    across, along = across[1 : 1 + inner], along[1 : 1 + inner]
    for x in range(inner):
        steep, flat = math.fabs(across[x]), math.fabs(along[x])
        down = (across[x] > 0.0) == (along[x] > 0.0)
        share = min(steep, flat) / max(steep, flat)
        middle, before, after = here[x], left[x], right[x]
        first, second, third = above_left[x], above_here[x], above_right[x]
        fourth, fifth, sixth = below_left[x], below_here[x], below_right[x]
        straight_ahead = fifth if down else second
        straight_behind = second if down else fifth
        straight_ahead = straight_ahead if steep > flat else after
        straight_behind = straight_behind if steep > flat else before
        diagonal_ahead = sixth if down else third
        diagonal_behind = first if down else fourth
        ahead = diagonal_ahead * share + straight_ahead * (1.0 - share)
        behind = diagonal_behind * share + straight_behind * (1.0 - share)
        greatest = (ahead <= middle) & (behind <= middle) & (middle >= _LOW)
        kept[x] = middle if greatest else 0.0


@step
def _mark(kept: np.ndarray, y: int, edges: np.ndarray, stack: np.ndarray, strong: int) -> int:
    """Mark the pixels kept in row ``y``: strong ones are edges and wait on the stack."""
    width = edges.shape[1]
    row = edges[y]
    for x in range(width - 2):
        value = _WEAK if kept[x] > 0.0 else 0
        row[x + 1] = _EDGE if kept[x] >= _HIGH else value
        stack[strong] = y * width + x + 1
        strong += kept[x] >= _HIGH
    return strong


@step
def _link(edges: np.ndarray, stack: np.ndarray, waiting: int) -> None:
    """Make edges of the weak pixels that touch an edge, and drop the others."""
    height, width = edges.shape
    while waiting:
        waiting -= 1
        y, x = divmod(stack[waiting], width)
        for v in range(y - 1, y + 2):
            for u in range(x - 1, x + 2):
                if edges[v, u] == _WEAK:
                    edges[v, u] = _EDGE
                    stack[waiting] = v * width + u
                    waiting += 1
    for y in range(height):
        row = edges[y]
        for x in range(width):
            row[x] = row[x] if row[x] == _EDGE else 0


@kernel(IMAGE, LINE, types.uint8[:, ::1], types.int64[::1])
def canny(image: np.ndarray, weights: np.ndarray, edges: np.ndarray, stack: np.ndarray) -> None:
    """Write the edges of an image.

    Only a few rows at a time are held in float64: they stay in the nearest cache.

    Parameters
    ----------
    image : uint8, (H, W).
    weights : the Gaussian's right half, the centre first, float64, (5,).
    edges : uint8, (H, W): 255 on an edge, else 0.
    stack : room for H * W indices.
    """
    height, width = image.shape
    scaled = np.zeros((_ROWS, width))
    line = np.zeros(width + 2 * _RADIUS)
    share = np.empty(width)
    smooth = np.empty((3, width + 2))
    across = np.empty((3, width))
    along = np.empty((3, width))
    strength = np.empty((3, width))
    kept = np.empty(max(width - 2, 0))
    edges[:] = 0
    strong = 0
    for y in range(min(_RADIUS, height)):
        _scale(image[y], scaled[y])
    for y in range(height + 2):
        if y < height:
            if y + _RADIUS < height:
                _scale(image[y + _RADIUS], scaled[(y + _RADIUS) % _ROWS])
            else:
                scaled[(y + _RADIUS) % _ROWS, :] = 0.0
            _inside_share(y, height, weights, line, share)
            _smooth(scaled, y, weights, line, share, smooth[y % 3])
        if 1 <= y <= height:
            middle = y - 1
            above, below = max(middle - 1, 0), min(y, height - 1)
            _gradient(
                smooth[above % 3], smooth[middle % 3], smooth[below % 3],
                across[middle % 3], along[middle % 3], strength[middle % 3],
            )  # fmt: skip
        if 3 <= y <= height and width > 2:
            middle = y - 2
            _thin(
                across[middle % 3], along[middle % 3],
                strength[(middle - 1) % 3], strength[middle % 3], strength[(middle + 1) % 3], kept,
            )  # fmt: skip
            strong = _mark(kept, middle, edges, stack, strong)
    _link(edges, stack, strong)
