"""Compiled: a padded 3 x 3 convolution by tiles of 4 x 4 answers, and its gradients.

A tile of answers needs a patch of 6 x 6 values. Patches go into another basis, of 36 planes; there
the convolution is, plane by plane, a product of the matrices (points, channels) and (channels,
answers); what comes out goes back from 36 planes to 16 values. `winograd` has the bases, and says
why.

Arrays are float32 and channels-last, so that each change of basis runs along the channels. A few
rows of tiles are taken at a time, for their planes to stay in the cache. Importing this compiles
it, or loads it from disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import types

_PLANES = 36
_TILE = 4
_PATCH = 6

_INDEX = types.int64
_MATRIX = types.Array(types.float32, 2, "C")
_STACK = types.Array(types.float32, 3, "C")
_MAPS = types.Array(types.float32, 4, "C")

_SETTINGS: dict[str, Any] = {"error_model": "numpy", "nogil": True}

# A step of a kernel becomes a part of it.
_step = numba.njit(**_SETTINGS)


def _kernel(*arguments: types.Type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Compile for ``arguments``, for all threads to run at once, or load from disk."""

    def compiled(function: Callable[..., None]) -> Callable[..., None]:
        try:
            made: Callable[..., None] = numba.njit(arguments, cache=True, **_SETTINGS)(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):  # else there is no folder to write to
                raise
            made = numba.njit(arguments, **_SETTINGS)(function)
        return made

    return compiled


@_step
def _combine(
    weights: np.ndarray, table: np.ndarray, at: int, stride: int, out: np.ndarray, to: int
) -> None:
    """Row ``to`` of ``out``: the weighted sum of 6 or 4 rows of ``table``, ``stride`` apart."""
    # Written out, one answer at a time: with few arrays in a loop the compiler makes it vectors.
    b, c, d = at + stride, at + 2 * stride, at + 3 * stride
    w0, w1, w2, w3 = weights[0], weights[1], weights[2], weights[3]
    if weights.size == _PATCH:
        e, f = at + 4 * stride, at + 5 * stride
        w4, w5 = weights[4], weights[5]
        for k in range(table.shape[1]):
            out[to, k] = (
                w0 * table[at, k]
                + w1 * table[b, k]
                + w2 * table[c, k]
                + w3 * table[d, k]
                + w4 * table[e, k]
                + w5 * table[f, k]
            )
    else:
        for k in range(table.shape[1]):
            out[to, k] = w0 * table[at, k] + w1 * table[b, k] + w2 * table[c, k] + w3 * table[d, k]


@_step
def _rebase(
    basis: np.ndarray,
    table: np.ndarray,
    at: int,
    down: int,
    right: int,
    half: np.ndarray,
    out: np.ndarray,
    to: int,
    apart: int,
) -> None:
    """``basis @ square @ basis.T`` for each channel."""
    # The square's value (r, q) is row ``at + r * down + q * right`` of ``table``; the values of the
    # answer, row by row, go to rows of ``out`` from ``to`` on, ``apart`` from one another.
    rows, columns = basis.shape
    for r in range(rows):
        for q in range(columns):
            _combine(basis[r], table, at + q * right, down, half, r * columns + q)
    for r in range(rows):
        for q in range(rows):
            _combine(basis[q], half, r * columns, 1, out, to + (r * rows + q) * apart)


@_step
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


@_step
def _add_patch(patch: np.ndarray, maps: np.ndarray, picture: int, row: int, column: int) -> None:
    """Add a tile's patch to the maps, but for what lies on the border."""
    height, width, channels = maps.shape[1:]
    top, left = _TILE * row - 1, _TILE * column - 1
    for r in range(max(0, -top), min(_PATCH, height - top)):
        for q in range(max(0, -left), min(_PATCH, width - left)):
            for k in range(channels):
                maps[picture, top + r, left + q, k] += patch[r * _PATCH + q, k]


@_step
def _load_tile(maps: np.ndarray, picture: int, row: int, column: int, tile: np.ndarray) -> None:
    """A tile of the maps, with zeros for what lies beyond them."""
    height, width, channels = maps.shape[1:]
    top, left = _TILE * row, _TILE * column
    for r in range(_TILE):
        for q in range(_TILE):
            place = r * _TILE + q
            if top + r < height and left + q < width:
                for k in range(channels):
                    tile[place, k] = maps[picture, top + r, left + q, k]
            else:
                for k in range(channels):
                    tile[place, k] = 0.0


@_step
def _store_tile(tile: np.ndarray, maps: np.ndarray, picture: int, row: int, column: int) -> None:
    """Write a tile into the maps, but for what lies beyond them."""
    height, width, channels = maps.shape[1:]
    top, left = _TILE * row, _TILE * column
    for r in range(min(_TILE, height - top)):
        for q in range(min(_TILE, width - left)):
            for k in range(channels):
                maps[picture, top + r, left + q, k] = tile[r * _TILE + q, k]


@_step
def _patches_to_planes(
    maps: np.ndarray,
    start: int,
    stop: int,
    basis: np.ndarray,
    strip: np.ndarray,
    half: np.ndarray,
    planes: np.ndarray,
) -> None:
    """The patches of the rows of tiles ``start`` to ``stop``, counted through all pictures."""
    height, width = maps.shape[1:3]
    down, across = -(-height // _TILE), -(-width // _TILE)
    points = (stop - start) * across
    for row in range(start, stop):
        _load_strip(maps, row // down, row % down, strip)
        for column in range(across):
            point = (row - start) * across + column
            left, line = _TILE * column, _TILE * across + 2
            _rebase(basis, strip, left, line, 1, half, planes, point, points)


@_kernel(_MAPS, _STACK, _MATRIX, _MATRIX, _INDEX, _INDEX, _INDEX, _MAPS)
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
    down, across = -(-height // _TILE), -(-width // _TILE)
    strip = np.zeros((_PATCH * (_TILE * across + 2), channels), np.float32)
    half = np.empty((_PATCH * _PATCH, channels), np.float32)
    half_tile = np.empty((_TILE * _PATCH, n_answers), np.float32)
    tile = np.empty((_TILE * _TILE, n_answers), np.float32)
    inputs = np.empty((_PLANES * rows * across, channels), np.float32)
    outputs = np.empty((_PLANES * rows * across, n_answers), np.float32)
    for start in range(first * down, last * down, rows):
        stop = min(start + rows, last * down)
        points = (stop - start) * across
        _patches_to_planes(maps, start, stop, to_planes, strip, half, inputs)
        for plane in range(_PLANES):
            there = slice(plane * points, (plane + 1) * points)
            np.dot(inputs[there], weights[plane], outputs[there])
        for row in range(start, stop):
            for column in range(across):
                point = (row - start) * across + column
                _rebase(from_planes, outputs, point, _PATCH * points, points, half_tile, tile, 0, 1)
                _store_tile(tile, answers, row // down, row % down, column)


@_kernel(_MAPS, _STACK, _MAPS, _MATRIX, _MATRIX, _INDEX, _INDEX, _INDEX, _STACK, _MAPS)
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
    weight_slopes : (36, channels, answers), to which the weights' gradient is added, or of size 0.
    map_slopes : (n, height, width, channels), to which the maps' gradient is added, or of size 0.
    """
    height, width, channels = maps.shape[1:]
    n_answers = slopes.shape[3]
    down, across = -(-height // _TILE), -(-width // _TILE)
    to_patches = np.ascontiguousarray(to_planes.T)
    tiles_to_planes = np.ascontiguousarray(from_planes.T)
    strip = np.zeros((_PATCH * (_TILE * across + 2), channels), np.float32)
    half = np.empty((_PATCH * _PATCH, channels), np.float32)
    half_tile = np.empty((_PATCH * _TILE, n_answers), np.float32)
    patch = np.empty((_PATCH * _PATCH, channels), np.float32)
    tile = np.empty((_TILE * _TILE, n_answers), np.float32)
    product = np.empty((channels, n_answers), np.float32)
    inputs = np.empty((_PLANES * rows * across, channels), np.float32)
    outputs = np.empty((_PLANES * rows * across, n_answers), np.float32)
    for start in range(first * down, last * down, rows):
        stop = min(start + rows, last * down)
        points = (stop - start) * across
        for row in range(start, stop):
            for column in range(across):
                point = (row - start) * across + column
                _load_tile(slopes, row // down, row % down, column, tile)
                _rebase(tiles_to_planes, tile, 0, _TILE, 1, half_tile, outputs, point, points)
        if weight_slopes.size > 0:
            _patches_to_planes(maps, start, stop, to_planes, strip, half, inputs)
            for plane in range(_PLANES):
                there = slice(plane * points, (plane + 1) * points)
                np.dot(inputs[there].T, outputs[there], product)
                for k in range(channels):
                    for answer in range(n_answers):
                        weight_slopes[plane, k, answer] += product[k, answer]
        if map_slopes.size > 0:
            for plane in range(_PLANES):
                there = slice(plane * points, (plane + 1) * points)
                np.dot(outputs[there], weights[plane].T, inputs[there])
            for row in range(start, stop):
                for column in range(across):
                    point = (row - start) * across + column
                    _rebase(to_patches, inputs, point, _PATCH * points, points, half, patch, 0, 1)
                    _add_patch(patch, map_slopes, row // down, row % down, column)
