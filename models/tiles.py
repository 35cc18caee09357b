"""Compiled: a padded 3 x 3 convolution by tiles of 4 x 4 answers, and its gradients.

A tile of answers needs a patch of 6 x 6 values. Patches go into another basis, of 36 planes; there
the convolution is, plane by plane, a product of the matrices (points, channels) and (channels,
answers); what comes out goes back from 36 planes to 16 values. `winograd` has the bases, and says
why.

Arrays are float32 and channels-last, so that each change of basis runs along the channels. A few
rows of tiles are taken at a time, for their planes to stay in the cache. All kernels let other
threads run: each is given its own pictures.
"""

from __future__ import annotations

import numpy as np
from numba import types

from features.kernels.kernel import kernel, step

PLANES = 36
_TILE = 4
_PATCH = 6

_MATRIX = types.Array(types.float32, 2, "C")
_STACK = types.Array(types.float32, 3, "C")
_MAPS = types.Array(types.float32, 4, "C")


@step
def _combine(
    weights: np.ndarray, given: np.ndarray, at: int, stride: int, out: np.ndarray, to: int
) -> None:
    """Row ``to`` of ``out``: the weighted sum of 6 or 4 rows of ``given``, ``stride`` apart.

    Written out, one answer at a time: with few arrays in a loop the compiler makes it vectors.
    """
    b, c, d, e, f = at + stride, at + 2 * stride, at + 3 * stride, at + 4 * stride, at + 5 * stride
    w0, w1, w2, w3 = weights[0], weights[1], weights[2], weights[3]
    if weights.size == _PATCH:
        w4, w5 = weights[4], weights[5]
        for k in range(given.shape[1]):
            out[to, k] = (
                w0 * given[at, k]
                + w1 * given[b, k]
                + w2 * given[c, k]
                + w3 * given[d, k]
                + w4 * given[e, k]
                + w5 * given[f, k]
            )
    else:
        for k in range(given.shape[1]):
            out[to, k] = w0 * given[at, k] + w1 * given[b, k] + w2 * given[c, k] + w3 * given[d, k]


@step
def _rebase(
    basis: np.ndarray,
    given: np.ndarray,
    at: int,
    down: int,
    right: int,
    half: np.ndarray,
    out: np.ndarray,
    to: int,
    apart: int,
) -> None:
    """``basis @ square @ basis.T`` for each channel.

    The square's value (r, q) is row ``at + r * down + q * right`` of ``given``; the values of the
    answer, row by row, go to rows of ``out`` from ``to`` on, ``apart`` from one another.
    """
    rows, columns = basis.shape
    for r in range(rows):
        for q in range(columns):
            _combine(basis[r], given, at + q * right, down, half, r * columns + q)
    for r in range(rows):
        for q in range(rows):
            _combine(basis[q], half, r * columns, 1, out, to + (r * rows + q) * apart)


@step
def _load_strip(maps: np.ndarray, picture: int, row: int, strip: np.ndarray) -> None:
    """The six lines that a row of tiles needs; the strip's borders are zero, and stay so."""
    height, width, channels = maps.shape[1:]
    across = strip.shape[0] // _PATCH
    for r in range(_PATCH):
        y = _TILE * row + r - 1
        for x in range(width):
            place = r * across + x + 1
            if 0 <= y < height:
                for k in range(channels):
                    strip[place, k] = maps[picture, y, x, k]
            else:
                for k in range(channels):
                    strip[place, k] = 0.0


@step
def _to_planes(
    maps: np.ndarray,
    picture: int,
    row: int,
    basis: np.ndarray,
    strip: np.ndarray,
    half: np.ndarray,
    planes: np.ndarray,
    point: int,
) -> None:
    """The patches of a row of tiles, as points of the planes from ``point`` on."""
    _load_strip(maps, picture, row, strip)
    across = strip.shape[0] // _PATCH
    points = planes.shape[0] // PLANES
    for j in range((across - 2) // _TILE):
        _rebase(basis, strip, _TILE * j, across, 1, half, planes, point + j, points)


@kernel(_MAPS, _STACK, _MATRIX, _MATRIX, types.int64, types.int64, types.int64, _MAPS)
def forward(
    maps: np.ndarray,
    weights: np.ndarray,
    to_planes: np.ndarray,
    from_planes: np.ndarray,
    first: int,
    last: int,
    rows: int,
    answers: np.ndarray,
) -> None:
    """Fill ``answers`` (n, height, width, answers) for pictures ``first`` to ``last``.

    Parameters
    ----------
    maps : (n, height, width, channels).
    weights : (36, channels, answers), the kernel in the planes' basis.
    to_planes : (6, 6), the basis change of patches.
    from_planes : (4, 6), that of the answers.
    first, last : which pictures; the last is not among them.
    rows : rows of tiles that are taken at a time.
    """
    height, width, channels = maps.shape[1:]
    n_answers = answers.shape[3]
    tiles_down, tiles_across = -(-height // _TILE), -(-width // _TILE)
    strip = np.zeros((_PATCH * (_TILE * tiles_across + 2), channels), np.float32)
    half = np.empty((PLANES, channels), np.float32)
    half_answers = np.empty((PLANES, n_answers), np.float32)
    tile = np.empty((_TILE * _TILE, n_answers), np.float32)
    all_given = np.empty(PLANES * rows * tiles_across * channels, np.float32)
    all_found = np.empty(PLANES * rows * tiles_across * n_answers, np.float32)
    for start in range(first * tiles_down, last * tiles_down, rows):
        stop = min(start + rows, last * tiles_down)
        points = (stop - start) * tiles_across
        given = all_given[: PLANES * points * channels].reshape(PLANES * points, channels)
        found = all_found[: PLANES * points * n_answers].reshape(PLANES * points, n_answers)
        for row in range(start, stop):
            picture, i = divmod(row, tiles_down)
            point = (row - start) * tiles_across
            _to_planes(maps, picture, i, to_planes, strip, half, given, point)
        for plane in range(PLANES):
            part = slice(plane * points, (plane + 1) * points)
            np.dot(given[part], weights[plane], found[part])
        for row in range(start, stop):
            picture, i = divmod(row, tiles_down)
            for j in range(tiles_across):
                point = (row - start) * tiles_across + j
                _rebase(from_planes, found, point, 6 * points, points, half_answers, tile, 0, 1)
                for y in range(_TILE * i, min(_TILE * (i + 1), height)):
                    for x in range(_TILE * j, min(_TILE * (j + 1), width)):
                        place = (y - _TILE * i) * _TILE + x - _TILE * j
                        for k in range(n_answers):
                            answers[picture, y, x, k] = tile[place, k]


@kernel(
    _MAPS,
    _STACK,
    _MAPS,
    _MATRIX,
    _MATRIX,
    types.int64,
    types.int64,
    types.int64,
    _STACK,
    _MAPS,
)
def backward(
    maps: np.ndarray,
    weights: np.ndarray,
    slopes: np.ndarray,
    to_planes: np.ndarray,
    from_planes: np.ndarray,
    first: int,
    last: int,
    rows: int,
    weight_slopes: np.ndarray,
    map_slopes: np.ndarray,
) -> None:
    """Add up the gradients of `forward`'s weights and maps, each by the transposed step.

    Parameters
    ----------
    maps, weights, to_planes, from_planes, first, last, rows : as for `forward`.
    slopes : (n, height, width, answers), the gradient of the answers.
    weight_slopes : (36, channels, answers), to which the weights' gradient is added.
    map_slopes : (n, height, width, channels), to which the maps' gradient is added; of size 0 if it
        is not wanted.
    """
    height, width, channels = maps.shape[1:]
    n_answers = slopes.shape[3]
    tiles_down, tiles_across = -(-height // _TILE), -(-width // _TILE)
    patch_slopes_basis = np.ascontiguousarray(to_planes.T)
    answer_slopes_basis = np.ascontiguousarray(from_planes.T)
    strip = np.zeros((_PATCH * (_TILE * tiles_across + 2), channels), np.float32)
    half = np.empty((PLANES, channels), np.float32)
    half_slopes = np.empty((PLANES, n_answers), np.float32)
    patch = np.empty((_PATCH * _PATCH, channels), np.float32)
    tile = np.zeros((_TILE * _TILE, n_answers), np.float32)
    product = np.empty((channels, n_answers), np.float32)
    all_given = np.empty(PLANES * rows * tiles_across * channels, np.float32)
    all_found = np.empty(PLANES * rows * tiles_across * n_answers, np.float32)
    for start in range(first * tiles_down, last * tiles_down, rows):
        stop = min(start + rows, last * tiles_down)
        points = (stop - start) * tiles_across
        given = all_given[: PLANES * points * channels].reshape(PLANES * points, channels)
        found = all_found[: PLANES * points * n_answers].reshape(PLANES * points, n_answers)
        for row in range(start, stop):
            picture, i = divmod(row, tiles_down)
            point = (row - start) * tiles_across
            _to_planes(maps, picture, i, to_planes, strip, half, given, point)
            for j in range(tiles_across):
                if _TILE * (i + 1) > height or _TILE * (j + 1) > width:
                    tile[:] = 0.0
                for y in range(_TILE * i, min(_TILE * (i + 1), height)):
                    for x in range(_TILE * j, min(_TILE * (j + 1), width)):
                        place = (y - _TILE * i) * _TILE + x - _TILE * j
                        for k in range(n_answers):
                            tile[place, k] = slopes[picture, y, x, k]
                _rebase(
                    answer_slopes_basis, tile, 0, _TILE, 1, half_slopes, found, point + j, points
                )
        for plane in range(PLANES):
            part = slice(plane * points, (plane + 1) * points)
            np.dot(given[part].T, found[part], product)
            for k in range(channels):
                for m in range(n_answers):
                    weight_slopes[plane, k, m] += product[k, m]
        if map_slopes.size == 0:
            continue
        for plane in range(PLANES):
            part = slice(plane * points, (plane + 1) * points)
            np.dot(found[part], weights[plane].T, given[part])
        for row in range(start, stop):
            picture, i = divmod(row, tiles_down)
            for j in range(tiles_across):
                point = (row - start) * tiles_across + j
                _rebase(patch_slopes_basis, given, point, 6 * points, points, half, patch, 0, 1)
                for r in range(max(0, 1 - _TILE * i), min(_PATCH, height + 1 - _TILE * i)):
                    for q in range(max(0, 1 - _TILE * j), min(_PATCH, width + 1 - _TILE * j)):
                        y, x = _TILE * i + r - 1, _TILE * j + q - 1
                        for k in range(channels):
                            map_slopes[picture, y, x, k] += patch[r * _PATCH + q, k]
