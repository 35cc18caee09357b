"""Subsets: ever larger parts of a train split, each of which holds the one before."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.inputs import cache
from benchmark.inputs.prepare import Inputs, prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from benchmark.progress import Progress

_MOST_SIZES = 6
_FEWEST_OF_A_CLASS = 5
_SIDE_OF_A_LOOK = 8  # pixels; pictures are looked at for whether they can be read


def nested_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """The rows of a train split in such an order that its first n rows are a stratified subset.

    Every class is among the first rows, as many as there are classes; from there on each has its
    share of the first n rows, but for one or two.

    Parameters
    ----------
    labels : int (n,).
    seed : draws which rows of a class come first.

    Returns
    -------
    int64 (n,).
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(labels))
    place = np.empty(len(labels))
    for rank, label in enumerate(generator.permutation(np.unique(labels))):
        mine = shuffled[labels[shuffled] == label]
        # Spread evenly over the whole; of equal places, the class that was drawn first is first.
        place[mine] = (np.arange(len(mine)) + 0.5) / len(mine) + rank * 1e-9
        place[mine[0]] = rank - len(labels)
    return np.argsort(place, kind="stable")


def chosen_sizes(sizes: Sequence[int] | None, dataset: Dataset) -> list[int]:
    """The sizes asked for, ascending; by default all of train, a half of it, a quarter and so on.

    The default stops at six sizes, or where a class of average size would have fewer than 5
    pictures.

    Raises
    ------
    InputError
        For a size that the train split can't have.
    """
    most, classes = len(dataset.splits["train"]), len(dataset.classes)
    if sizes is None:
        halves = [most // 2**k for k in range(_MOST_SIZES)]
        fewest = min(_FEWEST_OF_A_CLASS * classes, most)
        return sorted({size for size in halves if size >= fewest})
    if not sizes:
        raise InputError("--sizes names no size; give numbers of training pictures, as 25,50,100")
    for size in sizes:
        if not classes <= size <= most:
            raise InputError(
                f"--sizes has {size}; {dataset.source} has {classes} classes and {most:,} "
                f"training pictures: give sizes from {classes} to {most}"
            )
    return sorted(set(sizes))


@dataclass(frozen=True)
class Subset:
    """The inputs of a run on the first rows of a train split. Its files are made when needed.

    Attributes
    ----------
    size, seed : how many rows, and what drew them.
    inputs : what they are, without files.
    """

    size: int
    seed: int
    inputs: Inputs
    _whole: Inputs
    _spec: Spec
    _rows: np.ndarray

    @contextlib.contextmanager
    def files(self, workers: Workers, progress: Progress) -> Iterator[Inputs]:
        """The inputs with the files of their arrays, for as long as the block runs."""
        with cache.temporary_folder("curve") as folder:
            make = functools.partial(self._made, folder, workers, progress)
            yield replace(make(), restore=make)

    def _made(self, folder: Path, workers: Workers, progress: Progress) -> Inputs:
        folder.mkdir(parents=True, exist_ok=True)
        if not all(
            file.exists() for file in (*self._whole.images.values(), *self._whole.features.values())
        ):
            self._whole.restore()
        images = self._cut(self._whole.images, folder / "images.npy")
        features = self._cut(self._whole.features, folder / "features.npy")
        if _is_fitted(self._spec, self._whole.dataset):
            features = prepare(self.inputs.dataset, self._spec, workers, progress).features
        return replace(self.inputs, images=images, features=features)

    def _cut(self, files: Mapping[str, Path], train: Path) -> Mapping[str, Path]:
        """The files of an array of all pictures, with only this subset's rows in train."""
        if not files or self.size == len(self._whole.dataset.splits["train"]):
            return files
        array = np.load(files["train"], mmap_mode="r")
        rows = array[self._rows]
        np.save(train, np.asfortranarray(rows) if array.flags.f_contiguous else rows)
        return {**files, "train": train}


@dataclass(frozen=True)
class Subsets:
    """Every subset of a dataset's train split, by size and seed; val and test are whole in each."""

    whole: Inputs
    all: Sequence[Subset]


def subsets(
    dataset: Dataset,
    spec: Spec,
    sizes: Sequence[int] | None,
    seeds: Sequence[int],
    workers: Workers,
    progress: Progress,
) -> Subsets:
    """The subsets of a dataset, from small to large.

    Each picture's features are computed once. Only a set that is fitted on train is computed for
    each subset, fitted on that alone.
    """
    chosen_sizes(sizes, dataset)  # what can't be is said before the pictures are prepared
    fitted = _is_fitted(spec, dataset)
    once = spec
    if fitted:
        once = replace(spec, features=None, image_size=spec.image_size or _SIDE_OF_A_LOOK)
    whole = prepare(dataset, once, workers, progress)
    labels = whole.dataset.splits["train"].labels
    chosen = chosen_sizes(sizes, whole.dataset)
    orders = {seed: nested_order(labels, seed) for seed in seeds}
    return Subsets(
        whole,
        [
            _subset(whole, spec, np.sort(orders[seed][:size]), seed, fitted)
            for size in chosen
            for seed in seeds
        ],
    )


def _subset(whole: Inputs, spec: Spec, rows: np.ndarray, seed: int, fitted: bool) -> Subset:
    splits = whole.dataset.splits
    keep = {name: np.arange(len(split)) for name, split in splits.items()} | {"train": rows}
    all_of_it = len(rows) == len(splits["train"])
    dataset = whole.dataset if all_of_it else whole.dataset.only(keep)
    mine = replace(spec, seed=seed)
    inputs = replace(whole, dataset=dataset, features={}, images={})
    if fitted:
        mine = replace(mine, image_size=None)
        inputs = replace(
            inputs,
            columns=spec.features.columns if spec.features else (),
            feature_set=spec.features.name if spec.features else "",
            feature_definition=mine.definition,
        )
    elif whole.feature_seconds is not None:
        # It was measured for all pictures at once.
        share = sum(map(len, dataset.splits.values())) / sum(map(len, splits.values()))
        inputs = replace(inputs, feature_seconds=whole.feature_seconds * share)
    return Subset(len(rows), seed, inputs, whole, mine, rows)


def _is_fitted(spec: Spec, dataset: Dataset) -> bool:
    """Whether the features must be fitted on each subset."""
    return spec.features is not None and dataset.has_pictures and spec.features.needs_fit
