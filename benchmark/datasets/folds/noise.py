"""Smooth random fields and blurs, made of sums and products only."""

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.draws import Draws

Field = NDArray[np.float32]
_LATTICE = 64
_WRAP = _LATTICE - 1


def value_noise(draws: Draws, x: Field, y: Field, cell_x: float, cell_y: float) -> Field:
    """Smooth noise in [-1, 1] at (x, y), with features about as large as the cell.

    Random values on a lattice, joined by smoothstep (the value noise of Perlin 1985, "An image
    synthesizer"). The lattice repeats after 64 cells. x and y have one shape, or are the row (1, n)
    and the column (m, 1) of a grid of pixels, which is several times faster.
    """
    values = draws.signed(_LATTICE, _LATTICE)
    column, across = _cells(x, cell_x)
    row, down = _cells(y, cell_y)
    right, below = (column + 1) & _WRAP, (row + 1) & _WRAP
    if len(x) == 1 and y.shape[1] == 1:
        lines = _mixed(values[:, column[0]], values[:, right[0]], across)
        return _mixed(lines[row[:, 0]], lines[below[:, 0]], down)
    flat, row, below = values.ravel(), row * _LATTICE, below * _LATTICE
    upper = _mixed(flat[row + column], flat[row + right], across)
    lower = _mixed(flat[below + column], flat[below + right], across)
    return _mixed(upper, lower, down)


def _cells(position: Field, cell: float) -> tuple[NDArray[np.int32], Field]:
    """The lattice point before each position, and the weight of the one after it."""
    scaled = position * np.float32(1.0 / cell)
    whole = np.floor(scaled)
    part = scaled - whole
    return whole.astype(np.int32) & _WRAP, part * part * (np.float32(3) - np.float32(2) * part)


def _mixed(first: Field, second: Field, weight: Field) -> Field:
    return first + (second - first) * weight


def fractal(
    draws: Draws, x: Field, y: Field, cell: float, octaves: int, stretch: float = 1.0
) -> Field:
    """Sum of octaves of value noise, each half as large and 0.6 as strong, in [-1, 1].

    `stretch` makes features that many times longer in x than in y.
    """
    total, weight, strength = np.zeros(1, np.float32), 0.0, 1.0
    for _ in range(octaves):
        total = total + np.float32(strength) * value_noise(draws, x, y, cell * stretch, cell)
        weight, strength, cell = weight + strength, 0.6 * strength, 0.5 * cell
    return total * np.float32(1.0 / weight)


def soften(image: Field, passes: int) -> Field:
    """Blur over the first two axes with the weights 1 2 1, `passes` times.

    The deviation is sqrt(passes / 2) pixels.
    """
    for _ in range(passes):
        for axis in (0, 1):
            image = _soften_axis(image, axis)
    return image


def _soften_axis(image: Field, axis: int) -> Field:
    lines = np.moveaxis(image, axis, 0)
    before = np.concatenate([lines[:1], lines[:-1]])
    after = np.concatenate([lines[1:], lines[-1:]])
    return np.moveaxis((before + after) * np.float32(0.25) + lines * np.float32(0.5), 0, axis)


def smooth_step(value: Field, low: float, high: float) -> Field:
    """0 below `low`, 1 above `high`, smooth between."""
    part = np.clip((value - np.float32(low)) * np.float32(1.0 / (high - low)), 0, 1)
    return part * part * (np.float32(3) - np.float32(2) * part)
