"""Montage: what the features see, a few training pictures of each class, as one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.datasets import Dataset, UnreadablePicture
from benchmark.errors import InputError

_PER_CLASS = 3


def montage_of(contents: Dataset, classes: int | None = None) -> np.ndarray:
    """The first readable training pictures of each class and their views, uint8 (H, W, 3) RGB.

    ``classes`` is how many classes, None for all of them.
    """
    from features.montage import montage

    train = contents.splits["train"]
    assert train.pictures is not None
    shown: dict[str, list[np.ndarray]] = {name: [] for name in contents.classes[:classes]}
    for label, name in enumerate(shown):
        for row in np.flatnonzero(train.labels == label):
            if len(shown[name]) == _PER_CLASS:
                break
            try:
                shown[name].append(train.pictures.load(int(row)))
            except UnreadablePicture:
                continue
    return montage({name: pictures for name, pictures in shown.items() if pictures})


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
