"""Lettering: any text, in a font that has its letters."""

from __future__ import annotations

import contextlib
import functools
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

# Fonts of many scripts that Linux, Windows and macOS come with; Pillow knows where they lie.
_WIDE = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Regular.ttf",
    "wqy-microhei.ttc",
    "Arial Unicode.ttf",
    "Arial.ttf",
    "arial.ttf",
    "msyh.ttc",
    "PingFang.ttc",
)

# It will never be a letter, so that every font shows for it what it shows for those it lacks.
_NO_LETTER = "\U0010ffff"


class Lettering:
    """A text as it is drawn: the font that has most of its letters, and others for those it lacks.

    Pillow's own font comes first, so that Latin names look alike on every machine. A letter that no
    font has loses its accents, or is a question mark. The size is in pixels, and so is the longest
    width, at which the text is cut short.
    """

    def __init__(self, text: str, size: int, longest: float = float("inf")):
        composed = unicodedata.normalize("NFC", text)  # an accent apart is a letter many fonts lack
        self.font = min(_fonts(size), key=lambda font: len(_lacking(font, composed)))
        lacking = _lacking(self.font, composed)
        shown = "".join(_plain(c, self.font) if c in lacking else c for c in composed)
        self.text = shown
        while shown and self.font.getlength(self.text) > longest:
            shown = shown[:-1]
            self.text = shown + "…"

    @property
    def width(self) -> int:
        """In pixels."""
        return round(self.font.getlength(self.text))

    def draw(
        self, on: ImageDraw, place: tuple[float, float], anchor: str, ink: tuple[int, int, int]
    ) -> None:
        """Write the text so that ``anchor``, as Pillow has it, comes to lie at ``place`` (x, y)."""
        on.text(place, self.text, ink, self.font, anchor=anchor)


@functools.cache
def _fonts(size: int) -> list[Font]:
    from PIL import ImageFont

    fonts: list[Font] = [ImageFont.load_default(size)]
    for name in _WIDE:
        with contextlib.suppress(OSError):
            fonts.append(ImageFont.truetype(name, size))
    return fonts


def _lacking(font: Font, text: str) -> set[str]:
    """The characters that the font would show as the same box as what is no letter."""

    def shape(character: str) -> tuple[tuple[int, int], bytes]:
        mask = font.getmask(character)
        return mask.size, bytes(mask)

    box = shape(_NO_LETTER)
    return {c for c in text if not c.isspace() and shape(c) == box}


def _plain(character: str, font: Font) -> str:
    """The letter without its accents, if the font has that; else a question mark."""
    parts = unicodedata.normalize("NFKD", character)
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    return letters if letters and not _lacking(font, letters) else "?"
