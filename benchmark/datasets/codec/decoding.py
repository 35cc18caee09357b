"""Decoding: the bytes of a file to pixels, by the reader that is right about its kind."""

from __future__ import annotations

from benchmark.datasets.codec import kinds
from benchmark.datasets.codec.errors import TooLargePicture, UnreadablePicture
from benchmark.datasets.codec.opencv import read_jpeg, read_png, read_webp
from benchmark.datasets.codec.pillow import read_by_pillow
from benchmark.datasets.codec.samples import Decoded
from benchmark.datasets.codec.tiff import read_tiff
from features import as_picture

_READERS = {
    kinds.PNG: read_png,
    kinds.JPEG: read_jpeg,
    kinds.WEBP: read_webp,
    kinds.TIFF: read_tiff,
}


def decode(content: bytes, name: str) -> Decoded:
    """Decode a picture file to uint8, (H, W) grey or (H, W, 3) RGB, upright.

    Transparency is dropped, a palette is looked up and the upper 8 of more bits are kept. Which
    kinds are read, and which are not, is in ``docs/pictures.md``.

    Parameters
    ----------
    content : the file's bytes.
    name : what errors call it.

    Raises
    ------
    UnreadablePicture
        If it is no picture; one of its kinds if it is one that is not read, a damaged one, or one
        with more than `MOST_PIXELS`.
    """
    try:
        kind = kinds.kind_of(content)
        reader = _READERS.get(kind)
        decoded = reader(content) if reader else read_by_pillow(content, kind)
    except UnreadablePicture as error:
        raise type(error)(f"{name}: {error.prefix}{error}") from error
    except MemoryError as error:  # what a header announces can be beyond all measure
        raise TooLargePicture(f"{name}: too large: it needs more memory than there is") from error
    return Decoded(as_picture(decoded.picture), decoded.oddities)
