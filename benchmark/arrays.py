"""Arrays: what models eat, made picture by picture and put together for one dataset."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from benchmark import cache, shards
from benchmark.datasets import ArrayPictures, Dataset
from benchmark.datasets.folder import FilePictures
from benchmark.errors import InputError
from benchmark.frozen import AnyFeatureSet, feature_set
from benchmark.portions import Portion, TrainPictures, Wanted, portions
from benchmark.progress import Progress
from benchmark.shards import Shard

_TOO_MANY_UNREADABLE = 0.25  # of all pictures: then the source is wrong, not a few files
_BLOCK = 4096  # rows copied at a time


def make(
    dataset: Dataset,
    wanted: Wanted,
    kinds: Mapping[str, str],
    workers: int,
    progress: Progress,
) -> None:
    """Make the cache entries ``kinds`` (of ``features``, ``images``) in one pass over the pictures.

    What was made of a picture before, for whatever dataset, is taken from its shard. ``progress``
    hears of the pass only if pictures must be decoded. Raises `InputError` if too many can't be.
    """
    wanted = replace(
        wanted,
        feature_set=wanted.feature_set if "features" in kinds else None,
        image_size=wanted.image_size if "images" in kinds else None,
    )
    keys = {name: _keys(dataset, name) for name in dataset.splits}
    chosen, learnt_from, seconds = _fitted(dataset, keys["train"], wanted, progress)
    with contextlib.ExitStack() as stack:
        drafts = {}
        for what, kind in kinds.items():
            folder = stack.enter_context(cache.new_entry(dataset.fingerprint, kind))
            features = chosen is not None and what == "features"
            row = np.zeros(len(chosen.columns)) if features else _black(wanted)
            drafts[what] = _Draft(folder, kind + learnt_from if features else kind, keys, row)
        for draft in drafts.values():
            draft.recall()
        missing = {
            name: np.flatnonzero(~np.all([draft.filled[name] for draft in drafts.values()], axis=0))
            for name in keys
        }
        unreadable = _compute(dataset, wanted, chosen, missing, drafts, workers, progress)
        for what, draft in drafts.items():
            draft.finish(unreadable, seconds if what == "features" else None)


def _compute(
    dataset: Dataset,
    wanted: Wanted,
    chosen: AnyFeatureSet | None,
    missing: Mapping[str, np.ndarray],
    drafts: Mapping[str, _Draft],
    workers: int,
    progress: Progress,
) -> dict[str, dict[str, str]]:
    """Decode the pictures ``missing`` (rows of each split) and fill the drafts with them.

    Returns the rows that can't be read, and why.
    """
    unreadable: dict[str, dict[str, str]] = {name: {} for name in dataset.splits}
    total = sum(len(split) for split in dataset.splits.values())
    kept = total - sum(len(rows) for rows in missing.values())
    if kept == total:
        return unreadable
    if chosen is not None:
        _compiled(chosen, progress)
    with progress.pictures(total, kept) as advance:
        for name, portion in portions(dataset, missing, wanted, chosen, workers):
            for draft in drafts.values():
                draft.add(name, portion)
            unreadable[name] |= {str(row): why for row, why in portion.unreadable.items()}
            _check_readable(dataset, unreadable, total)
            advance(len(portion.rows) + len(portion.unreadable))
        readable(dataset, unreadable)  # raises if what is left is no dataset
    return unreadable


def _compiled(chosen: AnyFeatureSet, progress: Progress) -> None:
    with progress.busy("loading the features") as tell:
        chosen.prepare(lambda: tell("compiling, once on this machine: about 15 s"))


def _fitted(
    dataset: Dataset, train: list[bytes], wanted: Wanted, progress: Progress
) -> tuple[AnyFeatureSet | None, str, float]:
    """The feature set fitted on the train split alone, what it was fitted on, and the seconds.

    What it was fitted on is said where it is fitted, and ends the name of its shards: other train
    pictures, whose keys are ``train``, make other features of the same picture.
    """
    if wanted.feature_set is None:
        return None, "", 0.0
    chosen = feature_set(wanted.feature_set, wanted.weights_dir, wanted.offline)
    if not chosen.needs_fit:
        return chosen, "", 0.0
    _compiled(chosen, progress)
    pictures = dataset.splits["train"].pictures
    assert pictures is not None
    learnt_from = f"-{hashlib.blake2b(b''.join(train), digest_size=16).hexdigest()}"
    started = time.perf_counter()
    with progress.busy("fitting features on train"):
        chosen = chosen.fit(TrainPictures(pictures), wanted.seed)
    return chosen, learnt_from, time.perf_counter() - started


def _keys(dataset: Dataset, name: str) -> list[bytes]:
    """Under what the shards keep each picture of a split.

    Our own digests are hashes of content, the same picture's in any dataset. What a plugin's are
    we can't know; they hold within its dataset.
    """
    split = dataset.splits[name]
    if isinstance(split.pictures, FilePictures | ArrayPictures):
        return split.digests
    ours = dataset.fingerprint.encode()
    return [hashlib.blake2b(ours + digest, digest_size=16).digest() for digest in split.digests]


def _black(wanted: Wanted) -> np.ndarray:
    assert wanted.image_size is not None
    return np.zeros((wanted.image_size, wanted.image_size, 3), np.uint8)


class _Draft:
    """Arrays of one cache entry, filled on disk as rows come so that memory does not grow.

    Features lie column by column, as in a pandas frame: sums over a column depend in their last
    bit on the order, and on one table we want LazyPredict's results to the last bit.
    """

    def __init__(
        self, folder: Path, kind: str, keys: Mapping[str, list[bytes]], row: np.ndarray
    ) -> None:
        self.filled = {name: np.zeros(len(each), dtype=bool) for name, each in keys.items()}
        self._folder = folder
        self._kind = kind
        self._what = kind.partition("-")[0]
        self._keys = keys
        self._row = row
        self._seconds = 0.0
        self._arrays = {name: self._new(f"{name}.npy", len(each)) for name, each in keys.items()}

    def recall(self) -> None:
        """Fill in what the shards have."""
        places: dict[bytes, list[tuple[str, int]]] = {}
        for name, keys in self._keys.items():
            for row, key in enumerate(keys):
                places.setdefault(key, []).append((name, row))
        for shard in shards.read(self._kind, places):
            if shard.rows.dtype != self._row.dtype or shard.rows.shape[1:] != self._row.shape:
                continue
            for index, key in enumerate(shard.digests):
                for name, row in places.get(key, ()):
                    self._put(name, row, shard.rows[index], shard.seconds[index])

    def add(self, name: str, portion: Portion) -> None:
        """Fill in what was made of some pictures of a split, and keep it as a shard."""
        made = getattr(portion, self._what)
        if not len(made):
            return
        seconds = portion.seconds if self._what == "features" else np.zeros(len(made))
        keys = tuple(self._keys[name][row] for row in portion.rows)
        shards.write(self._kind, Shard(keys, seconds, made), self._folder)
        for index, row in enumerate(portion.rows):
            self._put(name, row, made[index], seconds[index])

    def finish(
        self, unreadable: Mapping[str, Mapping[str, str]], fit_seconds: float | None
    ) -> None:
        """Write what is said about the arrays, without the rows that nothing could be made of."""
        for name, array in self._arrays.items():
            array.flush()
            path = self._folder / f"{name}.npy"
            rows = np.flatnonzero(self.filled[name])
            if len(rows) < len(array):
                shorter = self._new("part", len(rows))
                for first in range(0, len(rows), _BLOCK):
                    block = rows[first : first + _BLOCK]
                    shorter[first : first + len(block)] = array[block]
                shorter.flush()
                (self._folder / "part").replace(path)
        feature_seconds = None if fit_seconds is None else fit_seconds + self._seconds
        cache.write_about(self._folder, self._arrays, unreadable, feature_seconds)

    def _put(self, name: str, row: int, made: np.ndarray, seconds: float) -> None:
        if not self.filled[name][row]:
            self._arrays[name][row] = made
            self._seconds += float(seconds)
            self.filled[name][row] = True

    def _new(self, name: str, length: int) -> np.memmap:
        """An array in a file that has its room on disk: a full one raises here, not later."""
        path, shape = self._folder / name, (length, *self._row.shape)
        by_column = self._row.ndim == 1
        array = open_memmap(path, "w+", self._row.dtype, shape, fortran_order=by_column)
        if hasattr(os, "posix_fallocate"):  # not on macOS
            with path.open("rb+") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        return array


def readable(dataset: Dataset, dropped: Mapping[str, Mapping[str, str]]) -> Dataset:
    """The dataset without the rows ``dropped[split]``. Raises `InputError` if it is none then."""
    if not any(dropped.values()):
        return dataset
    keep = {
        name: np.array(
            [row for row in range(len(split)) if str(row) not in dropped.get(name, {})],
            dtype=np.int64,
        )
        for name, split in dataset.splits.items()
    }
    return dataset.only(keep)


def _check_readable(
    dataset: Dataset, unreadable: Mapping[str, Mapping[str, str]], total: int
) -> None:
    reasons = [reason for rows in unreadable.values() for reason in rows.values()]
    if len(reasons) > total * _TOO_MANY_UNREADABLE:
        raise InputError(
            f"{dataset.source}: more than a quarter of its {total:,} files are no pictures that "
            f"can be read, for one {reasons[0]}; give pictures, or take the damaged files away"
        )
