"""TIFF: the two kinds of it that OpenCV does not decode as they are meant."""

from __future__ import annotations

import io
import struct

import numpy as np

_CLASSIC, _BIG = (b"II*\0", b"MM\0*"), b"II+\0"
_BITS, _PHOTOMETRIC, _EXTRA_SAMPLES = 258, 262, 338  # numbers of tags
_WHITE_IS_ZERO, _RGB = 0, 2
_UNASSOCIATED = 2  # colours that are not multiplied by the transparency beside them


def put_right(picture: np.ndarray, content: bytes) -> np.ndarray:
    """What ``content`` holds, if OpenCV's ``picture`` of it is wrong; else ``picture`` itself.

    OpenCV multiplies the colours of 8-bit RGBA by their transparency, where the file keeps the two
    apart, and shows 16-bit grey in which white is zero as its negative.

    Parameters
    ----------
    picture : uint8, (H, W) grey or (H, W, 3) RGB.
    content : the file's bytes, a TIFF's or another's.

    Raises
    ------
    OSError, ValueError
        If there is more in it than OpenCV needed, and that is damaged or too large.
    """
    bits, photometric, extra = _tags(content)
    if photometric == _WHITE_IS_ZERO and bits == (16,):
        return 255 - picture
    if photometric == _RGB and bits == (8, 8, 8, 8) and extra == (_UNASSOCIATED,):
        return _colours(content)
    return picture


def _tags(content: bytes) -> tuple[tuple[int, ...], int | None, tuple[int, ...]]:
    """Bits per sample, the photometric interpretation and the extra samples, where there are."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    if not content.startswith((*_CLASSIC, _BIG)):
        return (), None, ()
    try:
        tags = ImageFileDirectory_v2(content[: 16 if content.startswith(_BIG) else 8])
        file = io.BytesIO(content)
        file.seek(tags.next)
        tags.load(file)
        return tags.get(_BITS, ()), tags.get(_PHOTOMETRIC), tags.get(_EXTRA_SAMPLES, ())
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, struct.error):
        return (), None, ()  # OpenCV made something of it; that is all that can be said


def _colours(content: bytes) -> np.ndarray:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as image:
            return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from error
