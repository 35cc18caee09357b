"""Inputs: a dataset turned into the arrays that models eat, in one pass over its pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

import features
from benchmark import cache
from benchmark.arrays import make, readable
from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.frozen import feature_set
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
    definition = definition_of(wanted)
    decoder = f"opencv-{metadata.version('opencv-python-headless')}"
    kinds = {}
    if wanted.feature_set is not None:
        kinds["features"] = f"features-{definition}-{decoder}"
    if wanted.image_size is not None:
        kinds["images"] = f"images-{wanted.image_size}-{decoder}"
    lengths = {name: len(split) for name, split in dataset.splits.items()}
    entries = {what: cache.find(dataset.fingerprint, kind, lengths) for what, kind in kinds.items()}
    missing = {what: kinds[what] for what, entry in entries.items() if entry is None}
    if missing:
        make(dataset, wanted, missing, workers, progress)
        for what, kind in missing.items():
            entries[what] = cache.find(dataset.fingerprint, kind, lengths)
    whole = {what: entry for what, entry in entries.items() if entry is not None}
    if len(whole) < len(kinds):
        raise InputError(
            f"the cache {cache.folder()} does not keep what is written to it; "
            "set BENCHMARK_CACHE to another folder"
        )
    return _joined(dataset, wanted, definition, whole)


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
    """What decides the features' values beside the pictures.

    The text of plugin files that declare them is in it, and the seed of what is fitted.
    """
    if wanted.feature_set is None:
        return ""
    chosen = feature_set(wanted.feature_set, wanted.weights_dir, wanted.offline)
    declared = {Path(part.origin) for c in chosen.chosen for part in (c.view, c.measure)}
    ours = Path(features.__file__).resolve().parent
    plugins = sorted(path for path in declared if ours not in path.parents and path.is_file())
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in plugins]
    if chosen.needs_fit:
        # What was kept under the seed alone may have been fitted on other train pictures.
        parts.append(f"fitted on train, seed {wanted.seed}")
    if not parts:
        return chosen.definition
    return hashlib.sha256(" ".join([chosen.definition, *parts]).encode()).hexdigest()[:16]


def _joined(
    dataset: Dataset, wanted: Wanted, definition: str, entries: Mapping[str, cache.Entry]
) -> Inputs:
    dropped: Mapping[str, Mapping[str, str]] = {}
    for entry in entries.values():
        dropped = entry.about["unreadable"]
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
        feature_definition=definition,
        feature_seconds=None if table is None else table.about["feature_seconds"],
        unreadable=unreadable,
    )
