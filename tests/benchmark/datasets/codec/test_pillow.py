"""What Pillow reads: strictly, whatever it was told elsewhere."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageFile

from benchmark.datasets.codec import (
    LOW_BYTE,
    DamagedPicture,
    TooLargePicture,
    UnsupportedPicture,
    decode,
)

PICTURE = np.random.default_rng(0).integers(0, 256, (30, 50, 3), dtype=np.uint8)


def written(form):
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("form", ["GIF", "BMP", "PPM", "JPEG2000"])
def test_a_plugin_that_lets_pillow_load_half_pictures_changes_nothing(form, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    content = written(form)
    with pytest.raises(DamagedPicture):
        decode(content[: len(content) * 2 // 3], "x")
    assert ImageFile.LOAD_TRUNCATED_IMAGES
    decode(content, "x")


@pytest.mark.parametrize("form", ["JPEG2000", "AVIF"])
def test_what_a_build_of_pillow_lacks_is_unsupported(form, monkeypatch):
    monkeypatch.setattr("PIL.features.check", lambda part: False)
    with pytest.raises(UnsupportedPicture, match="which this build of Pillow lacks"):
        decode(written(form), "x")


def test_the_data_of_a_jpeg_2000_may_not_be_larger_than_it_says_around_them():
    content = written("JPEG2000")
    place = content.index(b"\xff\x4f\xff\x51") + 8
    large = (30_000).to_bytes(4, "big")
    with pytest.raises(TooLargePicture, match="30,000 x 30,000"):
        decode(content[:place] + large * 2 + content[place + 8 :], "x")


def test_a_jpeg_2000_whose_box_is_longer_than_the_file_is_damaged():
    content = written("JPEG2000")
    assert content.endswith(b"\xff\xd9")
    with pytest.raises(DamagedPicture, match="end too early"):
        decode(content[:-2] + b"\0\0", "x")


def test_grey_of_16_bits_that_uses_its_low_byte_is_odd():
    low = np.arange(256, dtype=np.uint16).reshape(16, 16)
    pgm = b"P5 16 16 65535\n" + low.astype(">u2").tobytes()
    for content in (pgm, imagecodecs.jpeg2k_encode(low, level=0)):
        decoded = decode(content, "x")
        assert decoded.oddities == (LOW_BYTE,)
        assert not decoded.picture.any()


def test_a_jpeg_2000_of_more_channels_than_a_picture_has_is_unsupported():
    content = imagecodecs.jpeg2k_encode(np.dstack([PICTURE, PICTURE[..., :2]]), codecformat="j2k")
    with pytest.raises(UnsupportedPicture, match="a JPEG 2000 of 5 channels"):
        decode(content, "x")


def test_numbers_of_a_pnm_beyond_all_measure_are_damage():
    for header in (b"P5 4 4 " + b"9" * 5000, b"P5 " + b"9" * 5000 + b" 4 1023"):
        with pytest.raises(DamagedPicture):
            decode(header + b"\n" + bytes(32), "x")


@pytest.mark.parametrize("magic", [b"P5", b"P6"])
def test_a_pnm_with_a_value_above_its_largest_is_damaged(magic):
    header = magic + b" 4 4 1023\n"
    samples = np.full((4, 4, 3 if magic == b"P6" else 1), 1023, ">u2")
    for more in (b"", b"\xff" * 9):
        assert (decode(header + samples.tobytes() + more, "x").picture == 255).all()
    samples[2, 1] = 1024
    with pytest.raises(DamagedPicture, match="a PNM of values above 1023, its largest"):
        decode(header + samples.tobytes(), "x")


@pytest.mark.parametrize(
    "header",
    [b"P5 16 16 15\n", b"P5\n#a\n#b 300 300 255\n16 #c\n16\n15\n", b"P5\r\n16\t16\r\n15 "],
)
def test_the_levels_of_a_pnm_are_found_among_comments(header):
    with pytest.raises(UnsupportedPicture, match="a PNM of 16 levels"):
        decode(header + bytes(256), "x")
    more = header[::-1].replace(b"51", b"552", 1)[::-1]
    assert decode(more + bytes(256), "x").picture.shape == (16, 16)
