"""Modelled pictures and their labels, from a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.weights.modelled import patterns
from models.weights.modelled.plane import Draws, Field, per_picture, posed_plane

PATTERNS = (
    patterns.grating,
    patterns.spiral,
    patterns.layers,
    patterns.spectral_noise,
    patterns.cells,
    patterns.scattered_marks,
    patterns.contour,
    patterns.polygon,
    patterns.attractor,
)

# Pictures are drawn this many times as large and averaged, so that edges are smooth.
_FINER = 2


def modelled_pictures(
    classes: int, each: int, seed: int, side: int = 32
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw labelled pictures of formula-driven shapes and textures.

    Parameters
    ----------
    classes : number of classes; class k is drawn by ``PATTERNS[k % 9]``.
    each : pictures of each class.
    seed : decides everything; a class's pictures do not depend on how many classes there are.
    side : width and height in pixels.

    Returns
    -------
    uint8 (classes * each, side, side, 3) RGB and int64 labels (classes * each,), class by class.
    """
    pictures = np.empty((classes, each, side, side, 3), np.uint8)
    for label in range(classes):
        draws = np.random.default_rng([seed, label])
        pattern, palette = PATTERNS[label % len(PATTERNS)](draws), _palette(draws)
        field = pattern(*posed_plane(each, side * _FINER, draws), draws)
        coloured = _light(_coloured(field, palette, draws), draws)
        smaller = coloured.reshape(each, side, _FINER, side, _FINER, 3).mean(axis=(2, 4))
        grain = draws.uniform(0, 0.06, (each, 1, 1, 1)) * draws.standard_normal(smaller.shape)
        pictures[label] = np.rint(255 * np.clip(smaller + grain, 0, 1))
    return pictures.reshape(-1, side, side, 3), np.repeat(np.arange(classes), each)


def _palette(draws: Draws) -> NDArray[np.float64] | None:
    """Colours (2, 3) of a class's ground and figure; None if each picture has its own."""
    return draws.random((2, 3)) if draws.random() < 0.5 else None


def _coloured(field: Field, palette: NDArray[np.float64] | None, draws: Draws) -> Field:
    """Fields (n, side, side) as pictures (n, side, side, 3) between two colours."""
    n = len(field)
    if palette is None:
        ground, figure = draws.random((2, n, 3))
        # Two colours that can be told apart: at least a quarter of the range in one channel.
        figure[:, 0] = (ground[:, 0] + draws.uniform(0.25, 0.75, n)) % 1
    else:
        ground, figure = palette[:, None] + draws.normal(0, 0.08, (2, n, 3))
    ground, figure = (c.astype(np.float32)[:, None, None] for c in (ground, figure))
    return ground + (figure - ground) * field[..., None]


def _light(pictures: Field, draws: Draws) -> Field:
    """Light that falls off to one side, of another strength and direction in each picture."""
    n, side = pictures.shape[:2]
    steps = np.linspace(-1, 1, side, dtype=np.float32)
    turn, strength = draws.uniform(0, 2 * np.pi, n), draws.uniform(0, 0.4, n)
    across, down = per_picture(np.cos(turn) * strength), per_picture(np.sin(turn) * strength)
    return pictures * (1 + across * steps + down * steps[:, None])[..., None]
