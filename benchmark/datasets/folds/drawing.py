"""Drawings of a fold: clean ones, as structural-modelling software makes them, and outcrops.

A clean one has flat colours, thin dark boundaries and a plain background.
"""

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.camera import photographed
from benchmark.datasets.folds.cover import covered
from benchmark.datasets.folds.draws import CAMERA, SURFACE, Draws
from benchmark.datasets.folds.noise import Field
from benchmark.datasets.folds.rock import displaced, lit, rock_face
from benchmark.datasets.folds.section import Fold, cut_section


def draw_clean(fold: Fold, seed: int, split: str, index: int, size: int) -> Field:
    """The picture (size, size, 3), RGB in [0, 1]."""
    y, x = np.indices((size, size)).astype(np.float32)
    section = cut_section(fold, seed, split, index, x, y)
    draws = Draws(seed, split, index, SURFACE)
    colours = _palette(section.layers, draws)

    # A pixel that a boundary crosses takes a share of the colour on its other side.
    nearest = np.minimum(section.above, section.below)
    other = section.layer + np.where(section.above < section.below, 1, -1)
    share = np.clip(np.float32(0.5) - nearest, 0, np.float32(0.5))[..., None]
    picture = colours[section.layer]
    picture = picture + (colours[np.clip(other, 0, section.layers)] - picture) * share

    width = draws.between(0.5, 1.5) * max(1.0, size / 96)
    ink = np.clip(np.float32(0.5 + width / 2) - nearest, 0, 1) * np.float32(draws.between(0.6, 1))
    return picture * (1 - ink[..., None]) + ink[..., None] * np.float32(draws.between(0, 0.25))


def draw_outcrop(fold: Fold, seed: int, split: str, index: int, size: int) -> Field:
    """The picture (size, size, 3), RGB in [0, 1]: rock, then light, then cover, then camera."""
    pixels = np.arange(size, dtype=np.float32)
    x, y = pixels[None, :], pixels[:, None]
    surface, camera = (Draws(seed, split, index, purpose) for purpose in (SURFACE, CAMERA))
    section = cut_section(fold, seed, split, index, *displaced(surface, x, y))
    picture = lit(rock_face(section, x, y, surface), surface)
    hinge = (fold.hinge[0] * size, fold.hinge[1] * size)
    return photographed(covered(picture, x, y, hinge, camera), x, y, camera)


def _palette(layers: int, draws: Draws) -> Field:
    """Colours (layers + 1, 3): background, layers from bottom to top, background."""
    count = layers - 1
    style = draws.below(5)
    hue, value = draws.unit(count), 0.35 + 0.6 * draws.unit(count)
    saturation = 0.25 + 0.7 * draws.unit(count)
    if style == 0:  # greys
        saturation = np.zeros(count)
    elif style == 1:  # a ramp of neighbouring hues
        hue = draws.between(0, 1) + draws.between(0.1, 0.5) * np.arange(count) / count
    elif style == 2:  # pastels
        saturation, value = 0.1 + 0.25 * draws.unit(count), 0.75 + 0.22 * draws.unit(count)
    elif style == 3:  # two rocks in turn
        hue, value = (np.resize(draws.unit(2), count), np.resize(0.3 + 0.65 * draws.unit(2), count))
        saturation = np.resize(0.8 * draws.unit(2), count)
    ground = rgb(np.array([draws.between(0, 1)]), np.array([0.08]), np.array([1.0]))
    shade = 1.0 if draws.chance(0.6) else draws.between(0.1, 1.0)
    return np.concatenate(
        [ground * np.float32(shade), rgb(hue, saturation, value), ground * np.float32(shade)]
    )


def rgb(
    hue: NDArray[np.float64], saturation: NDArray[np.float64], value: NDArray[np.float64]
) -> Field:
    """RGB (n, 3) in [0, 1] from hue in turns, saturation and value in [0, 1], each (n,)."""
    sector = (hue[:, None] * 6.0 + np.array([0.0, 4.0, 2.0])) % 6.0
    pure = np.clip(np.abs(sector - 3.0) - 1.0, 0.0, 1.0)
    mixed = value[:, None] * (1.0 - saturation[:, None] * (1.0 - pure))
    return mixed.astype(np.float32)
