"""The montage: a few pictures of every class, each with what the features see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from features.contract import Draw
from features.errors import FeatureError
from features.picture import as_picture
from features.views.colour import colour
from features.views.edge import edge
from features.views.gabor import gabor
from features.views.original import original

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

VIEWS: tuple[tuple[str, Draw], ...] = (
    ("colour", colour),
    ("grey", original),
    ("Gabor, stretched", gabor),
    ("edges", edge),
)

_TILE = 128
_GAP = 4  # between the views of a picture
_SPACE = 22  # between pictures, and between classes
_MARGIN = 28
_HEAD = 30
_LONGEST_NAME = 220
_PAPER, _INK, _FAINT, _FRAME = (255, 255, 255), (28, 32, 38), (112, 120, 130), (242, 243, 245)
_PICTURE = len(VIEWS) * (_TILE + _GAP) - _GAP  # width of a picture's views


def montage(pictures_by_class: Mapping[str, Sequence[np.ndarray]]) -> np.ndarray:
    """One row per class; in it, side by side, its pictures, each as colour, grey, Gabor and edges.

    Parameters
    ----------
    pictures_by_class : class name to a few of its pictures (three fit a page), uint8, (H, W) grey
        or (H, W, 3) RGB, of any size.

    Returns
    -------
    uint8, (height, width, 3) RGB. Every tile is 128 pixels wide: a picture is scaled to fill it,
    its proportions kept. Gabor responses are faint, so each one's largest is shown as white.

    Raises
    ------
    FeatureError
        If there is no picture at all, or one is no picture.
    """
    from PIL import Image, ImageDraw

    most = max((len(pictures) for pictures in pictures_by_class.values()), default=0)
    if most == 0:
        raise FeatureError("there is no picture to show")
    font = _font(17)
    names = {name: _shortened(name, font) for name in pictures_by_class}
    left = _MARGIN + max(round(font.getlength(name)) for name in names.values()) + _SPACE
    width = left + most * (_PICTURE + _SPACE) - _SPACE + _MARGIN
    height = _MARGIN + _HEAD + len(names) * (_TILE + _SPACE) - _SPACE + _MARGIN
    page = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(page)
    _write_heads(draw, left, most)
    for row, (name, pictures) in enumerate(pictures_by_class.items()):
        top = _MARGIN + _HEAD + row * (_TILE + _SPACE)
        draw.text((_MARGIN, top + _TILE // 2), names[name], _INK, font, anchor="lm")
        for column, picture in enumerate(pictures):
            strip = Image.fromarray(_strip(as_picture(picture)))
            page.paste(strip, (left + column * (_PICTURE + _SPACE), top))
    return np.array(page)


def _write_heads(draw: ImageDraw, left: int, pictures: int) -> None:
    font = _font(14)
    for picture in range(pictures):
        for number, (title, _) in enumerate(VIEWS):
            x = left + picture * (_PICTURE + _SPACE) + number * (_TILE + _GAP) + _TILE // 2
            draw.text((x, _MARGIN + _HEAD - 12), title, _FAINT, font, anchor="ms")


def _strip(picture: np.ndarray) -> np.ndarray:
    """The views of a picture side by side: uint8, (128, 524, 3)."""
    strip = np.full((_TILE, _PICTURE, 3), _PAPER, np.uint8)
    for number, (_, draw) in enumerate(VIEWS):
        first = number * (_TILE + _GAP)
        image = _stretched(draw(picture)) if draw is gabor else draw(picture)
        strip[:, first : first + _TILE] = _tile(image, thin=draw is edge)
    return strip


def _tile(image: np.ndarray, thin: bool) -> np.ndarray:
    """An image in the middle of a tile, as large as fits: uint8, (128, 128, 3)."""
    import cv2

    scale = _TILE / max(image.shape[:2])
    if thin and scale < 1:
        # A line of one pixel would fade away.
        side = round(1 / scale)
        image = cv2.dilate(image, np.ones((side, side), np.uint8))
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    scaled = colour(cv2.resize(image, (width, height), interpolation=_interpolation(scale)))
    tile = np.full((_TILE, _TILE, 3), _FRAME, np.uint8)
    top, left = (_TILE - height) // 2, (_TILE - width) // 2
    tile[top : top + height, left : left + width] = scaled
    return tile


def _interpolation(scale: float) -> int:
    """Shrinking averages; a whole factor shows the pixels; any other would show them unequal."""
    import cv2

    if scale < 1:
        return cv2.INTER_AREA
    return cv2.INTER_NEAREST if scale == round(scale) else cv2.INTER_LINEAR


def _stretched(image: np.ndarray) -> np.ndarray:
    """The same image with its largest value at 255."""
    return (image * (255.0 / max(1, int(image.max())))).astype(np.uint8)


def _shortened(name: str, font: FreeTypeFont | ImageFont) -> str:
    if font.getlength(name) <= _LONGEST_NAME:
        return name
    kept = name
    while font.getlength(kept + "…") > _LONGEST_NAME:
        kept = kept[:-1]
    return kept + "…"


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)
