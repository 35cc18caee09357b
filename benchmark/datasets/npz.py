"""MedMNIST's ``.npz`` layout: ``train_images``, ``train_labels``, ``val_...``, ``test_...``."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmark.datasets.dataset import SPLITS, Dataset
from benchmark.datasets.names import about_names, class_names, natural_order, some_of
from benchmark.errors import InputError
from benchmark.printable import printable

# What zipfile and numpy raise for a damaged archive, or one that claims more than memory holds.
_DAMAGED = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    SyntaxError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)


def load_npz(path: Path, source: str) -> Dataset:
    """Read an ``.npz`` of uint8 pictures, (n, H, W) or (n, H, W, 3), and integer labels.

    Layout: Yang et al. 2023, MedMNIST v2, Scientific Data 10:41. Pickled content is refused,
    never loaded.
    """
    arrays, others = _read(path, source)
    pairs = {split: _pair(arrays, split, source) for split in SPLITS if f"{split}_images" in arrays}
    called = class_names(str(label) for _, labels in pairs.values() for label in labels)
    classes = natural_order(called.values())
    number = {name: classes.index(called[name]) for name in called}
    arrays_by_split = {
        split: (images, np.array([number[str(label)] for label in labels]))
        for split, (images, labels) in pairs.items()
    }
    made = Dataset.from_arrays(printable(path.stem), source, classes, arrays_by_split)
    remarks = about_names(called)
    if others:
        remarks.append(f"left out, since their names are no split's: {some_of(others)}")
    return replace(made, left_out=len(others), remarks=tuple(remarks))


def _read(path: Path, source: str) -> tuple[dict[str, np.ndarray], list[str]]:
    """The arrays that make a dataset, and the names of the others."""
    damaged = f"{source} is no .npz file, or a damaged one; save it again with numpy.savez"
    if not zipfile.is_zipfile(path):  # np.load would take it for an array or a pickle
        raise InputError(damaged)
    needed = [f"{split}_{what}" for split in SPLITS for what in ("images", "labels")]
    try:
        with np.load(path, allow_pickle=False) as archive:
            held = sorted(archive.files)
            arrays = {name: archive[name] for name in needed if name in held}
    except _DAMAGED as error:
        if "pickle" in str(error).lower():
            raise InputError(
                f"{source} holds pickled objects, which are never loaded because they can run "
                "code; save plain numeric arrays instead"
            ) from error
        raise InputError(damaged) from error
    if "train_images" not in arrays:
        raise InputError(
            f"{source} has no arrays train_images and train_labels; "
            f"it holds {', '.join(held) or 'nothing'}"
        )
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise InputError(damaged)
    return arrays, [name for name in held if name not in arrays]


def _pair(arrays: dict[str, np.ndarray], split: str, source: str) -> tuple[np.ndarray, np.ndarray]:
    images = arrays[f"{split}_images"]
    labels = arrays.get(f"{split}_labels")
    if labels is None:
        raise InputError(f"{source} has {split}_images but no {split}_labels; add them")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise InputError(
            f"{source}: {split}_labels has shape {labels.shape}; one label a picture is needed"
        )
    whole = labels.dtype.kind == "f" and np.array_equal(labels, np.round(labels))
    if whole and (np.abs(labels) < 2**53).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "biuU":
        raise InputError(
            f"{source}: {split}_labels is {labels.dtype} with other values than whole numbers; "
            "give each class a whole number"
        )
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[:, :, :, 0]
    fits = images.ndim == 3 or images.shape[3:] == (3,)
    if images.dtype != np.uint8 or not fits or 0 in images.shape[1:]:
        raise InputError(
            f"{source}: {split}_images is {images.dtype} of shape {images.shape}; "
            "wanted is uint8 of shape (n, H, W) or (n, H, W, 3)"
        )
    if len(images) != len(labels):
        raise InputError(f"{source}: {split} has {len(images)} pictures but {len(labels)} labels")
    return images, labels
