"""The codec: the bytes of a picture file to pixels, and pixels to such bytes.

OpenCV decodes. Two kinds of TIFF that it does not decode as they are meant are put right.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
from collections.abc import Iterator

import numpy as np

from features import as_picture

_CLASSIC, _BIG = (b"II*\0", b"MM\0*"), b"II+\0"
# Numbers of TIFF's tags, and what they say.
_BITS, _PHOTOMETRIC, _EXTRA_SAMPLES = 258, 262, 338
_WHITE_IS_ZERO, _RGB = 0, 2
_UNASSOCIATED = 2  # colours that are not multiplied by the transparency beside them


class UnreadablePicture(Exception):
    """A file that is no picture, or a damaged one."""


def decode(content: bytes, name: str) -> np.ndarray:
    """Decode a picture file to uint8, (H, W) grey or (H, W, 3) RGB, upright.

    Transparency is dropped, a palette is looked up and the upper 8 of 16 bits are kept.

    Parameters
    ----------
    content : the file's bytes.
    name : what errors call it.

    Raises
    ------
    UnreadablePicture
        If it is no picture, a damaged one, or has other pixels than of 8 or 16 bits.
    """
    import cv2

    if not content:
        raise UnreadablePicture(f"{name}: an empty file")
    try:
        with _silence():
            # ANYCOLOR keeps grey pictures grey, ANYDEPTH keeps floats from being taken for bytes.
            how = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
            picture = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), how)
    except cv2.error as error:  # such as a header that claims billions of pixels
        raise UnreadablePicture(f"{name}: a damaged picture, or too large a one") from error
    if picture is None:
        raise UnreadablePicture(f"{name}: no picture, or a damaged one")
    if picture.dtype not in (np.uint8, np.uint16):
        raise UnreadablePicture(f"{name}: pixels of type {picture.dtype}; give 8 or 16 bits")
    rgb = as_picture(picture if picture.ndim == 2 else picture[:, :, 2::-1])
    try:
        return as_picture(_put_right(rgb, content))
    except (OSError, ValueError) as error:
        raise UnreadablePicture(f"{name}: a damaged picture, or too large a one") from error


def encode(picture: np.ndarray, suffix: str = ".png", quality: int = 95) -> bytes:
    """Encode uint8 (H, W) grey or (H, W, 3) RGB as ``.png``, or as ``.jpg`` of some quality."""
    import cv2

    bgr = np.ascontiguousarray(picture[:, :, ::-1] if picture.ndim == 3 else picture)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix == ".jpg" else []
    _, encoded = cv2.imencode(suffix, bgr, options)
    return encoded.tobytes()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep libjpeg's and libpng's own words about a damaged picture off the user's terminal."""
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _put_right(picture: np.ndarray, content: bytes) -> np.ndarray:
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
