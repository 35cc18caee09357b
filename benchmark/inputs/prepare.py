"""Inputs: a dataset turned into the arrays that models take, in one pass over its pictures."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.inputs import cache
from benchmark.inputs.arrays import make_arrays
from benchmark.inputs.oddities import lines_about
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from benchmark.progress import Progress

_GIVEN = "given"  # the feature set of a ready table
_TRIES = 3  # to fill a cache that somebody empties meanwhile


@dataclass(frozen=True)
class Inputs:
    """What the models of one run are given.

    Attributes
    ----------
    dataset : the dataset without the pictures that could not be read.
    features : split to ``.npy`` file, float64 (n, n_columns); empty if not asked for.
    images : split to ``.npy`` file, uint8 (n, side, side, 3) RGB; empty if not asked for or if
        the dataset is a feature table.
    columns : names of the features.
    feature_set : name of the feature set, ``given`` for a ready table.
    feature_definition : what decides the features' values; part of a trial's identity.
    feature_seconds : seconds on one thread to compute the features of all splits, decoding not
        included; None for a ready table.
    unreadable : ids and reasons of the pictures left out.
    oddities : how many of the pictures are odd, by what is; `benchmark.datasets.codec.ODDITIES`
        are the keys. Of a run on a subset: of the whole dataset.
    restore : makes the files again, where they were, if somebody has taken them away.
    """

    dataset: Dataset
    features: Mapping[str, Path]
    images: Mapping[str, Path]
    columns: tuple[str, ...]
    feature_set: str
    feature_definition: str
    feature_seconds: float | None
    unreadable: Mapping[str, str]
    oddities: Mapping[str, int] = field(default_factory=dict)
    restore: Callable[[], object] = field(default=lambda: None, compare=False)

    @property
    def warnings(self) -> list[str]:
        """A line about the pictures that are left out, and one for each way to be odd."""
        odd = lines_about(self.oddities, self.dataset.source)
        names = list(self.unreadable)
        if not names:
            return odd
        listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        pictures = "1 picture" if len(names) == 1 else f"{len(names):,} pictures"
        left_out = (
            f"warning: {pictures} of {self.dataset.source} can't be read, left out: "
            f"{listed} (all of them are listed in run.json, with the reason); for one "
            f"{self.unreadable[names[0]]}"
        )
        return [left_out, *odd]


def prepare(dataset: Dataset, spec: Spec, workers: Workers, progress: Progress) -> Inputs:
    """Compute what is asked for, or take it from the cache.

    Parameters
    ----------
    dataset : pictures, or a feature table, which is its own input.
    spec : what to make of each picture.
    workers : processes that do it.
    progress : hears of it only if pictures must be decoded.

    Raises
    ------
    InputError
        If too many pictures can't be read.
    """
    for _ in range(_TRIES - 1):
        with contextlib.suppress(cache.CacheGone):
            return _prepared(dataset, spec, workers, progress)
    return _prepared(dataset, spec, workers, progress)


def _prepared(dataset: Dataset, spec: Spec, workers: Workers, progress: Progress) -> Inputs:
    restore = functools.partial(prepare, dataset, spec, workers, progress)
    if not dataset.has_pictures:
        return replace(_given(dataset), restore=restore)
    entries = _found(dataset, spec.kinds)
    # What was given up once may be had this time: the limits may be others.
    entries = {what: entry for what, entry in entries.items() if not entry.given_up}
    missing = {what: kind for what, kind in spec.kinds.items() if what not in entries}
    if missing:
        make_arrays(dataset, spec, missing, workers, progress)
        entries |= _found(dataset, missing)
    if not _agree(entries):
        make_arrays(dataset, spec, spec.kinds, workers, progress)
        entries = _found(dataset, spec.kinds)
    if len(entries) < len(spec.kinds) or not _agree(entries):
        raise InputError(
            f"the cache {cache.folder()} does not keep what is written to it; "
            "set BENCHMARK_CACHE to another folder"
        )
    return replace(_joined(dataset, spec, entries), restore=restore)


def _found(dataset: Dataset, kinds: Mapping[str, str]) -> dict[str, cache.Entry]:
    """The entries that are there and whole."""
    lengths = {name: len(split) for name, split in dataset.splits.items()}
    entries = {
        what: cache.find_entry(dataset.fingerprint, kind, lengths) for what, kind in kinds.items()
    }
    return {what: entry for what, entry in entries.items() if entry is not None}


def _agree(entries: Mapping[str, cache.Entry]) -> bool:
    """Whether the entries leave out the same pictures, so that their rows belong together."""
    left_out = [entry.unreadable for entry in entries.values()]
    return all(each == left_out[0] for each in left_out)


def _given(dataset: Dataset) -> Inputs:
    kind = "table"
    lengths = {name: len(split) for name, split in dataset.splits.items()}
    if cache.find_entry(dataset.fingerprint, kind, lengths) is None:
        with cache.new_entry(dataset.fingerprint, kind, lengths) as draft:
            for name, split in dataset.splits.items():
                np.save(draft / f"{name}.npy", np.asfortranarray(split.table))
            cache.write_about(draft, dataset.splits, {}, None)
    entry = cache.Entry(cache.folder() / dataset.fingerprint / kind, {}, None)
    files = {name: entry.file(name) for name in dataset.splits}
    return Inputs(dataset, files, {}, dataset.columns, _GIVEN, _GIVEN, None, {})


def _joined(dataset: Dataset, spec: Spec, entries: Mapping[str, cache.Entry]) -> Inputs:
    # The same pictures are left out of every entry.
    unreadable = next((entry.unreadable for entry in entries.values()), {})
    left = dataset.without({name: {int(row) for row in rows} for name, rows in unreadable.items()})
    files = {
        what: {name: entry.file(name) for name in left.splits} for what, entry in entries.items()
    }
    table = entries.get("features")
    return Inputs(
        dataset=left,
        features=files.get("features", {}),
        images=files.get("images", {}),
        columns=spec.features.columns if spec.features else (),
        feature_set=spec.features.name if spec.features else "",
        feature_definition=spec.definition,
        feature_seconds=table.feature_seconds if table else None,
        unreadable={
            str(dataset.splits[name].ids[int(row)]): reason
            for name, rows in unreadable.items()
            for row, reason in rows.items()
        },
        oddities=next((entry.oddities for entry in entries.values()), {}),
    )
