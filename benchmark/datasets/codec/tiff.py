"""TIFF: tifffile reads the samples as they are stored, and this is what they mean."""

from __future__ import annotations

import contextlib
import io
import logging
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.datasets.codec.errors import (
    DamagedPicture,
    UnreadablePicture,
    UnsupportedPicture,
    check_size,
)
from benchmark.datasets.codec.samples import Decoded, eight_bits

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

_CANON = b"CR"  # after the header of a CR2
# Numbers of TIFF's tags.
_SUBFILE, _BITS, _PHOTOMETRIC, _ORIENTATION, _INKS = 254, 258, 262, 274, 332
_YCBCR_WEIGHTS, _YCBCR_RANGE, _RAW_VERSION = 529, 532, 50706
# What they say: of the page, of a pixel's samples, of how these are stored.
_IS_THUMBNAIL, _IS_MASK = 1, 4
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_UNSIGNED = (1, 4)  # 4 is "undefined"
_OTHER_NUMBERS = {2: "signed integers", 3: "floats", 5: "complex numbers", 6: "complex numbers"}
_APART = 2  # a plane for each sample of a pixel
_ALPHAS = ((1,), (2,))  # what is said of samples that are transparency
_BY_LIBTIFF, _JPEG = (2, 3, 4, 5), 7  # fax thrice and LZW
# Compressions after which samples are as they were: none, LZW, deflate twice, PackBits, LZMA,
# Zstandard; fax thrice and LERC. Others have their own idea of colours: JPEG, JPEG 2000 and as
# Aperio has it (twice), WebP, JPEG XL (twice).
_KEEP_SAMPLES = (1, 5, 8, 32946, 32773, 34925, 50000, 2, 3, 4, 34887)
_OF_PICTURES = (_JPEG, 34712, 33003, 33005, 50001, 50002, 52546)
_END_OF_JPEG = b"\xff\xd9"
# How many samples of a pixel are its colour.
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}
_PILLOW_MODES = {_CMYK: "CMYK", _YCBCR: "YCbCr"}
# YCbCr as JPEG has it; so it is meant where nothing else is said.
_JPEG_WEIGHTS, _JPEG_RANGE = (0.299, 0.587, 0.114), (0, 255, 128, 255, 128, 255)
_MOST_BITS = 16

# What it puts up with it says on stderr, unless somebody listens.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def read_tiff(content: bytes) -> Decoded:
    """The first page, upright. Raises UnreadablePicture."""
    import tifffile

    if content[8:10] == _CANON:
        raise UnsupportedPicture("a camera's raw file")
    with _reading(), tifffile.TiffFile(io.BytesIO(content)) as file:
        page = file.pages.first
        _check_page(page)
        _check_meaning(page)
        _check_parts(page, content)
        coloured = _coloured(page, _samples(page, content))
        picture = _upright(coloured.picture, int(_tag(page, _ORIENTATION, 1)))
        return Decoded(picture, coloured.oddities).with_others(_has_another(file))


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (UnreadablePicture, MemoryError):
        raise
    except ImportError as error:  # imagecodecs has not all of its codecs on all systems
        raise UnsupportedPicture(f"a TIFF that needs another codec ({error})") from error
    except Exception as error:  # whatever tifffile trips over in a file's bytes
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedPicture(f"a TIFF that can't be decoded ({what})") from error


def _check_page(page: TiffPage) -> None:
    """The page is the picture, and no stand-in for it."""
    if _tag(page, _RAW_VERSION, None) is not None:
        raise UnsupportedPicture("a camera's raw file")
    subfile = int(_tag(page, _SUBFILE, 0))
    if subfile & (_IS_THUMBNAIL | _IS_MASK):
        what = "a thumbnail" if subfile & _IS_THUMBNAIL else "a mask"
        raise UnsupportedPicture(f"a TIFF whose first page is {what}")
    check_size(page.imagewidth, page.imagelength)
    if page.is_tiled:
        check_size(page.tilewidth, page.tilelength)  # one may be larger than the picture
    if page.imagedepth != 1:
        raise UnsupportedPicture(f"a TIFF of a volume, {page.imagedepth:,} pixels deep")


def _check_meaning(page: TiffPage) -> None:
    """The samples of a pixel are a colour, perhaps with transparency beside it."""
    if page.sampleformat not in _UNSIGNED:
        numbers = _OTHER_NUMBERS.get(page.sampleformat, f"the format {page.sampleformat}")
        raise UnsupportedPicture(
            f"a TIFF of {numbers} ({page.bitspersample} bits); give 8 or 16 bits, unsigned"
        )
    bits = _tag(page, _BITS, 1)
    if isinstance(bits, tuple) and len(set(bits)) > 1:
        raise UnsupportedPicture(f"a TIFF of samples of unequal bits {bits}")
    if not 1 <= page.bitspersample <= _MOST_BITS:
        raise UnsupportedPicture(f"a TIFF of {page.bitspersample} bits; give 8 or 16 bits")
    colours = _COLOURS.get(page.photometric)
    if colours is None:
        raise UnsupportedPicture(f"a TIFF of colours as {_name(page.photometric)}")
    others = page.samplesperpixel - colours
    # Beside RGB one is dropped whatever it is: a viewer shows no other colours.
    is_unclear = page.photometric != _RGB and page.extrasamples[:1] not in _ALPHAS
    if others not in (0, 1) or (others and is_unclear):
        raise UnsupportedPicture(
            f"a TIFF of {page.samplesperpixel} samples a pixel that are not marked as a colour "
            f"({_name(page.photometric)}); give grey or RGB"
        )
    _check_conversion(page)


def _check_conversion(page: TiffPage) -> None:
    """Other colours than grey and RGB are stored as Pillow converts them."""
    if page.photometric not in _PILLOW_MODES:
        return
    keeps_samples = page.compression in _KEEP_SAMPLES
    if page.photometric == _CMYK:
        is_usual = int(_tag(page, _INKS, 1)) == 1 and keeps_samples
    elif page.compression == _JPEG:
        is_usual = True
    else:
        weights = _ratios(_tag(page, _YCBCR_WEIGHTS, ())) or _JPEG_WEIGHTS
        limits = _ratios(_tag(page, _YCBCR_RANGE, ())) or _JPEG_RANGE
        as_in_jpeg = np.allclose(weights, _JPEG_WEIGHTS, atol=1e-3) and limits == _JPEG_RANGE
        is_usual = as_in_jpeg and keeps_samples
        is_usual &= page.bitspersample == 8 and not page.is_subsampled
    if not is_usual:
        raise UnsupportedPicture(
            f"a TIFF of colours as {_name(page.photometric)} stored as {_name(page.compression)}"
        )


def _check_parts(page: TiffPage, content: bytes) -> None:
    """There is a way to decode the strips or tiles, and all of them lie in the file."""
    if page.compression not in (*_KEEP_SAMPLES, *_OF_PICTURES):
        raise UnsupportedPicture(f"a TIFF compressed as {_name(page.compression)}")
    try:
        page.decode(None, 0)  # no data, only whether there could be
    except (ValueError, NotImplementedError) as error:
        raise UnsupportedPicture(f"a TIFF that can't be decoded: {error}") from error
    parts = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    if len(parts) < math.prod(page.chunked) or not all(all(part) for part in parts):
        raise DamagedPicture("a TIFF that lacks parts of the picture")
    if any(start + size > len(content) for start, size in parts):
        raise DamagedPicture("a TIFF that ends too early")
    if page.compression == _JPEG:  # its decoder makes up what it lacks, and does not say so
        ends = (content[start : start + size].rstrip(b"\0") for start, size in parts)
        if not all(end.endswith(_END_OF_JPEG) for end in ends):
            raise DamagedPicture("a TIFF with a JPEG in it that ends too early")


def _samples(page: TiffPage, content: bytes) -> np.ndarray:
    """Every sample as it is stored, (H, W, samples of a pixel)."""
    if page.compression in _BY_LIBTIFF:
        samples = _samples_by_libtiff(page, content)
    else:
        # Planes, H, W, samples in a plane.
        samples = page.asarray(squeeze=False, maxworkers=1)[:, 0]
        samples = np.moveaxis(samples[..., 0], 0, -1) if len(samples) > 1 else samples[0]
    return samples.view(np.uint8) if samples.dtype == bool else samples


def _samples_by_libtiff(page: TiffPage, content: bytes) -> np.ndarray:
    """The same, decoded by libtiff, which stands data that are wrong.

    Of these the decoder that tifffile uses makes memory that nobody has written, or it crashes.
    """
    import imagecodecs

    if page.photometric in _PILLOW_MODES:  # it would convert them
        place = page.tags[_PHOTOMETRIC].valueoffset
        grey = _BLACK_IS_ZERO.to_bytes(2, "little" if page.parent.byteorder == "<" else "big")
        content = content[:place] + grey + content[place + 2 :]
    samples = imagecodecs.tiff_decode(content, index=0)
    shape = page.imagelength, page.imagewidth, page.samplesperpixel
    if page.planarconfig == _APART and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, -1)
    if samples.size != math.prod(shape) or samples.shape[:2] != shape[:2]:
        raise DamagedPicture(f"{samples.shape} samples in place of {shape}")
    return samples.reshape(shape)


def _coloured(page: TiffPage, samples: np.ndarray) -> Decoded:
    """Grey or RGB of 8 bits; transparency is dropped, and colours stay as they are stored."""
    bits, photometric = page.bitspersample, page.photometric
    if photometric == _PALETTE:
        return Decoded(_looked_up(page, samples[..., 0]))
    decoded = eight_bits(samples[..., : _COLOURS[photometric]], bits)
    picture = decoded.picture
    if photometric == _WHITE_IS_ZERO:
        picture = 255 - picture
    elif photometric == _CMYK or (photometric == _YCBCR and page.compression != _JPEG):
        picture = _converted(picture, _PILLOW_MODES[photometric])
    return Decoded(picture if picture.shape[2] == 3 else picture[..., 0], decoded.oddities)


def _looked_up(page: TiffPage, indexes: np.ndarray) -> np.ndarray:
    colours = page.colormap
    if colours is None or colours.shape != (3, 1 << page.bitspersample):
        raise DamagedPicture("a TIFF without the palette that its colours are of")
    # An old writer's has 8 bits in place of 16, as libtiff has it too.
    table = colours.T >> (8 if colours.max() > 255 else 0)
    return table.astype(np.uint8)[indexes]


def _converted(picture: np.ndarray, mode: str) -> np.ndarray:
    from PIL import Image

    height, width, _ = picture.shape
    image = Image.frombytes(mode, (width, height), np.ascontiguousarray(picture).tobytes())
    return np.array(image.convert("RGB"))


def _upright(picture: np.ndarray, orientation: int) -> np.ndarray:
    """A picture whose first row and column lie where TIFF's number for it says."""
    if orientation in (5, 6, 7, 8):
        picture = picture.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _has_another(file: TiffFile) -> bool:
    """Whether a page follows that is not a smaller copy of the first, or a part of it."""
    if not file.pages.is_multipage:
        return False
    return not int(_tag(file.pages.get(1), _SUBFILE, 0))


def _tag(page: Any, number: int, otherwise: Any) -> Any:
    tag = page.tags.get(number)
    return otherwise if tag is None else tag.value


def _ratios(numbers: tuple[int, ...]) -> tuple[float, ...]:
    """Fractions, of which a tag has a numerator and a denominator each."""
    return tuple(a / b for a, b in zip(numbers[::2], numbers[1::2], strict=True))


def _name(number: Any) -> str:
    """What TIFF calls one of its numbers; the number itself if nobody knows it."""
    return str(getattr(number, "name", number)).replace("_", " ")
