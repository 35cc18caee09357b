"""TIFF: what its tags may say beside what the table of kinds has."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from benchmark.datasets.codec import (
    FIRST_OF_SEVERAL,
    LOW_BYTE,
    DamagedPicture,
    TooLargePicture,
    UnsupportedPicture,
    decode,
)

RANDOM = np.random.default_rng(0)
RGB = RANDOM.integers(0, 256, (40, 60, 3), dtype=np.uint8)
GREY = np.ascontiguousarray(RGB[..., 0])


def written(pixels, **how):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **how)
    return file.getvalue()


def with_tag(content, number, value, place=0):
    """A little-endian TIFF with another number in a tag of its first page."""
    changed = bytearray(content)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        tag = file.pages[0].tags[number]
        size = {3: 2, 4: 4}[int(tag.dtype)]
        start = tag.valueoffset + place * size
    changed[start : start + size] = value.to_bytes(size, "little")
    return bytes(changed)


@pytest.mark.parametrize("how", [{}, {"compression": "lzw"}, {"tile": (16, 16)}])
@pytest.mark.parametrize("number", [273, 279])
def test_a_strip_or_tile_that_lies_nowhere_is_damage(how, number):
    content = written(GREY, rowsperstrip=10, **how) if "tile" not in how else written(GREY, **how)
    tag = {273: 324, 279: 325}[number] if "tile" in how else number
    with pytest.raises(DamagedPicture):  # tifffile would show it as black
        decode(with_tag(content, tag, 0, place=1), "x")


@pytest.mark.parametrize("how", [{}, {"compression": "lzw"}])
def test_more_rows_than_there_are_strips_are_damage(how):
    content = written(GREY, rowsperstrip=10, **how)
    with pytest.raises(DamagedPicture):  # tifffile would show memory that nobody has written
        decode(with_tag(content, 257, 80), "x")


def test_tiles_larger_than_what_is_decoded_are_refused():
    content = written(GREY, tile=(16, 16), compression="lzw")
    with pytest.raises(TooLargePicture, match="65,520 x 65,520"):
        decode(with_tag(with_tag(content, 322, 65520), 323, 65520), "x")


@pytest.mark.parametrize("place", [1, 2])
def test_lzw_that_refers_to_what_it_has_not_said_is_damage(place):
    content = bytearray(written(RGB, photometric="rgb", compression="lzw"))
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        start = file.pages[0].dataoffsets[0]
    assert content[start] == 0x80  # the table is emptied, and then the first codes follow
    content[start + place] = 0xFF  # imagecodecs.lzw_decode crashes, or shows what it finds there
    with pytest.raises(DamagedPicture, match="a TIFF that can't be decoded"):
        decode(bytes(content), "x")


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_a_strip_with_half_a_jpeg_is_damage(share):
    content = written(RGB, photometric="rgb", compression="jpeg")
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        size = file.pages[0].databytecounts[0]
    half = with_tag(content, 279, int(size * share))
    with tifffile.TiffFile(io.BytesIO(half)) as file:  # others see a picture
        assert file.pages[0].asarray().shape == RGB.shape
    with pytest.raises(DamagedPicture, match="a JPEG in it that ends too early"):
        decode(half, "x")


@pytest.mark.parametrize(("compression", "name"), [(2021, "2021"), (34661, "JBIG")])
def test_a_compression_that_is_not_read_is_unsupported(compression, name):
    content = with_tag(written(GREY, compression="lzw"), 259, compression)
    with pytest.raises(UnsupportedPicture, match=f"^x: unsupported: a TIFF compressed as {name}$"):
        decode(content, "x")


def test_the_preview_in_a_camera_s_raw_file_is_not_taken_for_the_picture():
    content = written(RGB, photometric="rgb")
    canon = content[:4] + (16).to_bytes(4, "little") + b"CR\2\0" + bytes(4) + content[8:]
    with pytest.raises(UnsupportedPicture, match="a camera's raw file"):
        decode(canon, "x")


def test_a_smaller_copy_on_a_later_page_is_nothing_odd():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(RGB, photometric="rgb")
        writer.write(RGB[::2, ::2], photometric="rgb", subfiletype=1)
    assert decode(file.getvalue(), "x").oddities == ()
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(RGB, photometric="rgb")
        writer.write(RGB, photometric="rgb")
    assert decode(file.getvalue(), "x").oddities == (FIRST_OF_SEVERAL,)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_a_low_byte_is_noticed_in_any_depth(bits):
    samples = (GREY.astype(np.uint16)) % 200
    content = written(samples, photometric="minisblack")
    if bits < 16:
        rows = (samples[..., None] >> np.arange(bits)[::-1] & 1).reshape(40, -1)
        data = np.packbits(rows.astype(np.uint8), axis=1).tobytes()
        content = with_tag(with_tag(content, 258, bits), 279, len(data))
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            start = file.pages[0].dataoffsets[0]
        content = content[:start] + data
    decoded = decode(content, "x")
    assert decoded.oddities == (LOW_BYTE,)
    assert np.array_equal(decoded.picture, samples >> (bits - 8))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_with_transparency_stands_upright(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(np.dstack([RGB, GREY])).save(file, "TIFF", exif=exif)
    with Image.open(file) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert np.array_equal(decode(file.getvalue(), "x").picture, expected)


def test_nothing_is_said_on_stderr_of_what_tifffile_puts_up_with(capfd):
    content = written(GREY)
    broken = bytearray(content)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        tag = file.pages[0].tags[305]  # Software
        broken[tag.offset + 2 : tag.offset + 4] = (99).to_bytes(2, "little")  # of no known type
    assert np.array_equal(decode(bytes(broken), "x").picture, GREY)
    assert capfd.readouterr() == ("", "")
