"""MedMNIST's ``.npz`` layout: ``train_images``, ``train_labels``, ``val_...``, ``test_...``."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from benchmark.datasets.dataset import SPLITS, ArrayPictures, Dataset, Split, natural_order
from benchmark.errors import InputError


def load(path: Path, source: str) -> Dataset:
    """Read an ``.npz`` of uint8 pictures, (n, H, W) or (n, H, W, 3), and integer labels.

    Layout: Yang et al. 2023, MedMNIST v2, Scientific Data 10:41. Pickled content is refused,
    never loaded. Raises `InputError`.
    """
    arrays = _read(path, source)
    found = {split: _pair(arrays, split, source) for split in SPLITS if f"{split}_images" in arrays}
    if "train" not in found:
        raise InputError(
            f"{source} has no arrays train_images and train_labels; "
            f"it holds {', '.join(sorted(arrays)) or 'nothing'}"
        )
    classes = natural_order([str(label) for _, labels in found.values() for label in labels])
    number = {name: index for index, name in enumerate(classes)}
    return Dataset(
        name=path.stem,
        source=source,
        classes=tuple(classes),
        splits={
            split: Split(
                labels=np.array([number[str(label)] for label in labels], dtype=np.int64),
                ids=[f"{split}/{row:05d}" for row in range(len(labels))],
                pictures=ArrayPictures(images),
            )
            for split, (images, labels) in found.items()
        },
    )


def _read(path: Path, source: str) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not hasattr(archive, "files"):
                raise InputError(f"{source} is a single array, not an .npz archive of arrays")
            return {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        if "pickle" in str(error).lower():
            raise InputError(
                f"{source} holds pickled objects, which are never loaded because they can run "
                "code; save plain numeric arrays instead"
            ) from error
        raise InputError(f"{source} is no .npz file, or a damaged one; save it again") from error


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
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[:, :, :, 0]
    if images.dtype != np.uint8 or not (images.ndim == 3 or images.shape[3:] == (3,)):
        raise InputError(
            f"{source}: {split}_images is {images.dtype} of shape {images.shape}; "
            "wanted is uint8 of shape (n, H, W) or (n, H, W, 3)"
        )
    if len(images) != len(labels):
        raise InputError(f"{source}: {split} has {len(images)} pictures but {len(labels)} labels")
    return images, labels
