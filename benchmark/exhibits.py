"""Exhibits: what a report shows of a dataset's pictures, put into the run's folder."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmark.contact_sheet import montage_of
from benchmark.datasets import Dataset, UnreadablePicture
from results import Leaderboard
from results.exhibits import Exhibits

_SIDE = 96  # of a small picture's longer side, in pixels
_LOSSLESS = 32  # up to this side JPEG would show more blocks than picture
_QUALITY = 82
_MONTAGE_WIDTH = 1200
_MONTAGE_CLASSES = 6  # more would be a page of its own


def keep(board: Leaderboard, contents: Dataset, exhibits: Exhibits) -> None:
    """Keep the montage and a small copy of each picture that the board's report will show."""
    if not contents.has_pictures:
        return
    if exhibits.montage() is None:
        exhibits.keep_montage(
            _jpeg(_at_most(montage_of(contents, _MONTAGE_CLASSES), _MONTAGE_WIDTH))
        )
    shown, kept = board.pictures_shown(), exhibits.pictures()
    if not kept.keys() >= set(shown):
        exhibits.keep_pictures(kept | _small(contents, set(shown) - kept.keys()))


def _small(contents: Dataset, wanted: Iterable[str]) -> dict[str, bytes]:
    wanted = set(wanted)
    found = {}
    for split in contents.splits.values():
        for row, name in enumerate(split.ids):
            if str(name) in wanted:
                assert split.pictures is not None
                try:
                    found[str(name)] = _encoded(split.pictures.load(row))
                except UnreadablePicture:  # it could be read when the run began
                    continue
    return found


def _encoded(picture: np.ndarray) -> bytes:
    import cv2

    small = _at_most(picture, _SIDE)
    if max(small.shape[:2]) > _LOSSLESS:
        return _jpeg(small)
    _, encoded = cv2.imencode(".png", _bgr(small))
    return encoded.tobytes()


def _jpeg(picture: np.ndarray) -> bytes:
    import cv2

    _, encoded = cv2.imencode(".jpg", _bgr(picture), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes()


def _bgr(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture[:, :, ::-1] if picture.ndim == 3 else picture)


def _at_most(picture: np.ndarray, longest: int) -> np.ndarray:
    """The picture, shrunk if a side is longer than that."""
    import cv2

    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
