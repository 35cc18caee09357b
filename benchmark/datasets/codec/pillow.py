"""GIF, BMP, PNM, JPEG 2000 and AVIF, read by Pillow."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from benchmark.datasets.codec import kinds
from benchmark.datasets.codec.errors import (
    DamagedPicture,
    TooLargePicture,
    UnreadablePicture,
    UnsupportedPicture,
    check_size,
)
from benchmark.datasets.codec.samples import Decoded, eight_bits

if TYPE_CHECKING:
    from PIL import Image

# What Pillow calls each kind, and the part of it that not every Pillow has.
_FORMATS = {
    kinds.GIF: ("GIF", ""),
    kinds.BMP: ("BMP", ""),
    kinds.PNM: ("PPM", ""),
    kinds.JPEG_2000: ("JPEG2000", "jpg_2000"),
    kinds.AVIF: ("AVIF", "avif"),
}
_GREY, _WIDE, _COLOUR = ("1", "L", "LA", "La"), ("I", "I;16", "I;16B"), (
    "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr",
)  # fmt: skip
# The header of a PNM with levels: what stands between its numbers may be a comment.
_GAP = rb"(?:\s|#[^\r\n]*+)++"
_PNM_HEADER = re.compile(
    rb"(?P<magic>P[2356])%b(?P<width>\d+)%b(?P<height>\d+)%b(?P<largest>\d+)" % (_GAP, _GAP, _GAP)
)
_MOST_HEADER, _FULL, _FULL_WIDE = 1 << 16, 255, 65535
_MOST_CHANNELS = 4  # of a JPEG 2000
_CODESTREAM, _END_OF_CODESTREAM = b"\xff\x4f\xff\x51", b"\xff\xd9"


def read_by_pillow(content: bytes, kind: str) -> Decoded:
    """The first picture of a file of some kind. Raises UnreadablePicture."""
    from PIL import Image, ImageOps, features

    called, part = _FORMATS[kind]
    check = {kinds.JPEG_2000: _check_codestream, kinds.PNM: _check_levels}.get(kind)
    with _strictly(kind):
        if check is not None:
            check(content)
        if part and not features.check(part):
            raise UnsupportedPicture(f"{kind}, which this build of Pillow lacks; update it")
        image = Image.open(io.BytesIO(content), formats=[called])
        check_size(*image.size)
        image.load()
        several = getattr(image, "is_animated", False)
        ImageOps.exif_transpose(image, in_place=True)
        return _decoded(image, kind).with_others(several)


def _decoded(image: Image.Image, kind: str) -> Decoded:
    if image.mode in _WIDE:
        return eight_bits(np.asarray(image).astype(np.uint16), 16)
    if image.mode in _GREY:
        grey = image.getchannel(0) if image.mode in ("LA", "La") else image.convert("L")
        return Decoded(np.asarray(grey))
    if image.mode in _COLOUR:
        return Decoded(np.asarray(image if image.mode == "RGB" else image.convert("RGB")))
    raise UnsupportedPicture(f"{kind} with pixels of the mode {image.mode}")


@contextlib.contextmanager
def _strictly(kind: str) -> Iterator[None]:
    """The block in which Pillow takes no half picture, whatever it was told elsewhere."""
    from PIL import Image, ImageFile

    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (UnreadablePicture, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise TooLargePicture(str(error)) from error
    except Exception as error:  # whatever Pillow trips over in a file's bytes
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        if what.lower().startswith("unsupported"):
            raise UnsupportedPicture(f"{kind}: {what}") from error
        raise DamagedPicture(f"{kind} that can't be decoded ({what})") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _check_levels(content: bytes) -> None:
    """A PNM has as many levels as other pictures of 8 bits, or more; and no sample is above them.

    Texture is measured in steps between levels, so that of 16 levels, say, it would not be the same
    as that of the same picture elsewhere. What is too large Pillow would take for white.
    """
    header = _PNM_HEADER.match(content[:_MOST_HEADER])
    largest = int(header["largest"]) if header else _FULL
    if largest < _FULL:
        raise UnsupportedPicture(
            f"a PNM of {largest + 1} levels (its largest value is {largest}); give {_FULL + 1}"
        )
    if header and _FULL < largest < _FULL_WIDE and header["magic"] in (b"P5", b"P6"):
        samples = _samples_of_pnm(content[header.end() + 1 :], header)
        if samples.max(initial=0) > largest:
            raise DamagedPicture(f"a PNM of values above {largest}, its largest")


def _samples_of_pnm(data: bytes, header: re.Match[bytes]) -> np.ndarray:
    """Those of 16 bits, as many as there should be or fewer."""
    channels = 3 if header["magic"] == b"P6" else 1
    wanted = int(header["width"]) * int(header["height"]) * channels
    return np.frombuffer(data, ">u2", count=min(wanted, len(data) // 2))


def _check_codestream(content: bytes) -> None:
    """A JPEG 2000 has samples as Pillow reads them right, and its data end where they should."""
    start = content.find(_CODESTREAM)
    header = content[start + 4 : start + 42]
    if start < 0 or len(header) < 38:
        raise DamagedPicture("a JPEG 2000 without a header")
    # Pillow looks at the size that is said around the data, where it is.
    right, bottom, left, top = struct.unpack(">IIII", header[4:20])
    check_size(right - left, bottom - top)
    channels = int.from_bytes(header[36:38], "big")
    each = content[start + 42 : start + 42 + 3 * channels]
    depths, steps = set(each[::3]), set(each[1::3]) | set(each[2::3])
    if len(each) < 3 * channels:
        raise DamagedPicture("a JPEG 2000 that ends in its header")
    if len(depths) != 1 or not 7 <= min(depths) <= 15:  # one less than bits; 128 more if signed
        raise UnsupportedPicture("a JPEG 2000 of samples that are not unsigned with 8 to 16 bits")
    if channels > _MOST_CHANNELS:
        raise UnsupportedPicture(f"a JPEG 2000 of {channels} channels")
    if steps != {1}:
        raise UnsupportedPicture("a JPEG 2000 with channels of different sizes")
    if not content[start : _end_of_box(content, start)].endswith(_END_OF_CODESTREAM):
        raise DamagedPicture("a JPEG 2000 whose data end too early")


def _end_of_box(content: bytes, start: int) -> int:
    """Where the box ends whose content begins at ``start``: the file's end if it is in none."""
    if content[start - 4 : start] != b"jp2c" or start < 8:
        return len(content)
    length = int.from_bytes(content[start - 8 : start - 4], "big")
    return start - 8 + length if length > 1 else len(content)
