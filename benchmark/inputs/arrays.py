"""Arrays: what models are given, made picture by picture and put together for one dataset."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.inputs import cache
from benchmark.inputs.oddities import counted
from benchmark.inputs.products import (
    Product,
    Spec,
    compile_kernels,
    feature_products,
    image_products,
)
from benchmark.inputs.shards import Shard, read_shards, write_shard
from benchmark.inputs.watch import Workers
from benchmark.inputs.workers import Batch, Result, results_of
from benchmark.progress import Progress

_TOO_MANY_LEFT_OUT = 0.25  # of all pictures
_BLOCK = 4096  # rows copied at a time
_BATCH = 64  # pictures a worker takes at a time


def make_arrays(
    dataset: Dataset, spec: Spec, kinds: Mapping[str, str], workers: Workers, progress: Progress
) -> None:
    """Make entries of the cache in one pass over the pictures.

    What was made of a picture before, for whatever dataset, is taken from its shard.

    Parameters
    ----------
    dataset : of pictures.
    spec : what to make of them.
    kinds : the entries' names, those of ``spec.kinds`` that are to be made.
    workers : processes that do it.
    progress : hears of the pass only if pictures must be decoded.

    Raises
    ------
    InputError
        If too many pictures can't be read.
    """
    keys = {name: _keys(dataset, name) for name in dataset.splits}
    lengths = {name: len(split) for name, split in dataset.splits.items()}
    products: dict[str, list[Product]] = {}
    left_out = _LeftOut(dataset)
    seconds = 0.0
    if "images" in kinds:
        products["images"] = image_products(spec)
    if "features" in kinds:
        train = dataset.splits["train"]
        products["features"], seconds, given_up = feature_products(
            spec, train, keys["train"], workers, progress
        )
        left_out.give_up("train", given_up)
    with contextlib.ExitStack() as stack:
        drafts = {}
        for what, kind in kinds.items():
            folder = stack.enter_context(cache.new_entry(dataset.fingerprint, kind, lengths))
            drafts[what] = _Draft(folder, products[what], keys)
        parts = [part for draft in drafts.values() for part in draft.parts]
        for part in parts:
            part.recall()
        _compute(dataset, spec.plugin_files, parts, left_out, workers, progress)
        for what, draft in drafts.items():
            draft.finish(left_out, seconds if what == "features" else None)


class _LeftOut:
    """The pictures of a dataset that nothing is made of.

    Attributes
    ----------
    rows : of each split those that can't be read or were given up, and why.
    given_up : how many were given up for want of time or memory.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.rows: dict[str, dict[int, str]] = {name: {} for name in dataset.splits}
        self.given_up = 0
        self._dataset = dataset
        self._total = sum(len(split) for split in dataset.splits.values())

    def give_up(self, split: str, rows: Mapping[int, str]) -> None:
        """Leave out rows that took too much time or memory."""
        self.given_up += len(rows)
        self.leave_out(split, rows)

    def leave_out(self, split: str, rows: Mapping[int, str]) -> None:
        """Leave out rows of a split, each for a reason.

        Raises
        ------
        InputError
            If these are too many by now: then the source is wrong, not a few files.
        """
        self.rows[split] |= rows
        reasons = [reason for rows in self.rows.values() for reason in rows.values()]
        if len(reasons) > self._total * _TOO_MANY_LEFT_OUT:
            remedy = "give pictures, or take the damaged files away"
            if self.given_up:
                remedy = "allow more time or memory, or use fewer --threads"
            raise InputError(
                f"{self._dataset.source}: more than a quarter of its {self._total:,} files are no "
                f"pictures that can be read, for one {reasons[-1]}; {remedy}"
            )

    def as_text(self) -> dict[str, dict[str, str]]:
        """The rows as text, in their order, as a cache entry has them."""
        return {
            name: {str(row): why for row, why in sorted(rows.items())}
            for name, rows in self.rows.items()
        }


def _compute(
    dataset: Dataset,
    plugin_files: Sequence[str],
    parts: Sequence[_Part],
    left_out: _LeftOut,
    workers: Workers,
    progress: Progress,
) -> None:
    """Decode the pictures that a part lacks a row of, once each, and fill the parts."""
    batches = _batches(parts, left_out)
    if not batches:
        return
    total = sum(len(split) for split in dataset.splits.values()) - left_out.given_up
    sets = [part.product.features for part in parts if part.product.features is not None]
    if sets:
        compile_kernels(sets, progress)
    products = [part.product for part in parts]
    files = plugin_files if sets else ()
    left = sum(len(batch.rows) for batch in batches)
    with (
        progress.pictures(total, total - left) as advance,
        contextlib.closing(results_of(batches, dataset, products, files, workers)) as results,
    ):
        for result in results:
            for part in parts:
                part.add(result)
            left_out.leave_out(result.split, result.unreadable)
            left_out.give_up(result.split, result.given_up)
            advance(len(result.rows) + len(result.unreadable) + len(result.given_up))
        dataset.without(left_out.rows)  # raises if what is left is no dataset


def _batches(parts: Sequence[_Part], left_out: _LeftOut) -> list[Batch]:
    """The pictures to decode, each in one batch, with those that lack the same parts."""
    batches = []
    for name, left_out_rows in left_out.rows.items():
        lacking = np.array([~part.filled[name] for part in parts])
        lacking[:, [*left_out_rows]] = False
        for pattern in np.unique(lacking, axis=1).T:
            kinds = tuple(p.product.kind for p, lacks in zip(parts, pattern, strict=True) if lacks)
            rows = np.flatnonzero((lacking == pattern[:, None]).all(axis=0))
            if kinds:
                cuts = range(_BATCH, len(rows), _BATCH)
                batches += [Batch(name, some, kinds) for some in np.split(rows, cuts)]
    return batches


def _keys(dataset: Dataset, name: str) -> list[bytes]:
    """Under what the shards keep each picture of a split.

    What a plugin's digests are we can't know; they hold within its dataset.
    """
    split = dataset.splits[name]
    assert split.pictures is not None
    if split.pictures.are_content_digests:
        return split.digests
    ours = dataset.fingerprint.encode()
    return [hashlib.blake2b(ours + digest, digest_size=16).digest() for digest in split.digests]


class _Draft:
    """Arrays of one cache entry, filled on disk as rows come so that memory does not grow.

    Features lie column by column, as in a pandas frame: sums over a column depend in their last
    bit on the order, and on one table we want LazyPredict's results to the last bit.
    """

    def __init__(
        self, folder: Path, products: Sequence[Product], keys: Mapping[str, list[bytes]]
    ) -> None:
        self._folder = folder
        rows = [product.row for product in products]
        self._row = rows[0] if len(rows) == 1 else np.concatenate(rows)
        self._arrays = {name: self._new(f"{name}.npy", len(each)) for name, each in keys.items()}
        self.parts = [_Part(product, self._arrays, keys, folder) for product in products]

    def finish(self, left_out: _LeftOut, fit_seconds: float | None) -> None:
        """Write what is said about the arrays, without the rows that nothing could be made of."""
        kept = {
            name: np.delete(np.arange(len(array)), [*left_out.rows[name]])
            for name, array in self._arrays.items()
        }
        for name, array in self._arrays.items():
            array.flush()
            if len(kept[name]) < len(array):
                self._shorten(name, array, kept[name])
        seconds = sum(part.seconds for part in self.parts)
        flags = self.parts[0].flags  # the same in each
        cache.write_about(
            self._folder,
            self._arrays,
            unreadable=left_out.as_text(),
            feature_seconds=None if fit_seconds is None else fit_seconds + seconds,
            oddities=counted(flags[name][rows] for name, rows in kept.items()),
            given_up=left_out.given_up,
        )

    def _shorten(self, name: str, array: np.ndarray, rows: np.ndarray) -> None:
        shorter = self._new("part", len(rows))
        for first in range(0, len(rows), _BLOCK):
            block = rows[first : first + _BLOCK]
            shorter[first : first + len(block)] = array[block]
        shorter.flush()
        (self._folder / "part").replace(self._folder / f"{name}.npy")

    def _new(self, name: str, length: int) -> np.memmap:
        """An array in a file that has its room on disk: a full one raises here, not later."""
        path, shape = self._folder / name, (length, *self._row.shape)
        by_column = self._row.ndim == 1
        array = open_memmap(path, "w+", self._row.dtype, shape, fortran_order=by_column)
        if hasattr(os, "posix_fallocate"):  # not on macOS
            with path.open("rb+") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        return array


class _Part:
    """What one product fills of a draft, from its shards and from what is made."""

    def __init__(
        self,
        product: Product,
        arrays: Mapping[str, np.ndarray],
        keys: Mapping[str, list[bytes]],
        folder: Path,
    ) -> None:
        self.product = product
        self.seconds = 0.0
        self.filled = {name: np.zeros(len(each), dtype=bool) for name, each in keys.items()}
        self.flags = {name: np.zeros(len(each), dtype=np.uint8) for name, each in keys.items()}
        self._arrays = arrays
        self._keys = keys
        self._folder = folder

    def recall(self) -> None:
        """Fill in what the shards have."""
        places: dict[bytes, list[tuple[str, int]]] = {}
        for name, keys in self._keys.items():
            for row, key in enumerate(keys):
                places.setdefault(key, []).append((name, row))
        like = self.product.row
        for shard in read_shards(self.product.kind, places):
            if shard.rows.dtype != like.dtype or shard.rows.shape[1:] != like.shape:
                continue
            for index, key in enumerate(shard.digests):
                for name, row in places.get(key, ()):
                    self._put(name, row, shard, index)

    def add(self, result: Result) -> None:
        """Fill in what was made of some pictures, and keep it as a shard."""
        made = result.made.get(self.product.kind)
        if made is None or not len(made):
            return
        seconds, name = result.seconds[self.product.kind], result.split
        keys = tuple(self._keys[name][row] for row in result.rows)
        shard = Shard(keys, seconds, made, result.oddities)
        write_shard(self.product.kind, shard, self._folder)
        for index, row in enumerate(result.rows):
            self._put(name, row, shard, index)

    def _put(self, name: str, row: int, shard: Shard, index: int) -> None:
        if not self.filled[name][row]:
            columns = self.product.columns
            place = row if columns is None else (row, columns)
            self._arrays[name][place] = shard.rows[index]
            self.seconds += float(shard.seconds[index])
            self.flags[name][row] = shard.oddities[index]
            self.filled[name][row] = True
