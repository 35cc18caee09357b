"""What stands between the viewer and the fold: plants, soil, sky and cast shadows."""

import numpy as np

from benchmark.datasets.folds.draws import Draws
from benchmark.datasets.folds.noise import Field, fractal, smooth_step, value_noise


def covered(picture: Field, x: Field, y: Field, hinge: tuple[float, float], draws: Draws) -> Field:
    """The picture (size, size, 3) with shadows, soil, sky and plants, each in some pictures only.

    `hinge` is the (x, y) in pixels of the hinge that the photographer came for.
    """
    if draws.chance(0.4):
        picture = _shadow(picture, x, y, draws)
    if draws.chance(0.35):
        picture = _soil(picture, x, y, draws)
    if draws.chance(0.25):
        picture = _sky(picture, x, y, draws)
    if draws.chance(0.6):
        picture = _plants(picture, x, y, hinge, draws)
    return picture


def _shadow(picture: Field, x: Field, y: Field, draws: Draws) -> Field:
    """A cast shadow with a ragged edge; skylight leaves it bluish."""
    size = x.shape[1]
    lean_x, lean_y = draws.between(-1, 1), draws.between(-1, 1)
    side = (x - np.float32(size / 2)) * np.float32(lean_x) + (
        y - np.float32(size / 2)
    ) * np.float32(lean_y)
    ragged = side + fractal(draws, x, y, size / 4, 4) * np.float32(size * 0.22)
    start = size * draws.between(0.05, 0.35)
    mask = smooth_step(ragged, start, start + size * draws.between(0.01, 0.08))
    depth = np.float32(draws.between(0.3, 0.65))
    dim = 1 - depth * np.array([1.0, 0.96, 0.86], np.float32)
    return picture * (1 + (dim - 1) * mask[..., None])


def _soil(picture: Field, x: Field, y: Field, draws: Draws) -> Field:
    """Soil or scree over the foot of the outcrop, or over its top."""
    size = x.shape[1]
    depth = size * draws.between(0.06, 0.24)
    edge = fractal(draws, x, y, size / 3, 4) * np.float32(size * 0.12)
    from_edge = y if draws.chance(0.35) else np.float32(size) - y
    mask = smooth_step(depth + edge - from_edge, -0.5, 1.0)
    stones = fractal(draws, x, y, size / 14, 3) * np.float32(draws.between(0.3, 0.9))
    base = np.array([0.47, 0.39, 0.30], np.float32) * np.float32(draws.between(0.6, 1.4))
    return _laid_over(picture, base * (1 + stones)[..., None], mask)


def _sky(picture: Field, x: Field, y: Field, draws: Draws) -> Field:
    """Sky over a skyline at the top of the frame."""
    size = x.shape[1]
    depth = size * draws.between(0.04, 0.2)
    slope = np.float32(draws.between(-0.25, 0.25)) * (x - np.float32(size / 2))
    edge = fractal(draws, x, np.zeros_like(y), size / 3, 4) * np.float32(size * 0.1)
    mask = smooth_step(depth + edge + slope - y, -0.6, 0.6)
    blue = np.float32(draws.between(0, 1))
    colour = np.array([0.92, 0.94, 0.96], np.float32) - blue * np.array(
        [0.38, 0.22, 0.05], np.float32
    )
    return _laid_over(picture, colour, mask)


def _plants(picture: Field, x: Field, y: Field, hinge: tuple[float, float], draws: Draws) -> Field:
    """Patches of grass, moss or shrubs over up to a quarter of the frame."""
    size = x.shape[1]
    field = fractal(draws, x, y, size / draws.between(2.5, 7), 5)
    dx = (x - np.float32(hinge[0])) * np.float32(1 / (0.3 * size))
    dy = (y - np.float32(hinge[1])) * np.float32(1 / (0.3 * size))
    # Nobody photographs a hinge behind a bush: plants are thinner there.
    field = field - np.float32(0.5) * np.maximum(1 - dx * dx - dy * dy, 0)
    cover = int(size * size * draws.between(0.02, 0.25))
    threshold = float(np.partition(field.ravel(), -cover - 1)[-cover - 1])
    mask = smooth_step(field, threshold - 0.02, threshold + 0.04)

    green = np.array(
        [[0.27, 0.36, 0.14], [0.38, 0.40, 0.20], [0.52, 0.46, 0.26], [0.16, 0.24, 0.12]]
    )
    colour = green[draws.below(4)].astype(np.float32) * np.float32(draws.between(0.7, 1.3))
    leaf = size / 60
    leaves = value_noise(draws, x, y, leaf, leaf * draws.between(1, 2)) * np.float32(0.45)
    clumps = value_noise(draws, x, y, leaf * 4, leaf * 4) * np.float32(0.3)
    return _laid_over(picture, colour * (1 + leaves + clumps)[..., None], mask)


def _laid_over(picture: Field, colour: Field, mask: Field) -> Field:
    return picture + (colour - picture) * mask[..., None]
