"""Files of every declared kind, made here, with the pixels that they hold."""

import io
import itertools
import struct
import zlib
from dataclasses import dataclass

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

HEIGHT, WIDTH = 40, 60
Y, X = np.mgrid[:HEIGHT, :WIDTH]
GREY = ((3 * X + Y) % 256).astype(np.uint8)
RGB = np.dstack([4 * X, 6 * Y, 2 * (X + Y)]).astype(np.uint8)
ALPHA = (255 - 4 * X).astype(np.uint8)
GREY_16 = (1000 * X + 137 * Y).astype(np.uint16)
RGB_16 = np.dstack([1000 * X, 1500 * Y, 600 * (X + Y)]).astype(np.uint16)
BLACK_OR_WHITE = GREY > 100
PALETTE = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8)


@dataclass(frozen=True)
class Sample:
    """A file.

    Attributes
    ----------
    kind, what : the row of the table that it belongs to.
    name : tells it apart.
    content : its bytes.
    pixels : what it holds, (H, W) or (H, W, 3) from 0 to 255; None if it can't be read.
    within : how far from that a reader may be, because of rounding.
    """

    kind: str
    what: str
    name: str
    content: bytes
    pixels: np.ndarray | None
    within: float = 0

    def __str__(self):
        return f"{self.kind}-{self.name}".replace(" ", "-")


def upper(samples):
    return (samples >> 8).astype(np.uint8)


# --- by Pillow, tifffile and imagecodecs ------------------------------------------------------


def by_pillow(pixels, form, mode=None, **how):
    """A file that Pillow writes."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, form, **how)
    return file.getvalue()


def seen_by_pillow(content, mode="RGB"):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert(mode))


def by_tifffile(pixels, **how):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **how)
    return file.getvalue()


def turned_in_file(form, orientation, **how):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return by_pillow(RGB, form, exif=exif, **how)


def upright(pixels, orientation):
    """Said another way than in the codec: where the first row and the first column are."""
    top, left = {
        1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
        5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
    }[orientation]  # fmt: skip
    if top in ("left", "right"):
        pixels = np.moveaxis(pixels, 0, 1)
    return pixels[:: -1 if "bottom" in (top, left) else 1, :: -1 if "right" in (top, left) else 1]


# --- by hand ------------------------------------------------------------------------------------


def packed(samples, bits):
    """Rows of samples of so many bits, the first bit first, each row a whole number of bytes."""
    samples = samples.reshape(len(samples), -1)
    if bits in (8, 16):
        return [row.astype(f">u{bits // 8}").tobytes() for row in samples]
    each = (samples[..., None].astype(int) >> np.arange(bits)[::-1]) & 1
    return [row.tobytes() for row in np.packbits(each.reshape(len(samples), -1), axis=1)]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(samples, bits, colours, *chunks, interlaced=False):
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [
            (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
            (1, 0, 2, 1),
        ]  # fmt: skip
    rows = [
        b"\0" + row
        for top, left, down, right in passes
        for row in packed(samples[top::down, left::right], bits)
    ]
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, interlaced)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(itertools.starmap(chunk, parts))


def tiff(rows, tags):
    """A TIFF of one strip, little-endian, with tags of 16-bit numbers."""
    data = b"".join(rows)
    every = {256: [WIDTH], 257: [HEIGHT], 258: [8], 259: [1], 262: [1], 277: [1], **tags}
    every |= {278: [HEIGHT], 279: [len(data)], 273: [0]}
    longs = (273, 279)
    large = sum(2 * len(value) for value in every.values() if len(value) > 2)
    start = 8 + 2 + 12 * len(every) + 4
    every[273] = [start + large]
    entries, values = b"", b""
    for number in sorted(every):
        form = "I" if number in longs else "H"
        value = struct.pack(f"<{len(every[number])}{form}", *every[number])
        if len(value) > 4:
            values, value = values + value, struct.pack("<I", start + len(values))
        entries += struct.pack("<HHI", number, 4 if form == "I" else 3, len(every[number]))
        entries += value.ljust(4, b"\0")
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(every)) + entries + bytes(4) + values + data


def bmp(rows, bits, palette=b"", coding=0, masks=b"", top_down=False):
    data = b"".join(row + bytes(-len(row) % 4) for row in (rows if top_down else rows[::-1]))
    start = 54 + len(masks) + len(palette)
    height = -HEIGHT if top_down else HEIGHT
    header = struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, coding, 0, 0, 0,
                         len(palette) // 4, 0)  # fmt: skip
    return (
        b"BM"
        + struct.pack("<IHHI", start + len(data), 0, 0, start)
        + header
        + masks
        + palette
        + data
    )


def pnm(magic, samples, largest):
    header = f"{magic}\n# made by hand\n{WIDTH} {HEIGHT}\n{largest}\n".encode()
    if magic in ("P2", "P3"):
        return (
            header
            + b"\n".join(b" ".join(b"%d" % n for n in row.ravel()) for row in samples)
            + b"\n"
        )
    return header + samples.astype(">u2" if largest > 255 else np.uint8).tobytes()


def levels(samples, bits):
    """The upper bits of 16-bit samples, and as what from 0 to 255 they are read."""
    stored = samples >> (16 - bits)
    return stored, (stored >> (bits - 8) if bits > 8 else stored * (255 / (2**bits - 1))).round()


# --- the kinds ------------------------------------------------------------------------------------


def of_png():
    for bits in (1, 2, 4, 8, 16):
        stored, shown = levels(GREY_16, bits)
        yield "grey of 1, 2, 4, 8 and 16 bits", f"grey{bits}", png(stored, bits, 0), shown
        chunks = [(b"tRNS", struct.pack(">H", stored[3, 4]))]
        what = "transparency beside colours, or of one value (tRNS): dropped"
        yield what, f"grey{bits}-trns", png(stored, bits, 0, *chunks), shown
        what = "interlaced"
        yield what, f"grey{bits}-interlaced", png(stored, bits, 0, interlaced=True), shown
        if bits > 8:
            continue
        palette = (b"PLTE", PALETTE[: 1 << bits].tobytes())
        shown = PALETTE[stored]
        yield (
            "a palette of 1, 2, 4 and 8 bits",
            f"palette{bits}",
            png(stored, bits, 3, palette),
            shown,
        )
        clear = png(stored, bits, 3, palette, (b"tRNS", b"\0\x80"))
        yield (
            "transparency beside colours, or of one value (tRNS): dropped",
            f"palette{bits}-trns",
            clear,
            shown,
        )
    for bits, rgb, grey, alpha in ((8, RGB, GREY, ALPHA), (16, RGB_16, GREY_16, GREY_16)):
        shown = rgb if bits == 8 else upper(rgb)
        yield "RGB of 8 and 16 bits", f"rgb{bits}", png(rgb, bits, 2), shown
        what = "transparency beside colours, or of one value (tRNS): dropped"
        yield what, f"rgba{bits}", png(np.dstack([rgb, alpha]), bits, 6), shown
        chunks = [(b"tRNS", struct.pack(">HHH", *rgb[3, 4]))]
        yield what, f"rgb{bits}-trns", png(rgb, bits, 2, *chunks), shown
        yield "interlaced", f"rgb{bits}-interlaced", png(rgb, bits, 2, interlaced=True), shown
        shown = grey if bits == 8 else upper(grey)
        what = "transparency beside grey: dropped, and grey stays grey"
        yield what, f"grey-alpha{bits}", png(np.dstack([grey, alpha]), bits, 4), shown
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for name, data in {
        b"gAMA": struct.pack(">I", 100_000),
        b"iCCP": b"x\0\0" + zlib.compress(profile),
        b"sBIT": b"\4\4\4",
        b"bKGD": struct.pack(">HHH", 255, 0, 0),
        b"cICP": bytes([9, 16, 0, 1]),
    }.items():
        what = "gAMA, iCCP, sBIT, bKGD, cICP: not applied"
        yield what, name.decode(), png(RGB, 8, 2, (name, data)), RGB
    for number in range(1, 9):
        turned = turned_in_file("PNG", number)
        yield "turned by EXIF: stands upright", f"exif{number}", turned, upright(RGB, number)
    moving = by_pillow(RGB, "PNG", save_all=True, append_images=[Image.fromarray(255 - RGB)])
    yield "animated: the first picture", "animated", moving, RGB


def of_jpeg():
    for mode, what in {
        "L": "grey and colours: baseline, progressive, any subsampling",
        "RGB": "grey and colours: baseline, progressive, any subsampling",
        "CMYK": "CMYK and YCCK",
    }.items():
        for number, how in enumerate((
            {}, {"progressive": True}, {"subsampling": 0}, {"subsampling": 1}, {"optimize": True},
            {"restart_marker_blocks": 2},
        )):  # fmt: skip
            content = by_pillow(RGB, "JPEG", mode, quality=95, **how)
            shown = seen_by_pillow(content, "L" if mode == "L" else "RGB")
            yield what, f"{mode}{number}", content, shown, mode == "CMYK"
    content = by_pillow(RGB, "JPEG", keep_rgb=True)
    yield "stored as RGB (Adobe)", "rgb", content, seen_by_pillow(content)
    inks = np.asarray(Image.fromarray(RGB).convert("CMYK"))
    for space in ("CMYK", "YCCK"):
        content = imagecodecs.jpeg8_encode(inks, level=95, colorspace="CMYK", outcolorspace=space)
        yield "CMYK and YCCK", f"adobe-{space}", content, seen_by_pillow(content), 1
    for number in range(1, 9):
        content = turned_in_file("JPEG", number)
        shown = upright(seen_by_pillow(content), number)
        yield "turned by EXIF: stands upright", f"exif{number}", content, shown
    yield "lossless of 8 bits", "lossless", imagecodecs.jpeg8_encode(GREY, lossless=True), GREY
    wide = imagecodecs.jpeg8_encode(GREY_16 >> 4, bitspersample=12)
    yield "more than 8 bits", "12bits", wide, None
    wide = imagecodecs.jpeg8_encode(GREY_16, lossless=True, bitspersample=16)
    yield "more than 8 bits", "lossless16", wide, None


def of_webp():
    what = "lossy and lossless, with transparency (dropped) and without"
    exact = {"lossless": True, "exact": True}
    yield what, "lossless", by_pillow(RGB, "WEBP", **exact), RGB
    yield what, "alpha", by_pillow(np.dstack([RGB, ALPHA]), "WEBP", **exact), RGB
    lossy = by_pillow(RGB, "WEBP")
    yield what, "lossy", lossy, seen_by_pillow(lossy)
    for number in range(1, 9):
        turned = turned_in_file("WEBP", number, **exact)
        yield "turned by EXIF: stands upright", f"exif{number}", turned, upright(RGB, number)
    moving = by_pillow(
        RGB, "WEBP", save_all=True, append_images=[Image.fromarray(255 - RGB)], **exact
    )
    yield "animated: the first picture", "animated", moving, RGB


def of_tiff():
    apart = {"photometric": "rgb", "planarconfig": "separate"}
    pictures = {
        "grey8": (GREY, GREY, {}),
        "grey16": (GREY_16, upper(GREY_16), {}),
        "rgb8": (RGB, RGB, {"photometric": "rgb"}),
        "rgb16": (RGB_16, upper(RGB_16), {"photometric": "rgb"}),
    }
    for name, (stored, shown, how) in pictures.items():
        yield "grey and RGB of 8 and 16 bits", name, by_tifffile(stored, **how), shown
        for packing in ("lzw", "zlib", "packbits"):
            content = by_tifffile(stored, compression=packing, **how)
            yield (
                "LZW, deflate, PackBits, with a predictor and without",
                f"{name}-{packing}",
                content,
                shown,
            )
            if packing != "packbits":
                content = by_tifffile(stored, compression=packing, predictor=True, **how)
                yield (
                    "LZW, deflate, PackBits, with a predictor and without",
                    f"{name}-{packing}-predictor",
                    content,
                    shown,
                )
        for packing in ("zstd", "lzma", "lerc", "jpeg2000", "jpegxl"):
            content = by_tifffile(stored, compression=packing, **how)
            what = "Zstandard, LZMA, LERC, WebP, JPEG 2000, JPEG XL"
            yield what, f"{name}-{packing}", content, shown
        yield "in tiles", f"{name}-tiles", by_tifffile(stored, tile=(16, 16), **how), shown
        what = "big-endian, BigTIFF"
        yield what, f"{name}-big-endian", by_tifffile(stored, byteorder=">", **how), shown
        yield what, f"{name}-bigtiff", by_tifffile(stored, bigtiff=True, **how), shown
        if stored.ndim == 3:
            planes = np.ascontiguousarray(np.moveaxis(stored, -1, 0))
            for number, more in enumerate(({}, {"compression": "lzw"}, {"tile": (16, 16)})):
                content = by_tifffile(planes, **apart, **more)
                yield "planes apart", f"{name}-planes{number}", content, shown
        else:
            largest = np.iinfo(stored.dtype).max
            white = by_tifffile(largest - stored, photometric="miniswhite", **how)
            yield "grey in which white is zero", f"{name}-white", white, shown
    content = by_tifffile(
        RGB, photometric="rgb", compression="webp", compressionargs={"level": 100}
    )
    yield "Zstandard, LZMA, LERC, WebP, JPEG 2000, JPEG XL", "webp", content, RGB, 3
    for mode in ("L", "RGB", "YCbCr"):
        content = by_pillow(RGB, "TIFF", mode, compression="jpeg")
        shown = seen_by_pillow(content, "L" if mode == "L" else "RGB")
        yield "JPEG", f"jpeg-{mode}", content, shown, 1
    for packing in ("raw", "tiff_lzw"):
        content = by_pillow(RGB, "TIFF", "YCbCr", compression=packing)
        yield "YCbCr without subsampling", f"ycbcr-{packing}", content, seen_by_pillow(content), 1
    for bits in (1, 2, 4, 10, 12, 14):
        stored, shown = levels(GREY_16, bits)
        what = "grey and RGB of 1, 2, 4, 10, 12 and 14 bits"
        yield what, f"grey{bits}", tiff(packed(stored, bits), {258: [bits]}), shown
        content = tiff(packed(stored, bits), {258: [bits], 262: [0]})
        yield "grey in which white is zero", f"white{bits}", content, 255 - shown
        if bits > 2:
            stored, shown = levels(RGB_16, bits)
            tags = {258: [bits] * 3, 262: [2], 277: [3]}
            yield what, f"rgb{bits}", tiff(packed(stored, bits), tags), shown
    for packing in (
        "group3",
        "group4",
        "tiff_ccitt",
        "packbits",
        "tiff_lzw",
        "tiff_deflate",
        "raw",
    ):
        content = by_pillow(BLACK_OR_WHITE, "TIFF", compression=packing)
        yield "black and white: fax (3, 4, RLE) and others", packing, content, BLACK_OR_WHITE * 255
    for bits in (1, 2, 4, 8):
        stored, _ = levels(GREY_16, bits)
        palette = PALETTE[: 1 << bits].T.ravel().astype(int)
        for name, colours in (("", palette * 257), ("-8bit-palette", palette)):
            tags = {258: [bits], 262: [3], 320: colours.tolist()}
            yield (
                "a palette of 1, 2, 4 and 8 bits",
                f"palette{bits}{name}",
                tiff(packed(stored, bits), tags),
                PALETTE[stored],
            )
    inks = np.asarray(Image.fromarray(RGB).convert("CMYK"))
    shown = np.asarray(Image.fromarray(inks, "CMYK").convert("RGB"))
    for name, stored in (("8", inks), ("16", inks.astype(np.uint16) * 257)):
        yield (
            "CMYK of 8 and 16 bits",
            f"cmyk{name}",
            by_tifffile(stored, photometric="separated"),
            shown,
        )
        for packing in ("lzw", "zlib"):
            content = by_tifffile(stored, photometric="separated", compression=packing)
            yield "CMYK of 8 and 16 bits", f"cmyk{name}-{packing}", content, shown
    for extra in ("unassalpha", "assocalpha", "unspecified"):
        what = "a fourth sample beside RGB, transparency or not: dropped"
        how = {"photometric": "rgb", "extrasamples": [extra]}
        for name, (stored, shown, _) in pictures.items():
            if name.startswith("rgb"):
                four = np.dstack([stored, ALPHA.astype(stored.dtype)])
                yield what, f"{name}-{extra}", by_tifffile(four, **how), shown
        planes = np.ascontiguousarray(np.moveaxis(np.dstack([RGB, ALPHA]), -1, 0))
        content = by_tifffile(planes, planarconfig="separate", **how)
        yield what, f"rgb-planes-{extra}", content, RGB
    for extra in ("unassalpha", "assocalpha"):
        how = {"photometric": "minisblack", "extrasamples": [extra], "planarconfig": "contig"}
        content = by_tifffile(np.dstack([GREY, ALPHA]), **how)
        yield "transparency beside grey: dropped", extra, content, GREY
    for number in range(1, 9):
        content = by_tifffile(RGB, photometric="rgb", extratags=[(274, 3, 1, number, True)])
        yield "turned: stands upright", f"turned{number}", content, upright(RGB, number)
    pages = by_tifffile(np.stack([GREY, 255 - GREY]), photometric="minisblack")
    yield "several pages: the first", "pages", pages, GREY
    for count, planes in itertools.product((2, 3, 4, 5), ("contig", "separate")):
        bands = np.dstack([GREY, *[255 - GREY] * (count - 1)])
        if planes == "separate":
            bands = np.ascontiguousarray(np.moveaxis(bands, -1, 0))
        content = by_tifffile(bands, photometric="minisblack", planarconfig=planes)
        yield "several samples that are not marked as a colour", f"{count}-{planes}", content, None
    for type in (
        np.float16,
        np.float32,
        np.float64,
        np.int8,
        np.int16,
        np.int32,
        np.uint32,
        np.complex64,
    ):
        content = by_tifffile((GREY // 2).astype(type))
        yield (
            "floats, signed integers, complex numbers, more than 16 bits",
            np.dtype(type).name,
            content,
            None,
        )
    inks = np.dstack([inks, GREY])
    yield (
        "several samples that are not marked as a colour",
        "cmyk-and-a-fifth",
        by_tifffile(inks, photometric="separated"),
        None,
    )
    what = (
        "other colours: Lab; YCbCr with fewer colours than pixels; CMYK, and YCbCr unless it is "
        "JPEG, compressed as pictures are"
    )
    yield what, "lab", by_tifffile(RGB, photometric="cielab"), None
    tags = {258: [8] * 3, 262: [6], 277: [3], 530: [2, 2]}
    yield what, "ycbcr-subsampled", tiff(packed(RGB, 8), tags), None
    yield what, "cmyk-jpeg", by_pillow(RGB, "TIFF", "CMYK", compression="jpeg"), None
    for packing in ("jpeg2000", "webp", "jpegxl"):
        content = by_tifffile(RGB, photometric="ycbcr", compression=packing)
        yield what, f"ycbcr-{packing}", content, None
    what = "compressed in other ways: JPEG as it was before 1995, JPEG XR, PNG and rarer ones"
    yield what, "old-jpeg", tiff([imagecodecs.jpeg8_encode(GREY)], {259: [6]}), None
    for packing in ("jpegxr", "png"):
        content = by_tifffile(RGB, photometric="rgb", compression=packing)
        yield what, packing, content, None
    uneven = tiff(packed(GREY_16, 16), {258: [5, 6, 5], 262: [2], 277: [3]})
    yield "samples of unequal bits", "565", uneven, None
    deep = by_tifffile(
        np.stack([GREY] * 16), photometric="minisblack", volumetric=True, tile=(16, 16, 16)
    )
    yield "a volume", "volume", deep, None
    for name, subfile in (("thumbnail", 1), ("mask", 4)):
        content = tiff(packed(GREY, 8), {254: [subfile]})
        yield "a first page that is a thumbnail or a mask", name, content, None
    raw = by_tifffile(GREY, extratags=[(50706, 1, 4, (1, 4, 0, 0), True)])
    yield "a camera's raw file (DNG, CR2 and others)", "dng", raw, None


def of_pnm():
    yield (
        "black and white (P1, P4)",
        "P4",
        b"P4\n60 40\n" + b"".join(packed(BLACK_OR_WHITE, 1)),
        255 - BLACK_OR_WHITE * 255,
    )
    text = b"\n".join(b" ".join(b"%d" % bit for bit in row) for row in BLACK_OR_WHITE)
    yield (
        "black and white (P1, P4)",
        "P1",
        b"P1\n60 40\n" + text + b"\n",
        255 - BLACK_OR_WHITE * 255,
    )
    for largest in (1, 15, 100, 254, 255, 256, 1023, 4095, 65535):
        for magic, samples in (("P5", GREY_16), ("P2", GREY_16), ("P6", RGB_16), ("P3", RGB_16)):
            stored = np.round(samples / 65535 * largest).astype(int)
            shown = stored * 255 / largest
            what = "grey and RGB with largest values of 255 and 65535 (P2, P3, P5, P6)"
            if largest < 255:
                what, shown = "fewer than 256 levels", None
            elif largest not in (255, 65535):
                what = "grey and RGB with other largest values: scaled"
            yield what, f"{magic}-{largest}", pnm(magic, stored, largest), shown, largest > 255


def of_bmp():
    colours = np.zeros((256, 4), np.uint8)
    colours[:, :3] = PALETTE[:, ::-1]
    for bits in (1, 4, 8):
        stored, _ = levels(GREY_16, bits)
        palette = colours[: 1 << bits].tobytes()
        rows = packed(stored, bits)
        what = "palettes of 1, 4 and 8 bits, 24 and 32 bits; from the top or the bottom"
        yield what, f"palette{bits}", bmp(rows, bits, palette), PALETTE[stored]
        yield what, f"palette{bits}-down", bmp(rows, bits, palette, top_down=True), PALETTE[stored]
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
    yield "grey palettes are grey", "grey", bmp(packed(GREY, 8), 8, ramp.tobytes()), GREY
    for bits, pixels in ((24, RGB), (32, np.dstack([RGB, np.zeros_like(GREY)]))):
        rows = packed(pixels[..., [2, 1, 0, *range(3, pixels.shape[2])]], 8)
        for down in (False, True):
            what = "palettes of 1, 4 and 8 bits, 24 and 32 bits; from the top or the bottom"
            yield what, f"rgb{bits}-{down}", bmp(rows, bits, top_down=down), RGB
    for bits, coding in ((8, 1), (4, 2)):
        stored, _ = levels(GREY_16, bits)
        rows = [
            b"".join(bytes([1, n << (8 - bits)]) for n in row.tolist()) + b"\0\0" for row in stored
        ]
        content = bmp(
            [b"".join(rows[::-1]) + b"\0\1"], bits, colours[: 1 << bits].tobytes(), coding
        )
        yield "packed by runs (RLE)", f"rle{bits}", content, PALETTE[stored]
    for name, shifts, coding in (("555", (10, 5, 0), 0), ("565", (11, 5, 0), 3)):
        tops = np.array([31, 63 if name == "565" else 31, 31])
        stored = np.round(RGB / 255 * tops).astype(int)
        words = sum(stored[..., k] << shift for k, shift in enumerate(shifts)).astype("<u2")
        masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F) if coding else b""
        content = bmp([row.tobytes() for row in words], 16, coding=coding, masks=masks)
        yield "16 bits (555, 565)", name, content, stored * 255 / tops, 1
    words = sum((RGB_16[..., k].astype(np.uint32) >> 6) << (10 * k) for k in range(3)).astype("<u4")
    masks = struct.pack("<III", 0x3FF, 0xFFC00, 0x3FF00000)
    content = bmp([row.tobytes() for row in words], 32, coding=3, masks=masks)
    yield "other layouts of bits", "10-10-10", content, None


def of_gif():
    image = Image.fromarray(GREY, "P")
    image.putpalette(PALETTE.tobytes())
    yield "the first picture, opaque", "still", by_pillow(image, "GIF"), PALETTE[GREY]
    flipped = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    moving = by_pillow(image, "GIF", save_all=True, append_images=[flipped])
    yield "the first picture, opaque", "animated", moving, PALETTE[GREY]
    clear = by_pillow(image, "GIF", transparency=3)
    yield "the first picture, with transparency (dropped)", "transparent", clear, PALETTE[GREY]


def of_jpeg_2000():
    for code in ("jp2", "j2k"):
        for name, stored, shown in (("grey", GREY, GREY), ("rgb", RGB, RGB)):
            content = imagecodecs.jpeg2k_encode(stored, level=0, codecformat=code)
            yield "grey and RGB of 8 and 16 bits", f"{name}8-{code}", content, shown
        clear = imagecodecs.jpeg2k_encode(np.dstack([RGB, ALPHA]), level=0, codecformat=code)
        yield "transparency: dropped", f"rgba-{code}", clear, RGB
        pictures = (("grey", GREY_16), ("rgb", RGB_16))
        for bits, (name, samples) in itertools.product((10, 12, 14, 16), pictures):
            how = {"level": 0, "codecformat": code, "bitspersample": bits}
            content = imagecodecs.jpeg2k_encode(samples >> (16 - bits), **how)
            what = (
                "grey and RGB of 10, 12 and 14 bits"
                if bits < 16
                else "grey and RGB of 8 and 16 bits"
            )
            yield what, f"{name}{bits}-{code}", content, upper(samples), name == "rgb"
        what = "signed samples, or of fewer than 8 bits"
        signed = (GREY_16.astype(int) - 32768).astype(np.int16)
        yield (
            what,
            f"signed-{code}",
            imagecodecs.jpeg2k_encode(signed, level=0, codecformat=code),
            None,
        )
        few = {"level": 0, "codecformat": code, "bitspersample": 4}
        yield what, f"4bits-{code}", imagecodecs.jpeg2k_encode(GREY >> 4, **few), None


def of_avif():
    for name, stored in (("grey", GREY), ("rgb", RGB), ("rgba", np.dstack([RGB, ALPHA]))):
        content = imagecodecs.avif_encode(stored, level=100)
        shown = imagecodecs.avif_decode(content)
        shown = shown[..., :3] if shown.ndim == 3 and name != "grey" else shown
        yield "8 bits", f"{name}8", content, shown, 3
    for bits in (10, 12):
        content = imagecodecs.avif_encode(RGB_16 >> (16 - bits), level=100, bitspersample=bits)
        yield "10 and 12 bits", f"rgb{bits}", content, upper(RGB_16), 3
    for number in range(1, 9):
        content = turned_in_file("AVIF", number, quality=100)
        yield "turned: stands upright", f"turned{number}", content, upright(RGB, number), 5
    moving = by_pillow(
        RGB, "AVIF", quality=100, save_all=True, append_images=[Image.fromarray(255 - RGB)]
    )
    yield "animated: the first picture", "animated", moving, RGB, 5


def of_others():
    psd = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, HEIGHT, WIDTH, 8, 3) + bytes(14)
    yield "Photoshop (PSD)", psd + np.moveaxis(RGB, -1, 0).tobytes()
    yield "HEIC", struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic"
    yield "JPEG XL", imagecodecs.jpegxl_encode(RGB)
    yield "JPEG-LS", imagecodecs.jpegls_encode(RGB)
    yield "JPEG XR", imagecodecs.jpegxr_encode(RGB)
    yield "OpenEXR", b"v/1\x01\x02\0\0\0"
    yield "Radiance HDR", cv2.imencode(".hdr", RGB.astype(np.float32))[1].tobytes()
    yield "PFM", b"Pf\n60 40\n-1.0\n" + GREY.astype("<f4").tobytes()
    yield "PAM", b"P7\nWIDTH 60\nHEIGHT 40\nDEPTH 1\nMAXVAL 255\nENDHDR\n" + GREY.tobytes()
    yield "DICOM", bytes(128) + b"DICM\x02\0\0\0UL"
    yield "NIfTI", struct.pack("<i", 348) + bytes(340) + b"n+1\0"
    yield "FITS", b"SIMPLE  =                    T"
    yield "HDF5", b"\x89HDF\r\n\x1a\n"
    yield "SVG", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'
    yield "PDF", by_pillow(RGB, "PDF")
    yield "PostScript", by_pillow(RGB, "EPS")
    for form in ("TGA", "PCX", "SGI", "DDS", "ICO", "QOI", "ICNS"):
        yield form, by_pillow(RGB[:32, :32], form)
    yield "Sun raster", cv2.imencode(".ras", RGB)[1].tobytes()
    yield "a film (MP4)", struct.pack(">I", 24) + b"ftypisom" + bytes(4) + b"isommp41"
    yield "an array of NumPy", b"\x93NUMPY\x01\0"
    yield "a ZIP archive", b"PK\x03\x04"
    yield "a web page", b"<!DOCTYPE html><html><body>404</body></html>"
    yield "a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"


KINDS = {
    "PNG": of_png, "JPEG": of_jpeg, "WebP": of_webp, "TIFF": of_tiff, "PNM": of_pnm, "BMP": of_bmp,
    "GIF": of_gif, "JPEG 2000": of_jpeg_2000, "AVIF": of_avif,
}  # fmt: skip
SAMPLES = [Sample(kind, *each) for kind, made in KINDS.items() for each in made()]
OTHERS = dict(of_others())
SAMPLES += [Sample("others", ", ".join(OTHERS), name, OTHERS[name], None) for name in OTHERS]


@pytest.fixture(scope="session")
def samples():
    """All of them."""
    return SAMPLES


def pytest_generate_tests(metafunc):
    """A test of ``sample`` is about each of them, one of ``sound`` about each that can be read."""
    for name, some in (
        ("sample", SAMPLES),
        ("sound", [s for s in SAMPLES if s.pixels is not None]),
    ):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, some, ids=str)
