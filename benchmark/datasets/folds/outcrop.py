"""Pictures that look like photographs of outcrops."""

import numpy as np

from benchmark.datasets.folds.camera import photographed
from benchmark.datasets.folds.cover import covered
from benchmark.datasets.folds.draws import CAMERA, SURFACE, Draws
from benchmark.datasets.folds.noise import Field
from benchmark.datasets.folds.rock import displaced, lit, rock_face
from benchmark.datasets.folds.section import Fold, cut_section


def draw_outcrop(fold: Fold, seed: int, split: str, index: int, size: int) -> Field:
    """The picture (size, size, 3), RGB in [0, 1]: rock, then light, then cover, then camera."""
    pixels = np.arange(size, dtype=np.float32)
    x, y = pixels[None, :], pixels[:, None]
    surface, camera = (Draws(seed, split, index, purpose) for purpose in (SURFACE, CAMERA))
    section = cut_section(fold, seed, split, index, *displaced(surface, x, y))
    picture = lit(rock_face(section, x, y, surface), surface)
    hinge = (fold.hinge[0] * size, fold.hinge[1] * size)
    return photographed(covered(picture, x, y, hinge, camera), x, y, camera)
