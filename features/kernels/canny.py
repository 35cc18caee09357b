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
    centre = line[_RADIUS : _RADIUS + width]
    for x in range(width):
        out[x] = centre[x] * weights[0]
    for k in range(_RADIUS, 0, -1):
        left, right = line[_RADIUS - k : _RADIUS - k + width], line[_RADIUS + k : _RADIUS + k + width]
        weight = weights[k]
        for x in range(width):
            out[x] += (left[x] + right[x]) * weight


@step
def _inside_share(
    y: int, height: int, weights: np.ndarray, line: np.ndarray, share: np.ndarray
) -> None:
    """Which share of the Gaussian about each pixel of row ``y`` lies inside the image.

    Rows as far from the borders as the Gaussian reaches have the same shares.
    """
    if _RADIUS < y < height - _RADIUS:
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
    y: int,
    across: np.ndarray,
    along: np.ndarray,
    strength: np.ndarray,
    edges: np.ndarray,
    stack: np.ndarray,
    strong: int,
) -> int:
    """Mark the pixels of row ``y`` that no pixel across the edge exceeds.

    Strong ones are edges and go on the stack; the others wait to be linked to one.
    """
    width = edges.shape[1]
    row, above, below = strength[y % 3], strength[(y + 2) % 3], strength[(y + 1) % 3]
    for x in range(1, width - 1):
        here = row[x]
        if not here >= _LOW:
            continue
        i, j = across[y % 3, x], along[y % 3, x]
        steep, flat = math.fabs(i), math.fabs(j)
        # The gradient points between a straight and a diagonal neighbour, and away from two more.
        ahead, behind = (below, above) if (i > 0.0) == (j > 0.0) else (above, below)
        diagonal_ahead, diagonal_behind = ahead[x + 1], behind[x - 1]
        if steep > flat:
            share = flat / steep
            straight_ahead, straight_behind = ahead[x], behind[x]
        else:
            share = steep / flat
            straight_ahead, straight_behind = row[x + 1], row[x - 1]
        if not diagonal_ahead * share + straight_ahead * (1.0 - share) <= here:
            continue
        if not diagonal_behind * share + straight_behind * (1.0 - share) <= here:
            continue
        edges[y, x] = _WEAK
        if here >= _HIGH:
            edges[y, x] = _EDGE
            stack[strong] = y * width + x
            strong += 1
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
    """Write the edges of ``image`` (uint8, (H, W)) into ``edges``: uint8, 255 on an edge, else 0.

    Only a few rows at a time are held in float64: they stay in the nearest cache.

    Parameters
    ----------
    weights : the Gaussian's right half, the centre first, float64, (5,).
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
        if 3 <= y <= height:
            strong = _thin(y - 2, across, along, strength, edges, stack, strong)
    _link(edges, stack, strong)
