"""PNG and JPEG: damage that OpenCV alone passes over, or stumbles on."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmark.datasets.codec import DamagedPicture, UnsupportedPicture, decode

NOISE = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
PICTURE = cv2.GaussianBlur(NOISE, (0, 0), 2)


def written(form, **how):
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, form, **how)
    return file.getvalue()


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 4}])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_half_a_jpeg_that_was_given_an_end_is_damaged(how, share, capfd):
    content = written("JPEG", quality=90, **how)
    half = content[: int(len(content) * share)] + b"\xff\xd9"
    assert np.array(Image.open(io.BytesIO(half))).shape == PICTURE.shape  # others see a picture
    with pytest.raises(DamagedPicture, match="a JPEG whose data are wrong or end too early"):
        decode(half, "x")
    assert capfd.readouterr() == ("", "")


def test_what_follows_the_end_of_a_picture_is_nobody_s_concern():
    for content in (written("JPEG"), written("PNG"), written("WEBP")):
        whole = decode(content, "x").picture
        assert np.array_equal(decode(content + b"a camera's own words" * 99, "x").picture, whole)


def test_a_png_s_chunk_may_not_claim_what_is_not_there(monkeypatch):
    content = bytearray(written("PNG"))
    content[33:37] = struct.pack(">I", 2_000_000_000)  # OpenCV would make room for that
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(DamagedPicture, match="a PNG that ends too early"):
        decode(bytes(content), "x")


def test_a_png_with_one_wrong_bit_is_damaged():
    content = written("PNG")
    for place in range(9, len(content) - 20, len(content) // 60):
        wrong = bytearray(content)
        wrong[place] ^= 4
        with pytest.raises(DamagedPicture):
            decode(bytes(wrong), "x")


def test_a_png_of_apple_s_own_kind_is_unsupported():
    content = written("PNG")
    chunk = b"CgBI" + bytes(4)
    own = content[:8] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(UnsupportedPicture, match="CgBI"):
        decode(own + content[8:], "x")


@pytest.mark.parametrize("wrong", [(20, 30), (200, 100)])
def test_what_the_decoder_gives_is_what_the_header_announced(wrong, monkeypatch):
    monkeypatch.setattr("cv2.imdecode", lambda *_: np.zeros((*wrong, 3), np.uint8))
    for content in (written("PNG"), written("JPEG"), written("WEBP")):
        with pytest.raises(DamagedPicture, match="in place of 200 x 200"):
            decode(content, "x")


def test_grey_in_place_of_colours_is_noticed(monkeypatch):
    monkeypatch.setattr("cv2.imdecode", lambda *_: np.zeros((200, 200), np.uint8))
    with pytest.raises(DamagedPicture):
        decode(written("PNG"), "x")
