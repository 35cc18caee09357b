"""How a camera changes what it sees: uneven light, blur, colour cast, noise and compression."""

import math

import numpy as np

from benchmark.datasets.folds.draws import Draws
from benchmark.datasets.folds.noise import Field, soften

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_COSINES = np.array(
    [
        [
            round(math.cos((2 * j + 1) * k * math.pi / 16) * (0.125**0.5 if k == 0 else 0.5), 9)
            for j in range(8)
        ]
        for k in range(8)
    ],
    np.float32,
)


def photographed(picture: Field, x: Field, y: Field, draws: Draws) -> Field:
    """The picture (size, size, 3), RGB in [0, 1], as a camera gives it."""
    size = x.shape[1]
    picture = picture * _light(x, y, size, draws)[..., None]
    picture = soften(picture, round(draws.below(4) * size / 96))
    picture = _exposed(picture, draws)
    if draws.chance(0.08):  # an old black-and-white photograph
        picture = _luma(picture) * np.ones(3, np.float32)
    grain = draws.between(0.005, 0.045)
    shared, own = draws.bell(size, size, 1), draws.bell(size, size, 3)
    noise: Field = shared + own * np.float32(0.5)
    picture = picture + noise * np.float32(grain)
    return np.clip(_compressed(np.clip(picture, 0, 1), draws), 0, 1)


def _light(x: Field, y: Field, size: int, draws: Draws) -> Field:
    """A gradient across the frame, and darker corners."""
    middle = np.float32((size - 1) / 2)
    across, down = (x - middle) * np.float32(1 / size), (y - middle) * np.float32(1 / size)
    light = 1 + across * np.float32(draws.peaked(0.7)) + down * np.float32(draws.peaked(0.7))
    return light - (across * across + down * down) * np.float32(draws.between(0, 0.6))


def _exposed(picture: Field, draws: Draws) -> Field:
    """Exposure, contrast about middle grey, and a colour cast."""
    gain, contrast = draws.between(0.75, 1.35), draws.between(0.65, 1.3)
    cast = (1 + 0.16 * (draws.unit(3) - 0.5)).astype(np.float32)
    picture = picture * cast * np.float32(gain)
    return (picture - np.float32(0.45)) * np.float32(contrast) + np.float32(0.45)


def _luma(picture: Field) -> Field:
    red, green, blue = (picture[..., k : k + 1] * _LUMA[k] for k in range(3))
    return red + green + blue


def _compressed(picture: Field, draws: Draws) -> Field:
    """Losses of a JPEG file: coarse cosines in blocks of 8, colour at half resolution."""
    step = draws.between(0.01, 0.09)
    size = picture.shape[0]
    margin = -size % 8
    padded = np.pad(picture, ((0, margin), (0, margin), (0, 0)), mode="edge")
    light = _luma(padded)
    colour = padded - light
    light = _quantised(light[..., 0], step)[..., None]
    return (light + _halved(colour))[:size, :size]


def _quantised(light: Field, step: float) -> Field:
    blocks = light.reshape(light.shape[0] // 8, 8, light.shape[1] // 8, 8)
    rows = np.arange(8, dtype=np.float32)
    # Fine detail is kept less exactly, as in JPEG's own table.
    steps = (np.float32(step) * (1 + np.float32(0.6) * (rows[:, None] + rows[None, :])))[:, None, :]
    coefficients = _mixed(_mixed(blocks, _COSINES, 1), _COSINES, 3)
    coefficients = np.rint(coefficients / steps) * steps
    return _mixed(_mixed(coefficients, _COSINES.T, 1), _COSINES.T, 3).reshape(light.shape)


def _mixed(blocks: Field, weights: Field, axis: int) -> Field:
    """`weights` (8, 8) times the blocks along an axis, added in a fixed order.

    A matrix product would add in whatever order the machine's BLAS prefers.
    """
    lines = np.moveaxis(blocks, axis, 0)
    total = weights[:, 0].reshape(8, 1, 1, 1) * lines[0]
    for k in range(1, 8):
        total = total + weights[:, k].reshape(8, 1, 1, 1) * lines[k]
    return np.moveaxis(total, 0, axis)


def _halved(colour: Field) -> Field:
    high, wide = colour.shape[0] // 2, colour.shape[1] // 2
    quads = colour.reshape(high, 2, wide, 2, 3)
    mean = (quads[:, 0, :, 0] + quads[:, 1, :, 0] + quads[:, 0, :, 1] + quads[:, 1, :, 1]) / 4
    return np.repeat(np.repeat(mean, 2, axis=0), 2, axis=1)
