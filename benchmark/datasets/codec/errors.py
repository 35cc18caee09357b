"""Why no picture can be made of a file: its kind, damage, or its size."""

from __future__ import annotations

# Pillow's own limit, a quarter of a GiB of three bytes a pixel.
MOST_PIXELS = 89_478_485


class UnreadablePicture(Exception):
    """A file that no picture can be made of."""

    prefix = ""  # tells in a message why: a file of another kind is not a damaged one


class UnsupportedPicture(UnreadablePicture):
    """A file that may well be sound, of a kind that is not read."""

    prefix = "unsupported: "


class DamagedPicture(UnreadablePicture):
    """A file of a kind that is read, with a part of it wrong or lost."""

    prefix = "damaged: "


class TooLargePicture(UnreadablePicture):
    """A picture that would take too much memory."""

    prefix = "too large: "


def check_size(width: int, height: int) -> None:
    """The picture that a file's header announces may be decoded.

    Raises
    ------
    DamagedPicture
        If it has no pixels.
    TooLargePicture
        If it has more than `MOST_PIXELS`.
    """
    if min(width, height) < 1:
        raise DamagedPicture(f"a header that announces {width:,} x {height:,} pixels")
    if width * height > MOST_PIXELS:
        raise TooLargePicture(f"{width:,} x {height:,} pixels; at most {MOST_PIXELS:,} are decoded")
