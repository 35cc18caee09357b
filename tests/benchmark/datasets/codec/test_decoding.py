"""Decoding: every declared kind of file is read right, or refused by its name."""

import pickle
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmark.datasets.codec import (
    FIRST_OF_SEVERAL,
    SUFFIXES,
    DamagedPicture,
    TooLargePicture,
    UnreadablePicture,
    UnsupportedPicture,
    decode,
)

PAGE = Path(__file__).parents[4] / "docs" / "pictures.md"


def by_opencv(content):
    """What OpenCV alone makes of a file; None if nothing."""
    how = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), how)
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        return None
    pixels = pixels if pixels.dtype == np.uint8 else pixels >> 8
    return pixels if pixels.ndim == 2 else pixels[..., 2::-1]


def is_right(pixels, sample):
    if pixels is None or pixels.shape != sample.pixels.shape:
        return False
    return np.abs(pixels.astype(float) - sample.pixels).max() <= sample.within


def test_a_file_is_read_right_or_refused_by_name(sample):
    if sample.pixels is not None:
        picture = decode(sample.content, "x").picture
        assert is_right(picture, sample)
        assert not picture.flags.writeable
        return
    with pytest.raises(UnsupportedPicture, match=r"^photos/x\.tif: unsupported: ") as refused:
        decode(sample.content, "photos/x.tif")
    assert "\n" not in str(refused.value)


def outcome(samples):
    if samples[0].pixels is None:
        return "refused"
    return "read" if all(is_right(by_opencv(s.content), s) for s in samples) else "corrected"


def test_the_table_of_the_page_is_that_of_the_files(samples):
    rows = {}
    for sample in samples:
        rows.setdefault((sample.kind, sample.what), []).append(sample)
    expected = [f"| {kind} | {what} | {outcome(rows[kind, what])} |" for kind, what in rows]
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition("| kind | of it | outcome |\n|---|---|---|\n")[2].partition("\n\n")[0]
    assert table.splitlines() == expected


def test_the_page_lists_what_a_folder_is_searched_for():
    page = PAGE.read_text(encoding="utf-8").partition("searched for files that end in ")[2]
    assert re.findall(r"`(\.\w+)`", page.partition(";")[0]) == sorted(SUFFIXES)


def test_whatever_pillow_calls_a_file_of_a_kind_that_is_read_is_searched_for():
    Image.init()
    formats = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "DIB", "PPM", "JPEG2000", "AVIF")
    named = {suffix for suffix, form in Image.registered_extensions().items() if form in formats}
    assert named - {".avifs", ".pfm"} <= SUFFIXES  # a film, and floats


# --- damage ---------------------------------------------------------------------------------


def cuts(sample):
    """Where to cut a file: everywhere in its first and last bytes, here and there between."""
    size = len(sample.content)
    end = size - 8 if sample.name.startswith(("P2", "P3")) else size  # see docs/pictures.md
    return sorted({*range(40), *range(0, size, size // 40 + 1), *range(end - 20, end)} - {size})


def attempted(content):
    """The picture of a file, or the error that is raised in its place."""
    try:
        return decode(content, "photos/x").picture
    except UnreadablePicture as error:
        return error


def test_of_a_file_that_is_cut_off_no_half_picture_is_read(sound, capfd):
    whole = decode(sound.content, "x").picture
    for cut in cuts(sound):
        found = attempted(sound.content[:cut])
        if isinstance(found, UnreadablePicture):
            assert str(found).startswith("photos/x: ")
            assert "\n" not in str(found)
            # Of less not even the header is there that tells what it is.
            assert type(found) is DamagedPicture or cut < 60
        else:
            assert np.array_equal(found, whole)  # nothing of it was lost
    assert capfd.readouterr() == ("", "")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bytes_that_were_changed_are_read_or_refused_and_nothing_else(samples, data):
    sample = data.draw(st.sampled_from(samples))
    content = bytearray(sample.content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, min(len(content), 400) - 1))
        content[place] = data.draw(st.integers(0, 255))
    found = attempted(bytes(content))
    if isinstance(found, UnreadablePicture):
        assert str(found).startswith("photos/x: ")
    else:
        assert found.dtype == np.uint8
        assert found.ndim == 2 or found.shape[2] == 3


@given(st.binary(max_size=64))
def test_bytes_of_no_kind_are_no_picture(content):
    with pytest.raises(UnreadablePicture, match=r"^x: "):
        decode(content, "x")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "damaged: an empty file"),
        (bytes(5000), "damaged: a file of nothing but zeros"),
        (b"\x89PNG\r\n\x1a\n", "damaged: a PNG without"),
        (b"\xff\xd8\xff\xe0", "damaged: a JPEG without"),
        (b"hello, this is no picture", "no picture"),
        (b"BM is how this text begins, and P5 is not", "no picture"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(content, why):
    with pytest.raises(UnreadablePicture, match=f"^photos/x.png: {why}"):
        decode(content, "photos/x.png")


@pytest.mark.parametrize("kind", [UnsupportedPicture, DamagedPicture, TooLargePicture])
def test_errors_travel_between_processes(kind):
    error = pickle.loads(pickle.dumps(kind("x.tif: a reason")))  # noqa: S301
    assert type(error) is kind
    assert str(error) == "x.tif: a reason"


# --- size -----------------------------------------------------------------------------------

LARGE = 10_000  # its square is more than is decoded


def enlarged(sample):
    """The file with a header that announces a large picture."""
    content = sample.content
    old = [np.array(side) for side in (60, 40)]

    def replaced(form, *offsets):
        changed = bytearray(content)
        for offset, side in zip(offsets, old, strict=True):
            size = np.dtype(form).itemsize
            assert changed[offset : offset + size] == side.astype(form).tobytes()
            changed[offset : offset + size] = np.array(LARGE).astype(form).tobytes()
        return bytes(changed)

    place = {
        "JPEG": lambda: content.index(b"\xff\xc0") + 5,
        "JPEG 2000": lambda: content.index(b"\xff\x4f\xff\x51") + 8,
        "AVIF": lambda: content.index(b"ispe") + 8,
    }.get(sample.kind, int)()
    match sample.kind:
        case "PNG":
            import zlib

            changed = replaced(">u4", 16, 20)
            return changed[:29] + zlib.crc32(changed[12:29]).to_bytes(4, "big") + changed[33:]
        case "JPEG":
            return replaced(">u2", place + 2, place)
        case "TIFF":
            first = int.from_bytes(content[4:8], "little") + 2
            entries = range(first, len(content), 12)
            tags = {int.from_bytes(content[k : k + 2], "little"): k for k in reversed(entries)}
            return replaced("<u2", tags[256] + 8, tags[257] + 8)
        case "GIF":
            return replaced("<u2", 6, 8)
        case "BMP":
            return replaced("<i4", 18, 22)
        case "PNM":
            return content.replace(b"60 40", b"%d %d" % (LARGE, LARGE))
        case "JPEG 2000" | "AVIF":
            return replaced(">u4", place, place + 4)
    raise AssertionError(sample.kind)


NAMES = {"PNG": "rgb8", "JPEG": "RGB0", "TIFF": "rgb8", "GIF": "still", "BMP": "rgb24-False",
         "PNM": "P6-255", "JPEG 2000": "rgb8-jp2", "AVIF": "rgb8"}  # fmt: skip


@pytest.mark.parametrize("kind", NAMES)
def test_a_picture_with_too_many_pixels_is_refused_by_its_header(samples, kind, monkeypatch):
    (sample,) = (s for s in samples if (s.kind, s.name) == (kind, NAMES[kind]))
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("decoded"))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda *_: pytest.fail("decoded"))
    monkeypatch.setattr("tifffile.TiffPage.asarray", lambda *_, **__: pytest.fail("decoded"))
    pixels = r"10,000 x 10,000 pixels; at most 89,478,485 are decoded"
    with pytest.raises(TooLargePicture, match=f"^x: too large: {pixels}"):
        decode(enlarged(sample), "x")


def test_a_webp_with_too_many_pixels_is_refused_by_its_header(samples, monkeypatch):
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("decoded"))
    for name, place in {"lossy": 26, "lossless": 21, "animated": 24}.items():
        (sample,) = (s for s in samples if (s.kind, s.name) == ("WebP", name))
        content = bytearray(sample.content)
        content[place : place + 6] = {
            "lossy": b"\xff\x3f\xff\x3f\0\0",  # 14 bits each
            "lossless": b"\xff\xff\xff\x0f\0\0",
            "animated": b"\xff\xff\0\xff\xff\0",  # 24 bits each
        }[name]
        with pytest.raises(TooLargePicture, match=r"^x: too large: (16,38|65,53)"):
            decode(bytes(content), "x")


def test_what_needs_more_memory_than_there_is_is_too_large(samples, monkeypatch):
    def greedy(*_, **__):
        raise MemoryError

    (sample,) = (s for s in samples if (s.kind, s.name) == ("TIFF", "rgb8"))
    monkeypatch.setattr("tifffile.TiffPage.asarray", greedy)
    with pytest.raises(TooLargePicture, match=r"^x: too large: it needs more memory"):
        decode(sample.content, "x")


def test_a_file_that_holds_more_than_its_first_picture_is_odd(samples):
    moving = {(kind, "animated") for kind in ("PNG", "WebP", "GIF", "AVIF")} | {("TIFF", "pages")}
    for sample in samples:
        if sample.pixels is not None:
            is_odd = FIRST_OF_SEVERAL in decode(sample.content, "x").oddities
            assert is_odd == ((sample.kind, sample.name) in moving)
