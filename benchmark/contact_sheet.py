"""Montage: what the features see, a few training pictures of each class, as one picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmark.datasets import Dataset, UnreadablePicture
from benchmark.errors import InputError

_PER_CLASS = 3
MOST_CLASSES = 12  # more rows would be taller than any screen


def _nothing(line: str) -> None:
    """What is said to nobody."""


def montage_of(
    contents: Dataset, classes: int = MOST_CLASSES, say: Callable[[str], None] = _nothing
) -> np.ndarray:
    """The first readable training pictures of each class and their views, uint8 (H, W, 3) RGB.

    Parameters
    ----------
    classes : how many are shown at most, the first ones; the picture tells how many there are more.
    say : is given a line for those left out, and for each class of which nothing can be read.

    Raises
    ------
    InputError
        If no picture of these classes can be read.
    """
    from features.montage import montage

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
    return montage({name: pictures for name, pictures in rows.items() if pictures}, note)


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


def check_place(path: Path) -> None:
    """A picture can be written to ``path``. Raises `InputError`; writes nothing."""
    if path.suffix.lower() != ".png":
        raise InputError(f"{path} must end in .png")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(f"{path} can't be written; give a file in a folder that exists")


def write_png(picture: np.ndarray, path: Path) -> None:
    """Write uint8 (H, W, 3) RGB as PNG, whole or not at all."""
    import cv2

    from results import write_atomically

    _, encoded = cv2.imencode(".png", np.ascontiguousarray(picture[:, :, ::-1]))
    write_atomically(path, encoded.tobytes())
