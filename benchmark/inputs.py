"""Inputs: a dataset turned into the arrays that models eat, in one pass over its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark import cache
from benchmark.arrays import make, readable
from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.frozen import AnyFeatureSet, feature_set
from benchmark.parts import definition, kind_of_features, kind_of_images
from benchmark.portions import Wanted
from benchmark.progress import Progress


@dataclass(frozen=True)
class Inputs:
    """What the models of one run eat.

    Attributes
    ----------
    dataset : the dataset without the pictures that could not be read.
    features : split to ``.npy`` file, float64 (n, n_columns); empty if not asked for.
    images : split to ``.npy`` file, uint8 (n, side, side, 3) RGB; empty if not asked for or if
        the dataset is a feature table.
    feature_set : name of the feature set, ``given`` for a ready table.
    feature_definition : what decides the features' values; part of a trial's identity.
    feature_seconds : seconds on one thread to compute the features of all splits, decoding not
        included; None for a ready table.
    unreadable : ids and reasons of the pictures left out.
    """

    dataset: Dataset
    features: Mapping[str, Path]
    images: Mapping[str, Path]
    feature_set: str
    feature_definition: str
    feature_seconds: float | None
    unreadable: Mapping[str, str]


def prepare(dataset: Dataset, wanted: Wanted, workers: int, progress: Progress) -> Inputs:
    """Compute what ``wanted`` asks for, or take it from the cache.

    ``progress`` hears of it only if pictures must be decoded. Raises `InputError` if too many
    pictures can't be read.
    """
    if not dataset.has_pictures:
        return _given(dataset)
    kinds = {}
    if wanted.feature_set is not None:
        kinds["features"] = kind_of_features(_chosen(wanted), wanted.seed)
    if wanted.image_size is not None:
        kinds["images"] = kind_of_images(wanted.image_size)
    whole = _found(dataset, kinds)
    missing = {what: kind for what, kind in kinds.items() if what not in whole}
    if missing:
        make(dataset, wanted, missing, workers, progress)
        whole |= _found(dataset, missing)
    if not _agree(whole):
        make(dataset, wanted, kinds, workers, progress)
        whole = _found(dataset, kinds)
    if len(whole) < len(kinds) or not _agree(whole):
        raise InputError(
            f"the cache {cache.folder()} does not keep what is written to it; "
            "set BENCHMARK_CACHE to another folder"
        )
    return _joined(dataset, wanted, whole)


def _found(dataset: Dataset, kinds: Mapping[str, str]) -> dict[str, cache.Entry]:
    """The entries that are there and whole."""
    lengths = {name: len(split) for name, split in dataset.splits.items()}
    found = {what: cache.find(dataset.fingerprint, kind, lengths) for what, kind in kinds.items()}
    return {what: entry for what, entry in found.items() if entry is not None}


def _agree(entries: Mapping[str, cache.Entry]) -> bool:
    """Whether the entries leave out the same pictures, so that their rows belong together."""
    left_out = [entry.about["unreadable"] for entry in entries.values()]
    return all(each == left_out[0] for each in left_out)


def _given(dataset: Dataset) -> Inputs:
    kind = "table"
    lengths = {name: len(split) for name, split in dataset.splits.items()}
    if cache.find(dataset.fingerprint, kind, lengths) is None:
        with cache.new_entry(dataset.fingerprint, kind) as draft:
            for name, split in dataset.splits.items():
                np.save(draft / f"{name}.npy", np.asfortranarray(split.table))
            cache.write_about(draft, dataset.splits, {}, None)
    entry = cache.Entry(cache.folder() / dataset.fingerprint / kind, {})
    files = {name: entry.file(name) for name in dataset.splits}
    return Inputs(dataset, files, {}, "given", "given", None, {})


def definition_of(wanted: Wanted) -> str:
    """What decides the features' values beside the pictures; see `parts.definition`."""
    if wanted.feature_set is None:
        return ""
    return definition(_chosen(wanted), wanted.seed)


def _chosen(wanted: Wanted) -> AnyFeatureSet:
    assert wanted.feature_set is not None
    return feature_set(wanted.feature_set, wanted.weights_dir, wanted.offline)


def _joined(dataset: Dataset, wanted: Wanted, entries: Mapping[str, cache.Entry]) -> Inputs:
    dropped: Mapping[str, Mapping[str, str]] = {}
    for entry in entries.values():
        dropped = entry.about["unreadable"]  # the same in all of them
    unreadable = {
        str(dataset.splits[name].ids[int(row)]): reason
        for name, rows in dropped.items()
        for row, reason in rows.items()
    }
    left = readable(dataset, dropped)
    files = {
        what: {name: entry.file(name) for name in left.splits} for what, entry in entries.items()
    }
    table = entries.get("features")
    return Inputs(
        dataset=left,
        features=files.get("features", {}),
        images=files.get("images", {}),
        feature_set=wanted.feature_set or "",
        feature_definition=definition_of(wanted),
        feature_seconds=None if table is None else table.about["feature_seconds"],
        unreadable=unreadable,
    )
