"""The montage: a few pictures of every class, each with what the features see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from features.contract import Draw
from features.errors import FeatureError
from features.lettering import Lettering
from features.picture import as_picture
from features.views.colour import colour
from features.views.edge import edge
from features.views.gabor import gabor
from features.views.original import original

_VIEWS: dict[str, Draw] = {
    "colour": colour,
    "grey": original,
    "Gabor, stretched": gabor,
    "edges": edge,
}

# Pixels: of a tile; between the views of a picture; between pictures, and between classes; about
# the page; above the first class; of the longest name; and of a picture's views side by side.
_TILE = 128
_GAP = 4
_SPACE = 22
_MARGIN = 28
_HEAD = 30
_LONGEST_NAME = 220
_PICTURE = len(_VIEWS) * (_TILE + _GAP) - _GAP

_PAPER, _INK, _FAINT, _FRAME = (255, 255, 255), (28, 32, 38), (112, 120, 130), (242, 243, 245)


def draw_montage(
    pictures_by_class: Mapping[str, Sequence[np.ndarray]], note: str = ""
) -> np.ndarray:
    """One line per class; on it, side by side, its pictures, each as colour, grey, Gabor and edges.

    Parameters
    ----------
    pictures_by_class : class name to a few of its pictures (three fit a page), uint8, (H, W) grey
        or (H, W, 3) RGB, of any size.
    note : a text below the classes.

    Returns
    -------
    uint8, (height, width, 3) RGB. Every tile is 128 pixels wide: a picture is scaled to fill it,
    its proportions kept. Its views are made of the whole picture and scaled then. Gabor responses
    are faint, so each tile is stretched until one pixel in a hundred is white; where several pixels
    become one, the largest response among them counts, and edges are the brighter the closer they
    lie.

    Raises
    ------
    FeatureError
        If there is no picture at all, or one is no picture.
    """
    from PIL import Image, ImageDraw

    most = max((len(pictures) for pictures in pictures_by_class.values()), default=0)
    if most == 0:
        raise FeatureError("there is no picture to show")
    names = [Lettering(name, 17, _LONGEST_NAME) for name in pictures_by_class]
    left = _MARGIN + max(name.width for name in names) + _SPACE
    width = left + most * (_PICTURE + _SPACE) - _SPACE + _MARGIN
    foot = _MARGIN + _HEAD + len(names) * (_TILE + _SPACE) - _SPACE
    page = Image.new("RGB", (width, foot + (_HEAD if note else 0) + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(page)
    for column in range(most):
        for number, title in enumerate(_VIEWS):
            x = left + column * (_PICTURE + _SPACE) + number * (_TILE + _GAP) + _TILE // 2
            Lettering(title, 14).draw(draw, (x, _MARGIN + _HEAD - 12), "ms", _FAINT)
    lines = zip(names, pictures_by_class.values(), strict=True)
    for line, (name, pictures) in enumerate(lines):
        top = _MARGIN + _HEAD + line * (_TILE + _SPACE)
        name.draw(draw, (_MARGIN, top + _TILE // 2), "lm", _INK)
        for column, picture in enumerate(pictures):
            strip = Image.fromarray(_strip(as_picture(picture)))
            page.paste(strip, (left + column * (_PICTURE + _SPACE), top))
    Lettering(note, 14, width - 2 * _MARGIN).draw(draw, (_MARGIN, foot + _HEAD), "ls", _FAINT)
    return np.array(page)


def _strip(picture: np.ndarray) -> np.ndarray:
    """The views of a picture side by side: uint8, (128, 524, 3)."""
    strip = np.full((_TILE, _PICTURE, 3), _PAPER, np.uint8)
    for number, draw in enumerate(_VIEWS.values()):
        first = number * (_TILE + _GAP)
        strip[:, first : first + _TILE] = _tile(draw(picture), _SCALINGS.get(draw, _scaled))
    return strip


def _tile(image: np.ndarray, scaling: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
    """An image in the middle of a tile, as large as fits: uint8, (128, 128, 3)."""
    scaled = colour(scaling(image, _TILE / max(image.shape[:2])))
    height, width = scaled.shape[:2]
    tile = np.full((_TILE, _TILE, 3), _FRAME, np.uint8)
    top, left = (_TILE - height) // 2, (_TILE - width) // 2
    tile[top : top + height, left : left + width] = scaled
    return tile


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    """An image, its sides times ``scale``, in its own type."""
    import cv2

    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    # Shrinking averages; a whole factor shows the pixels; any other would show them unequal.
    enlarging = cv2.INTER_NEAREST if scale == round(scale) else cv2.INTER_LINEAR
    how = cv2.INTER_AREA if scale < 1 else enlarging
    return cv2.resize(image, (width, height), interpolation=how)


def _scaled_gabor(image: np.ndarray, scale: float) -> np.ndarray:
    """A Gabor response whose peaks are kept: they alternate with zeros, and would average away."""
    import cv2

    if scale < 1:
        side = round(1 / scale)
        image = cv2.dilate(image, np.ones((side, side), np.uint8))
    return _stretched(_scaled(image, scale))


def _scaled_edges(image: np.ndarray, scale: float) -> np.ndarray:
    """Edges as thin as a pixel of the tile."""
    if scale >= 1:
        return _scaled(image, scale)
    # A line is a small share of the pixels that become one, and busy regions have several; the
    # square root brings both into sight.
    return _stretched(np.sqrt(_scaled(image.astype(np.float32), scale)))


_SCALINGS = {gabor: _scaled_gabor, edge: _scaled_edges}


def _stretched(image: np.ndarray) -> np.ndarray:
    """The same image, uint8, with the brightest hundredth of what is not black at 255."""
    lit = image[image > 0]
    if lit.size == 0:
        return image.astype(np.uint8)
    return np.clip(image * (255.0 / np.percentile(lit, 99)), 0, 255).astype(np.uint8)
