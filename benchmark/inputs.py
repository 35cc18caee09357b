"""Inputs: a dataset turned into the arrays that models eat, in one pass over its pictures."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

import features
from benchmark import cache
from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.portions import Portion, TrainPictures, Wanted, portions
from benchmark.progress import Progress

_TOO_MANY_UNREADABLE = 0.25  # of all pictures: then the source is wrong, not a few files


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
        _fill(dataset, wanted, missing, workers, progress)
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
            _write_about(draft, {}, None)
    entry = cache.Entry(cache.folder() / dataset.fingerprint / kind, {})
    files = {name: entry.file(name) for name in dataset.splits}
    return Inputs(dataset, files, {}, "given", "given", None, {})


def definition_of(wanted: Wanted) -> str:
    """What decides the features' values beside the pictures.

    The text of plugin files that declare them is in it, and the seed of what is fitted.
    """
    if wanted.feature_set is None:
        return ""
    chosen = features.feature_set(wanted.feature_set)
    declared = {Path(part.origin) for c in chosen.chosen for part in (c.view, c.measure)}
    ours = Path(features.__file__).resolve().parent
    plugins = sorted(path for path in declared if ours not in path.parents and path.is_file())
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in plugins]
    if chosen.needs_fit:
        parts.append(str(wanted.seed))
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
    readable = _without(dataset, dropped)
    files = {
        what: {name: entry.file(name) for name in readable.splits}
        for what, entry in entries.items()
    }
    table = entries.get("features")
    return Inputs(
        dataset=readable,
        features=files.get("features", {}),
        images=files.get("images", {}),
        feature_set=wanted.feature_set or "",
        feature_definition=definition,
        feature_seconds=None if table is None else table.about["feature_seconds"],
        unreadable=unreadable,
    )


def _without(dataset: Dataset, dropped: Mapping[str, Mapping[str, str]]) -> Dataset:
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


def _fill(
    dataset: Dataset,
    wanted: Wanted,
    missing: Mapping[str, str],
    workers: int,
    progress: Progress,
) -> None:
    """Make the missing cache entries, in one pass over the pictures."""
    needed = replace(
        wanted,
        feature_set=wanted.feature_set if "features" in missing else None,
        image_size=wanted.image_size if "images" in missing else None,
    )
    total = sum(len(split) for split in dataset.splits.values())
    unreadable: dict[str, dict[str, str]] = {name: {} for name in dataset.splits}
    chosen, seconds = _fitted(dataset, needed, progress)
    with progress.pictures(total) as advance, contextlib.ExitStack() as stack:
        drafts = {
            what: _Draft(
                stack.enter_context(cache.new_entry(dataset.fingerprint, kind)), what, dataset
            )
            for what, kind in missing.items()
        }
        for name, portion, length in portions(dataset, needed, chosen, workers):
            for draft in drafts.values():
                draft.append(name, portion)
            unreadable[name] |= {str(row): why for row, why in portion.unreadable.items()}
            seconds += portion.feature_seconds
            _check_readable(dataset, unreadable, total)
            advance(length)
        _without(dataset, unreadable)  # raises if what is left is no dataset
        for what, draft in drafts.items():
            draft.finish()
            _write_about(draft.folder, unreadable, seconds if what == "features" else None)


def _fitted(
    dataset: Dataset, wanted: Wanted, progress: Progress
) -> tuple[features.FeatureSet | None, float]:
    """The feature set, compiled and fitted on the train split alone, and the seconds of the fit."""
    if wanted.feature_set is None:
        return None, 0.0
    chosen = features.feature_set(wanted.feature_set)
    with progress.busy("loading the features") as tell:
        chosen.prepare(lambda: tell("compiling, once on this machine: about 15 s"))
    pictures = dataset.splits["train"].pictures
    assert pictures is not None
    started = time.perf_counter()
    with (
        progress.busy("fitting features on train") if chosen.needs_fit else contextlib.nullcontext()
    ):
        chosen = chosen.fit(TrainPictures(pictures), wanted.seed)
    return chosen, time.perf_counter() - started


class _Draft:
    """Arrays of one cache entry, written to disk as they come so that memory does not grow.

    Features lie column by column, as in a pandas frame: sums over a column depend in their last
    bit on the order, and on one table we want LazyPredict's results to the last bit.
    """

    def __init__(self, folder: Path, what: str, dataset: Dataset) -> None:
        self.folder = folder
        self._what = what
        self._by_column = what == "features"
        self._lengths = {name: len(split) for name, split in dataset.splits.items()}
        self._arrays: dict[str, np.memmap] = {}
        self._filled = dict.fromkeys(self._lengths, 0)

    def append(self, split: str, portion: Portion) -> None:
        rows = getattr(portion, self._what)
        if split not in self._arrays:
            shape = (self._lengths[split], *rows.shape[1:])
            path = self.folder / f"{split}.npy"
            self._arrays[split] = open_memmap(
                path, "w+", dtype=rows.dtype, shape=shape, fortran_order=self._by_column
            )
        first = self._filled[split]
        self._arrays[split][first : first + len(rows)] = rows
        self._filled[split] += len(rows)

    def finish(self) -> None:
        for split, array in self._arrays.items():
            array.flush()
            filled = self._filled[split]
            if filled < len(array):  # unreadable pictures left the end empty
                path = self.folder / f"{split}.npy"
                shorter = path.with_suffix(".part")
                with shorter.open("wb") as file:
                    np.save(file, array[:filled])
                shorter.replace(path)


def _write_about(
    draft: Path, unreadable: Mapping[str, Mapping[str, str]], seconds: float | None
) -> None:
    about = {
        "unreadable": {name: rows for name, rows in unreadable.items() if rows},
        "feature_seconds": seconds,
    }
    (draft / "about.json").write_text(json.dumps(about), encoding="utf-8")


def _check_readable(
    dataset: Dataset, unreadable: Mapping[str, Mapping[str, str]], total: int
) -> None:
    reasons = [reason for rows in unreadable.values() for reason in rows.values()]
    if len(reasons) > total * _TOO_MANY_UNREADABLE:
        raise InputError(
            f"{dataset.source}: more than a quarter of its {total:,} files are no pictures that "
            f"can be read, for one {reasons[0]}; give pictures, or take the damaged files away"
        )
