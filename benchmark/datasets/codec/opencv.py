"""PNG, JPEG and WebP, read by OpenCV, which is quick and notices damage."""

from __future__ import annotations

import functools
import os
import struct
import zlib

import numpy as np

from benchmark.datasets.codec.errors import DamagedPicture, UnsupportedPicture, check_size
from benchmark.datasets.codec.samples import Decoded, eight_bits

_GREY_PNG = (0, 4)  # types of colour, without and with transparency
_MOST_WORDS = 1 << 16

# JPEG's markers: those that stand alone, and those that begin a frame, by how it is coded.
_ALONE = {0x01, *range(0xD0, 0xD8)}
_USUAL, _LOSSLESS, _LS = {0xC0, 0xC1, 0xC2}, {0xC3, 0xC7, 0xCB, 0xCF}, 0xF7
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC} | {_LS}
_SCAN, _END = 0xDA, 0xD9
_LAST = bytes((0xFF, _END))
# What libjpeg says of data that it has filled up with what it made up. What it says of bytes too
# many is not among it: some cameras write them.
_MADE_UP = (b"premature end", b"bad huffman code", b"instead of rst")


def read_png(content: bytes) -> Decoded:
    """Raises UnreadablePicture."""
    if content[12:16] == b"CgBI":
        raise UnsupportedPicture("a PNG as only Apple's devices read it (CgBI)")
    header = content[12:29]
    if header[:4] != b"IHDR" or content[29:33] != zlib.crc32(header).to_bytes(4, "big"):
        raise DamagedPicture("a PNG without a sound header")
    width, height, bits, colours = struct.unpack(">IIBB", header[4:14])
    check_size(width, height)
    is_animated = b"acTL" in _chunks(content)
    pixels, _ = _pixels(content)
    if pixels is None:
        raise DamagedPicture("a PNG whose data are wrong or end too early")
    if pixels.ndim == 3 and colours in _GREY_PNG:
        pixels = pixels[:, :, 0]  # OpenCV makes colours of grey beside transparency
    decoded = _checked(pixels, (width, height), max(bits, 8), colours not in _GREY_PNG)
    return decoded.with_others(is_animated)


def _chunks(content: bytes) -> set[bytes]:
    """The names of a PNG's chunks. OpenCV makes room for as many bytes as each claims to have.

    Raises
    ------
    DamagedPicture
        If one does not lie in the file.
    """
    place, names = 8, set()
    while (name := content[place + 4 : place + 8]) != b"IEND":
        names.add(name)
        place += 12 + int.from_bytes(content[place : place + 4], "big")
        if place >= len(content):
            raise DamagedPicture("a PNG that ends too early")
    return names


def read_jpeg(content: bytes) -> Decoded:
    """Raises UnreadablePicture."""
    marker, bits, height, width, channels = _frame(content)
    coded = "a lossless JPEG" if marker in _LOSSLESS else "a JPEG"
    if marker == _LS:
        raise UnsupportedPicture("JPEG-LS")
    if bits != 8:
        raise UnsupportedPicture(f"{coded} of {bits} bits; give 8")
    if channels not in (1, 3, 4):
        raise UnsupportedPicture(f"{coded} of {channels} channels")
    check_size(width, height)
    pixels, words = _pixels(content)
    if pixels is None and marker not in _USUAL and content.endswith(_LAST):
        raise UnsupportedPicture(f"{coded} of a rare coding (SOF{marker - 0xC0})")
    if pixels is None or (words and any(made_up in words for made_up in _MADE_UP)):
        raise DamagedPicture("a JPEG whose data are wrong or end too early")
    return _checked(pixels, (width, height), 8, channels > 1)


def _frame(content: bytes) -> tuple[int, int, int, int, int]:
    """What a JPEG's frame says: its marker, bits, height, width and number of channels."""
    place = 2
    while place + 10 <= len(content):
        if content[place] != 0xFF:
            break
        marker = content[place + 1]
        if marker in _FRAMES:
            return marker, *struct.unpack(">BHHB", content[place + 4 : place + 10])
        if marker in (_SCAN, _END):
            break
        if marker == 0xFF:  # filling
            place += 1
        elif marker in _ALONE:
            place += 2
        else:
            place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    raise DamagedPicture("a JPEG without a header")


def read_webp(content: bytes) -> Decoded:
    """Raises UnreadablePicture."""
    width, height, is_animated = _canvas(content)
    check_size(width, height)
    pixels, _ = _pixels(content)
    if pixels is None or 8 + int.from_bytes(content[4:8], "little") > len(content):
        raise DamagedPicture("a WebP whose data are wrong or end too early")
    return _checked(pixels, (width, height), 8, True).with_others(is_animated)


def _canvas(content: bytes) -> tuple[int, int, bool]:
    """A WebP's width and height, and whether it moves; by its first chunk."""
    chunk, data = content[12:16], content[20:30]
    if len(data) == 10 and chunk == b"VP8X":
        width, height = (int.from_bytes(data[k : k + 3], "little") + 1 for k in (4, 7))
        return width, height, bool(data[0] & 0x02)
    if len(data) == 10 and chunk == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[6:]))
        return width, height, False
    if len(data) == 10 and chunk == b"VP8L":
        sides = int.from_bytes(data[1:5], "little")
        return (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1, False
    raise DamagedPicture("a WebP without a header")


def _pixels(content: bytes) -> tuple[np.ndarray | None, bytes]:
    """What OpenCV makes of a file, upright, colours as BGR; and what is said of it on stderr.

    That is libjpeg's and libpng's own voice: for us, and not for the user's terminal.
    """
    import cv2

    words = _words(os.getpid())
    stderr = os.dup(2)
    os.dup2(words, 2)
    try:
        # ANYCOLOR keeps grey pictures grey, ANYDEPTH all bits.
        how = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
        pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), how)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError(str(error)) from error
        pixels = None
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
    return pixels, _taken(words)


@functools.cache
def _words(pid: int) -> int:
    """A file of this process, without a name: its descriptor. Not a pipe, which may be full."""
    if hasattr(os, "memfd_create"):  # Linux
        return os.memfd_create("words")
    import tempfile

    return os.dup(tempfile.TemporaryFile().fileno())


def _taken(words: int) -> bytes:
    """What was written to a file, in small letters; nothing is left in it."""
    written = os.lseek(words, 0, os.SEEK_CUR)
    if not written:
        return b""
    os.lseek(words, 0, os.SEEK_SET)
    said = os.read(words, min(written, _MOST_WORDS))
    os.lseek(words, 0, os.SEEK_SET)
    return said.lower()


def _checked(pixels: np.ndarray, size: tuple[int, int], bits: int, has_colours: bool) -> Decoded:
    """OpenCV's pixels, if they are what the header has announced."""
    shape = pixels.shape[1::-1]
    if shape not in (size, size[::-1]) or pixels.ndim != 2 + has_colours:
        raise DamagedPicture(f"{shape[0]} x {shape[1]} pixels in place of {size[0]} x {size[1]}")
    if pixels.dtype != (np.uint8 if bits == 8 else np.uint16):
        raise DamagedPicture(f"pixels of {pixels.dtype} in place of {bits} bits")
    return eight_bits(pixels[:, :, 2::-1] if has_colours else pixels, bits)
