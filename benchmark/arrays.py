"""Arrays: what models eat, made picture by picture and put together for one dataset."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from benchmark import cache, shards
from benchmark.datasets import ArrayPictures, Dataset, Split
from benchmark.datasets.dataset import behind
from benchmark.datasets.folder import FilePictures
from benchmark.errors import InputError
from benchmark.parts import Part, compiled, feature_parts, image_part
from benchmark.portions import Lot, Portion, Wanted, check_steady, portions
from benchmark.progress import Progress
from benchmark.shards import Shard

_TOO_MANY_UNREADABLE = 0.25  # of all pictures: then the source is wrong, not a few files
_BLOCK = 4096  # rows copied at a time
_LOT = 64  # pictures a worker takes at a time


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
    keys = {name: _keys(dataset, name) for name in dataset.splits}
    parts: dict[str, list[Part]] = {}
    seconds = 0.0
    if "images" in kinds:
        assert wanted.image_size is not None
        parts["images"] = [image_part(wanted.image_size)]
    if "features" in kinds:
        train = dataset.splits["train"]
        parts["features"], seconds = feature_parts(train, keys["train"], wanted, progress)
    with contextlib.ExitStack() as stack:
        drafts = {}
        for what, kind in kinds.items():
            folder = stack.enter_context(cache.new_entry(dataset.fingerprint, kind))
            drafts[what] = _Draft(folder, parts[what], keys)
        pieces = [piece for draft in drafts.values() for piece in draft.pieces]
        for piece in pieces:
            piece.recall()
        unreadable = _compute(dataset, wanted.plugin_files, pieces, workers, progress)
        for what, draft in drafts.items():
            draft.finish(unreadable, seconds if what == "features" else None)


def _compute(
    dataset: Dataset,
    plugin_files: Sequence[str],
    pieces: Sequence[_Piece],
    workers: int,
    progress: Progress,
) -> dict[str, dict[str, str]]:
    """Decode the pictures that a piece lacks a row of, once each, and fill the pieces.

    Returns the rows of each split that can't be read, and why.
    """
    unreadable: dict[str, dict[str, str]] = {name: {} for name in dataset.splits}
    lots = _lots(dataset, pieces)
    if not lots:
        return unreadable
    total = sum(len(split) for split in dataset.splits.values())
    sets = [piece.part.chosen for piece in pieces if piece.part.chosen is not None]
    if sets:
        compiled(sets, progress)
    parts = [piece.part for piece in pieces]
    files = plugin_files if sets else ()
    with (
        progress.pictures(total, total - sum(len(lot.rows) for lot in lots)) as advance,
        contextlib.closing(portions(dataset, lots, parts, files, workers)) as made,
    ):
        for portion in made:
            _check_steady(dataset.splits[portion.split], portion)
            for piece in pieces:
                piece.add(portion)
            rows = {str(row): why for row, why in portion.unreadable.items()}
            unreadable[portion.split] |= rows
            _check_readable(dataset, unreadable, total)
            advance(len(portion.rows) + len(portion.unreadable))
        readable(dataset, unreadable)  # raises if what is left is no dataset
    return unreadable


def _lots(dataset: Dataset, pieces: Sequence[_Piece]) -> list[Lot]:
    """The pictures to decode, each in one lot, with those that lack the same pieces."""
    lots = []
    for name in dataset.splits:
        lacking = np.array([~piece.filled[name] for piece in pieces])
        for pattern in np.unique(lacking, axis=1).T:
            kinds = tuple(p.part.kind for p, lacks in zip(pieces, pattern, strict=True) if lacks)
            rows = np.flatnonzero((lacking == pattern[:, None]).all(axis=0))
            if kinds:
                cuts = range(_LOT, len(rows), _LOT)
                lots += [Lot(name, lot, kinds) for lot in np.split(rows, cuts)]
    return lots


def _check_steady(split: Split, portion: Portion) -> None:
    for row in portion.rows:
        check_steady(split, int(row))
    for row, reason in portion.unreadable.items():
        check_steady(split, row, reason, row in portion.lost)


def _keys(dataset: Dataset, name: str) -> list[bytes]:
    """Under what the shards keep each picture of a split.

    Our own digests are hashes of content, the same picture's in any dataset. What a plugin's are
    we can't know; they hold within its dataset.
    """
    split = dataset.splits[name]
    assert split.pictures is not None
    pictures, _ = behind(split.pictures, np.arange(len(split)))
    if isinstance(pictures, FilePictures | ArrayPictures):
        return split.digests
    ours = dataset.fingerprint.encode()
    return [hashlib.blake2b(ours + digest, digest_size=16).digest() for digest in split.digests]


class _Draft:
    """Arrays of one cache entry, filled on disk as rows come so that memory does not grow.

    Features lie column by column, as in a pandas frame: sums over a column depend in their last
    bit on the order, and on one table we want LazyPredict's results to the last bit.
    """

    def __init__(
        self, folder: Path, parts: Sequence[Part], keys: Mapping[str, list[bytes]]
    ) -> None:
        self._folder = folder
        rows = [part.row for part in parts]
        self._row = rows[0] if len(rows) == 1 else np.concatenate(rows)
        self._arrays = {name: self._new(f"{name}.npy", len(each)) for name, each in keys.items()}
        self.pieces = [_Piece(part, self._arrays, keys, folder) for part in parts]

    def finish(
        self, unreadable: Mapping[str, Mapping[str, str]], fit_seconds: float | None
    ) -> None:
        """Write what is said about the arrays, without the rows that nothing could be made of."""
        for name, array in self._arrays.items():
            array.flush()
            path = self._folder / f"{name}.npy"
            left_out = {int(row) for row in unreadable[name]}
            rows = np.array([row for row in range(len(array)) if row not in left_out], np.int64)
            if left_out:
                shorter = self._new("part", len(rows))
                for first in range(0, len(rows), _BLOCK):
                    block = rows[first : first + _BLOCK]
                    shorter[first : first + len(block)] = array[block]
                shorter.flush()
                (self._folder / "part").replace(path)
        seconds = sum(piece.seconds for piece in self.pieces)
        feature_seconds = None if fit_seconds is None else fit_seconds + seconds
        cache.write_about(self._folder, self._arrays, unreadable, feature_seconds)

    def _new(self, name: str, length: int) -> np.memmap:
        """An array in a file that has its room on disk: a full one raises here, not later."""
        path, shape = self._folder / name, (length, *self._row.shape)
        by_column = self._row.ndim == 1
        array = open_memmap(path, "w+", self._row.dtype, shape, fortran_order=by_column)
        if hasattr(os, "posix_fallocate"):  # not on macOS
            with path.open("rb+") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        return array


class _Piece:
    """What one part fills of a draft, from its shards and from what is made."""

    def __init__(
        self,
        part: Part,
        arrays: Mapping[str, np.ndarray],
        keys: Mapping[str, list[bytes]],
        folder: Path,
    ) -> None:
        self.part = part
        self.seconds = 0.0
        self.filled = {name: np.zeros(len(each), dtype=bool) for name, each in keys.items()}
        self._arrays = arrays
        self._keys = keys
        self._folder = folder

    def recall(self) -> None:
        """Fill in what the shards have."""
        places: dict[bytes, list[tuple[str, int]]] = {}
        for name, keys in self._keys.items():
            for row, key in enumerate(keys):
                places.setdefault(key, []).append((name, row))
        like = self.part.row
        for shard in shards.read(self.part.kind, places):
            if shard.rows.dtype != like.dtype or shard.rows.shape[1:] != like.shape:
                continue
            for index, key in enumerate(shard.digests):
                for name, row in places.get(key, ()):
                    self._put(name, row, shard.rows[index], shard.seconds[index])

    def add(self, portion: Portion) -> None:
        """Fill in what was made of some pictures, and keep it as a shard."""
        made = portion.made.get(self.part.kind)
        if made is None or not len(made):
            return
        seconds, name = portion.seconds[self.part.kind], portion.split
        keys = tuple(self._keys[name][row] for row in portion.rows)
        shards.write(self.part.kind, Shard(keys, seconds, made), self._folder)
        for index, row in enumerate(portion.rows):
            self._put(name, row, made[index], seconds[index])

    def _put(self, name: str, row: int, made: np.ndarray, seconds: float) -> None:
        if not self.filled[name][row]:
            array = self._arrays[name]
            array[row if self.part.columns is None else (row, self.part.columns)] = made
            self.seconds += float(seconds)
            self.filled[name][row] = True


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
