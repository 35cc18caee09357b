"""Kinds of picture files, told by their bytes and never by their names."""

from __future__ import annotations

from benchmark.datasets.codec.errors import (
    DamagedPicture,
    UnreadablePicture,
    UnsupportedPicture,
)

PNG, JPEG, TIFF, WEBP, GIF, BMP, PNM, JPEG_2000, AVIF = KINDS = (
    "PNG", "JPEG", "TIFF", "WebP", "GIF", "BMP", "PNM", "JPEG 2000", "AVIF",
)  # fmt: skip

# What files of each kind are called: a folder is searched for these. What one is its bytes tell.
_SUFFIXES = {
    PNG: (".png", ".apng"),
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    TIFF: (".tif", ".tiff"),
    WEBP: (".webp",),
    GIF: (".gif",),
    BMP: (".bmp", ".dib"),
    PNM: (".pbm", ".pgm", ".ppm", ".pnm"),
    JPEG_2000: (".jp2", ".j2k", ".j2c", ".jpc", ".jpx", ".jpf"),
    AVIF: (".avif",),
}
SUFFIXES = frozenset(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)

# What a file of each kind begins with. Those of one letter or two are common in text too, and so
# the next bytes are looked at where a file could be one.
_READ = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"II*\0": TIFF,
    b"MM\0*": TIFF,
    b"II+\0": TIFF,
    b"MM\0+": TIFF,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"\xff\x4f\xff\x51": JPEG_2000,
    b"\0\0\0\x0cjP  \r\n\x87\n": JPEG_2000,
}
_NOT_READ = {
    b"8BPS": "Photoshop's PSD",
    b"v/1\x01": "OpenEXR, which holds floats",
    b"#?RADIANCE": "Radiance HDR, which holds floats",
    b"#?RGBE": "Radiance HDR, which holds floats",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"II\xbc\x01": "JPEG XR",
    b"P7\n": "PAM",
    b"PF\n": "PFM, which holds floats",
    b"Pf\n": "PFM, which holds floats",
    b"\0\0\x01\0": "an icon (ICO)",
    b"icns": "an icon (ICNS)",
    b"qoif": "QOI",
    b"\x59\xa6\x6a\x95": "a Sun raster",
    b"\x01\xda": "SGI",
    b"DDS ": "DDS",
    b"\x0a\x05\x01\x08": "PCX",
    b"\x8aMNG": "MNG",
    b"\x8bJNG": "JNG",
    b"AT&T": "DjVu",
    b"BPG\xfb": "BPG",
    b"%PDF": "a PDF",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"IIU\0": "a camera's raw file",
    b"IIRO": "a camera's raw file",
    b"MMOR": "a camera's raw file",
    b"FUJIFILMCCD-RAW": "a camera's raw file",
    b"SIMPLE  =": "FITS",
    b"\x89HDF\r\n\x1a\n": "HDF5",
    b"\x93NUMPY": "an array of NumPy",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"version https://git-lfs": "a pointer of Git LFS in place of the file; run git lfs pull",
}
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # bytes of its second header, by version
# Brands of the container that AVIF, HEIC and films share.
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"), "HEIC"),
    b"crx ": "a camera's raw file",
}
_MOST_MARKUP = 512  # bytes among which a page or a drawing says what it is


def kind_of(content: bytes) -> str:
    """Which of `KINDS` a file is, by its first bytes.

    Raises
    ------
    UnsupportedPicture
        If it is of another kind, which is named.
    DamagedPicture
        If there is nothing in it.
    UnreadablePicture
        If it is no picture that is known.
    """
    if not content[:1].strip(b"\0") and not content.strip(b"\0"):
        raise DamagedPicture("a file of nothing but zeros" if content else "an empty file")
    kind = _read(content)
    if kind in KINDS:
        return kind
    other = kind or _not_read(content)
    if other:
        raise UnsupportedPicture(other)
    raise UnreadablePicture("no picture of a kind that is known")


def _read(content: bytes) -> str:
    """One of `KINDS`, or what else lies in a container that these share; empty for others."""
    for begins, kind in _READ.items():
        if content.startswith(begins):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[:2] == b"BM" and int.from_bytes(content[14:18], "little") in _BMP_HEADERS:
        return BMP
    if content[:1] == b"P" and content[1:2] in b"123456" and content[2:3] in b" \t\r\n#":
        return PNM if len(content) > 2 else ""
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12]) or _of_compatible_brands(content)
    return ""


def _of_compatible_brands(content: bytes) -> str:
    listed = content[16 : min(int.from_bytes(content[:4], "big"), 256)]
    brands = [listed[start : start + 4] for start in range(0, len(listed), 4)]
    return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "a film" * bool(listed))


def _not_read(content: bytes) -> str:
    """What a file is that is of none of `KINDS`; empty if that is not known."""
    for begins, what in _NOT_READ.items():
        if content.startswith(begins):
            return what
    if content[128:132] == b"DICM":
        return "DICOM"
    if content[344:348] in (b"n+1\0", b"ni1\0"):
        return "NIfTI"
    if content[-18:-2] == b"TRUEVISION-XFILE":
        return "TGA"
    markup = content[:_MOST_MARKUP].lower()
    if b"<svg" in markup:
        return "SVG, a drawing without pixels"
    if b"<html" in markup or b"<!doctype html" in markup:
        return "a web page"
    return ""
