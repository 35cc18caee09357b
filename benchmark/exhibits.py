"""Exhibits: pictures for people, the montage and what a report shows of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from benchmark.datasets import Dataset, UnreadablePicture
from benchmark.datasets.codec import encode
from benchmark.datasets.pictures import ChangedPicture
from benchmark.errors import InputError
from features import draw_montage
from results import Exhibits, Leaderboard, write_atomically

# A montage: pictures of a class, and classes; more rows would be taller than any screen.
_PER_CLASS = 3
MOST_CLASSES = 12

# A report's small pictures: their longer side in pixels, up to which side they are kept without
# loss (JPEG would show more blocks than picture), and JPEG's quality; and a report's montage.
_SIDE = 96
_LOSSLESS = 32
_QUALITY = 82
_MONTAGE_WIDTH = 1200
_MONTAGE_CLASSES = 6


def montage_of(
    contents: Dataset, classes: int = MOST_CLASSES, say: Callable[[str], None] = lambda line: None
) -> np.ndarray:
    """The first readable training pictures of each class and their views.

    Parameters
    ----------
    contents : a dataset of pictures.
    classes : how many are shown at most, the first ones; the picture tells how many there are more.
    say : is given a line for those left out, and for each class of which nothing can be read.

    Returns
    -------
    uint8 (H, W, 3) RGB.

    Raises
    ------
    InputError
        If no picture of these classes can be read.
    """
    names = contents.classes[:classes]
    rows: dict[str, list[np.ndarray]] = {}
    unreadable = {}
    for label, name in enumerate(names):
        rows[name], reason = _first(contents, label)
        if not rows[name]:
            unreadable[name] = (
                f"{contents.source}: no picture of class {name!r} can be read: {reason}"
            )
    if len(unreadable) == len(names):
        raise InputError(next(iter(unreadable.values())))
    for line in unreadable.values():
        say(f"warning: {line}")
    more = len(contents.classes) - len(names)
    note = f"and {more:,} more {'class' if more == 1 else 'classes'}" if more else ""
    if note:
        say(f"{contents.source}: the first {len(names)} classes are drawn, {note} are left out")
    return draw_montage({name: pictures for name, pictures in rows.items() if pictures}, note)


def _first(contents: Dataset, label: int) -> tuple[list[np.ndarray], str]:
    """The first readable training pictures of a class, and why the last other could not be read."""
    train = contents.splits["train"]
    assert train.pictures is not None
    pictures: list[np.ndarray] = []
    reason = ""
    for row in np.flatnonzero(train.labels == label):
        if len(pictures) == _PER_CLASS:
            break
        try:
            pictures.append(train.pictures.load(int(row)))
        except UnreadablePicture as error:
            reason = str(error)
    return pictures, reason


def write_png(picture: np.ndarray, path: Path) -> None:
    """Write uint8 (H, W, 3) RGB as PNG, whole or not at all."""
    write_atomically(path, encode(picture))


def keep_exhibits(board: Leaderboard, contents: Dataset, exhibits: Exhibits) -> None:
    """Keep the montage and a small copy of each picture that the board's report will show."""
    if not contents.has_pictures:
        return
    if exhibits.montage() is None:
        drawn = _at_most(montage_of(contents, _MONTAGE_CLASSES), _MONTAGE_WIDTH)
        exhibits.keep_montage(encode(drawn, ".jpg", _QUALITY))
    shown, kept = board.pictures_shown(), exhibits.pictures()
    if not kept.keys() >= set(shown):
        exhibits.keep_pictures(kept | _small_copies(contents, set(shown) - kept.keys()))


def _small_copies(contents: Dataset, ids: Collection[str]) -> dict[str, bytes]:
    copies = {}
    for split in contents.splits.values():
        for row, name in enumerate(split.ids):
            if str(name) in ids:
                assert split.pictures is not None
                try:
                    copies[str(name)] = _small_copy(split.pictures.load(row))
                except (UnreadablePicture, ChangedPicture):  # it was there when the run began
                    continue
    return copies


def _small_copy(picture: np.ndarray) -> bytes:
    small = _at_most(picture, _SIDE)
    if max(small.shape[:2]) > _LOSSLESS:
        return encode(small, ".jpg", _QUALITY)
    return encode(small)


def _at_most(picture: np.ndarray, longest: int) -> np.ndarray:
    """The picture, shrunk if a side is longer than that."""
    import cv2

    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
