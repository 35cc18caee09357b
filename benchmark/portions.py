"""Portions: pictures decoded once each, by all cores, into features and small pictures."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import pickle
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import plugins, processes
from benchmark.datasets import ArrayPictures, Dataset, UnreadablePicture
from benchmark.datasets.dataset import Pictures
from benchmark.datasets.folder import FilePictures
from benchmark.errors import InputError

if TYPE_CHECKING:
    from benchmark.frozen import AnyFeatureSet

_LENGTH = 64  # pictures a worker takes at a time


@dataclass(frozen=True)
class Wanted:
    """What to make of each picture: a row of features, a small picture, or both.

    Attributes
    ----------
    feature_set : name of the feature set, None for no features.
    image_size : side of the small picture, None for none.
    plugin_files : files that may declare features.
    seed : of features that are fitted on the train split.
    weights_dir, offline : where weights of a frozen body may come from.
    """

    feature_set: str | None
    image_size: int | None
    plugin_files: tuple[str, ...] = ()
    seed: int = 42
    weights_dir: str = ""
    offline: bool = False


@dataclass(frozen=True)
class Portion:
    """What a worker made of some pictures of a split.

    Attributes
    ----------
    rows : int64 (n,), which pictures of the split could be read.
    features : float64 (n, n_columns), if asked for.
    images : uint8 (n, side, side, 3) RGB, if asked for.
    seconds : float64 (n,), what the features of each took; decoding is not in it.
    unreadable : the rows that could not be read, and why.
    """

    rows: np.ndarray
    features: np.ndarray | None
    images: np.ndarray | None
    seconds: np.ndarray
    unreadable: Mapping[int, str]


@dataclass(frozen=True)
class TrainPictures:
    """The train split as a feature set wants it to be fitted: None where one can't be read."""

    pictures: Pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, row: int) -> np.ndarray | None:
        try:
            with _silence():
                return self.pictures.load(row)
        except UnreadablePicture:
            return None


def portions(
    dataset: Dataset,
    rows: Mapping[str, np.ndarray],
    wanted: Wanted,
    chosen: AnyFeatureSet | None,
    workers: int,
) -> Iterator[tuple[str, Portion]]:
    """What is made of the pictures ``rows`` of each split, in order, by ``workers`` processes.

    ``chosen`` is the feature set that ``wanted`` names, fitted if it needs to be.
    """
    context = processes.context()
    lots = [
        (name, lot)
        for name, each in rows.items()
        for lot in np.split(each, range(_LENGTH, len(each), _LENGTH))
        if len(lot)
    ]
    ahead: deque[tuple[str, concurrent.futures.Future[Portion]]] = deque()
    workers = min(workers, len(lots))
    with concurrent.futures.ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=_enter_worker,
        initargs=(wanted, pickle.dumps(chosen)),
    ) as pool:
        try:
            for name, lot in lots:
                pictures = dataset.splits[name].pictures
                assert pictures is not None
                with processes.starting():
                    ahead.append((name, pool.submit(_compute, wanted, _take(pictures, lot), lot)))
                if len(ahead) > 2 * workers:  # so that results don't pile up in memory
                    yield _next(ahead)
            while ahead:
                yield _next(ahead)
        except BrokenProcessPool as error:
            raise InputError(
                f"{dataset.source}: a process that prepared its pictures was killed, most likely "
                "for want of memory; use fewer --threads or smaller pictures"
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _next(ahead: deque[tuple[str, concurrent.futures.Future[Portion]]]) -> tuple[str, Portion]:
    name, future = ahead.popleft()
    return name, future.result()


def _take(pictures: Pictures, rows: np.ndarray) -> Pictures | list[np.ndarray | str]:
    """The pictures ``rows`` in a form that travels to a worker: paths if they lie in files."""
    if isinstance(pictures, FilePictures):
        return FilePictures(tuple(pictures.paths[row] for row in rows))
    if isinstance(pictures, ArrayPictures):
        return ArrayPictures(pictures.array[rows])
    loaded: list[np.ndarray | str] = []
    for row in rows:
        try:
            loaded.append(pictures.load(int(row)))
        except UnreadablePicture as error:
            loaded.append(str(error))
    return loaded


_chosen: AnyFeatureSet | None = None  # a worker's own, set when it starts


def _enter_worker(wanted: Wanted, chosen: bytes) -> None:
    processes.enter_child(threads=1)
    import cv2

    global _chosen
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    if wanted.feature_set is not None:
        plugins.load_all(wanted.plugin_files)  # their functions may be among the set's
    _chosen = pickle.loads(chosen)  # noqa: S301 - what our own parent has pickled


def _compute(wanted: Wanted, pictures: Any, rows: np.ndarray) -> Portion:
    """In a worker: decode each picture once and make of it all that is asked for."""
    chosen = _chosen
    table, images, seconds, unreadable = [], [], [], {}
    for index, row in enumerate(rows):
        try:
            with _silence():
                picture = _load(pictures, index)
        except UnreadablePicture as error:
            unreadable[int(row)] = str(error)
            continue
        started = time.perf_counter()
        if chosen is not None:
            table.append(chosen.compute(picture))
        seconds.append(time.perf_counter() - started)
        if wanted.image_size is not None:
            images.append(resized(picture, wanted.image_size))
    return Portion(
        rows=np.array([row for row in rows if row not in unreadable], dtype=np.int64),
        features=None if chosen is None else _stacked(table, (len(chosen.columns),), np.float64),
        images=None
        if wanted.image_size is None
        else _stacked(images, (wanted.image_size, wanted.image_size, 3), np.uint8),
        seconds=np.array(seconds, dtype=np.float64),
        unreadable=unreadable,
    )


def _stacked(
    rows: Sequence[np.ndarray], shape: tuple[int, ...], dtype: type[np.generic]
) -> np.ndarray:
    return np.array(rows, dtype=dtype).reshape(len(rows), *shape)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep libjpeg's and libpng's own words about a damaged picture off the user's terminal."""
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _load(pictures: Any, index: int) -> np.ndarray:
    if isinstance(pictures, list):
        if isinstance(pictures[index], str):
            raise UnreadablePicture(pictures[index])
        return pictures[index]
    return pictures.load(index)


def resized(picture: np.ndarray, side: int) -> np.ndarray:
    """``picture`` (uint8, (H, W) or (H, W, 3)) as (side, side, 3), its sides scaled apart.

    Shrinks by area averaging, which does not alias, and enlarges bilinearly.
    """
    import cv2

    height, width = picture.shape[:2]
    if (height, width) != (side, side):
        shrinks = height * width > side * side
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        picture = cv2.resize(picture, (side, side), interpolation=how)
    return np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture
