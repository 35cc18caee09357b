"""Portions: pictures decoded once each, by all cores, into features and small pictures."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import os
import pickle
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import plugins, processes
from benchmark.datasets import ArrayPictures, Dataset, Split, UnreadablePicture
from benchmark.datasets.dataset import Pictures, behind
from benchmark.datasets.folder import FilePictures
from benchmark.errors import InputError
from features.resized import resized

if TYPE_CHECKING:
    from benchmark.parts import Part

# FilePictures' digest of a file that can't be read, or is empty.
_NOTHING = hashlib.blake2b(digest_size=16).digest()


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
class Lot:
    """Some pictures of a split, and the parts that are to be made of each of them.

    Attributes
    ----------
    split : its name.
    rows : int64 (n,), which of its pictures.
    kinds : of the parts.
    """

    split: str
    rows: np.ndarray
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Portion:
    """What a worker made of a lot.

    Attributes
    ----------
    split : of the pictures.
    rows : int64 (n,), which pictures of the split could be read.
    made : kind of each part to (n, ...), a row of it for each.
    seconds : kind of each part to float64 (n,), what it took; decoding is not in it.
    unreadable : the rows that could not be read, and why.
    lost : those of them whose files could not even be opened.
    """

    split: str
    rows: np.ndarray
    made: Mapping[str, np.ndarray]
    seconds: Mapping[str, np.ndarray]
    unreadable: Mapping[int, str]
    lost: frozenset[int]


@dataclass(frozen=True)
class TrainPictures:
    """The train split as a feature set wants it to be fitted: None where one can't be read."""

    split: Split

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, row: int) -> np.ndarray | None:
        assert self.split.pictures is not None
        try:
            with _silence():
                picture = self.split.pictures.load(row)
        except UnreadablePicture as error:
            check_steady(self.split, row, str(error), _is_lost(error))
            return None
        check_steady(self.split, row)
        return picture


def check_steady(split: Split, row: int, unreadable: str = "", lost: bool = False) -> None:
    """A picture's file is there when it is decoded if, and only if, it was there to be hashed.

    Parameters
    ----------
    unreadable : why it can't be decoded, if so.
    lost : whether that is because its file can't be read.

    Raises `InputError` if the file comes and goes, as on a failing network drive: what is kept
    under its hash would be wrong for good.
    """
    assert split.pictures is not None
    pictures, rows = behind(split.pictures, np.array([row]))
    if not isinstance(pictures, FilePictures):
        return
    hashed = split.digests[row] != _NOTHING
    if (hashed and lost) or not (hashed or unreadable):
        reason = unreadable or f"{pictures.paths[int(rows[0])]}: could not be read at first"
        raise InputError(f"{reason}; the file comes and goes: try again, what is made is kept")


def _is_lost(error: UnreadablePicture) -> bool:
    return isinstance(error.__cause__, OSError)


def portions(
    dataset: Dataset,
    lots: Sequence[Lot],
    parts: Sequence[Part],
    plugin_files: Sequence[str],
    workers: int,
) -> Generator[Portion, None, None]:
    """What is made of each lot, in order, by ``workers`` processes.

    ``plugin_files`` may declare features among the ``parts``. If it is not gone through to its end
    the workers are killed: close it. Raises `InputError` if one of them has been.
    """
    ahead: deque[concurrent.futures.Future[Portion]] = deque()
    workers = min(workers, len(lots))
    pool = concurrent.futures.ProcessPoolExecutor(
        workers,
        mp_context=processes.context(),
        initializer=_enter_worker,
        initargs=(tuple(plugin_files), pickle.dumps({part.kind: part for part in parts})),
    )
    try:
        for lot in lots:
            pictures = dataset.splits[lot.split].pictures
            assert pictures is not None
            with processes.starting():
                ahead.append(pool.submit(_compute, lot, _take(pictures, lot.rows)))
            if len(ahead) > 2 * workers:  # so that results don't pile up in memory
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
        pool.shutdown()
    except BaseException as error:
        with processes.deaf():
            _end(pool)
        if isinstance(error, BrokenProcessPool):
            raise InputError(
                f"{dataset.source}: a process that prepared its pictures was killed, most likely "
                "for want of memory; use fewer --threads or smaller pictures"
            ) from error
        raise


def _end(pool: concurrent.futures.ProcessPoolExecutor) -> None:
    """Kill the workers, whatever they are at: what is not kept yet is made again.

    Python 3.14 has a method for that.
    """
    workers = list((pool._processes or {}).values())
    results, manager = pool._result_queue, pool._executor_manager_thread
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.kill()
    if results is not None:
        # A worker may have been killed in the middle of an answer. As long as we hold the other
        # end too, the thread that reads it would wait for the rest for ever.
        results._writer.close()  # type: ignore[attr-defined]
    if manager is not None:
        # So that the interpreter's own ending does not wake it while it ends.
        manager.join(5)  # type: ignore[attr-defined]


def _take(pictures: Pictures, rows: np.ndarray) -> Pictures | list[np.ndarray | str]:
    """The pictures ``rows`` in a form that travels to a worker: paths if they lie in files."""
    pictures, rows = behind(pictures, rows)
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


_parts: Mapping[str, Part] = {}  # a worker's own, by kind, set when it starts


def _enter_worker(plugin_files: tuple[str, ...], parts: bytes) -> None:
    processes.enter_child(threads=1)
    import cv2

    global _parts
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    plugins.load_all(plugin_files)  # their functions may be among the parts'
    _parts = pickle.loads(parts)  # noqa: S301 - what our own parent has pickled


def _compute(lot: Lot, pictures: Any) -> Portion:
    """In a worker: decode each picture once and make of it all that is asked for."""
    made: dict[str, list[np.ndarray]] = {kind: [] for kind in lot.kinds}
    seconds: dict[str, list[float]] = {kind: [] for kind in lot.kinds}
    unreadable, lost = {}, set()
    for index, row in enumerate(lot.rows):
        try:
            with _silence():
                picture = _load(pictures, index)
        except UnreadablePicture as error:
            unreadable[int(row)] = str(error)
            if _is_lost(error):
                lost.add(int(row))
            continue
        for kind in lot.kinds:
            started = time.perf_counter()
            made[kind].append(_parts[kind].make(picture))
            seconds[kind].append(time.perf_counter() - started)
    return Portion(
        split=lot.split,
        rows=np.array([row for row in lot.rows if row not in unreadable], dtype=np.int64),
        made={kind: _stacked(rows, _parts[kind].row) for kind, rows in made.items()},
        seconds={kind: np.array(each, dtype=np.float64) for kind, each in seconds.items()},
        unreadable=unreadable,
        lost=frozenset(lost),
    )


def _stacked(rows: Sequence[np.ndarray], like: np.ndarray) -> np.ndarray:
    return np.array(rows, dtype=like.dtype).reshape(len(rows), *like.shape)


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


def coloured(picture: np.ndarray, side: int) -> np.ndarray:
    """``picture`` (uint8, (H, W) or (H, W, 3)) as (side, side, 3), its sides scaled apart."""
    small = resized(picture, side)
    return np.repeat(small[:, :, None], 3, axis=2) if small.ndim == 2 else small
