"""Real pictures that ship inside scikit-learn and scikit-image."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.dataset import Dataset

_PATCH = 32


def digits() -> Dataset:
    """Handwritten digits: 1,797 grey pictures of 8x8 from scikit-learn, ten classes.

    Source: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI. The file
    goes writer by writer, so each class is cut in file order (70/15/15), which keeps the hand of
    one writer from being in two splits, save at the two cuts.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.round(bunch.images * (255 / 16)).astype(np.uint8)
    labels = bunch.target.astype(np.int64)
    rows: dict[str, list[np.ndarray]] = {"train": [], "val": [], "test": []}
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        cuts = [round(len(own) * 0.70), round(len(own) * 0.85)]
        for name, part in zip(rows, np.split(own, cuts), strict=True):
            rows[name].append(part)
    chosen = {name: np.sort(np.concatenate(parts)) for name, parts in rows.items()}
    return Dataset.from_arrays(
        "digits",
        "digits",
        [str(name) for name in bunch.target_names],
        {name: (pictures[own], labels[own]) for name, own in chosen.items()},
    )


def textures() -> Dataset:
    """Patches of 32x32 from scikit-image's photographs of brick, grass and gravel (512x512).

    Patches do not overlap. The upper 11 of 16 rows of patches are train, the next 2 are val and
    the last 3 are test, so that no two splits share a region of a photograph.
    """
    from skimage import data

    classes = ("brick", "grass", "gravel")
    rows = {"train": slice(0, 11), "val": slice(11, 13), "test": slice(13, 16)}
    grids = [_patches(getattr(data, name)()) for name in classes]
    splits = {}
    for name, band in rows.items():
        parts = [grid[band].reshape(-1, _PATCH, _PATCH) for grid in grids]
        labels = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        splits[name] = (np.concatenate(parts), labels)
    return Dataset.from_arrays("textures", "textures", classes, splits)


def _patches(photograph: np.ndarray) -> np.ndarray:
    """Grid of patches (rows, columns, 32, 32) of a photograph (H, W)."""
    rows, columns = (side // _PATCH for side in photograph.shape)
    cut = photograph[: rows * _PATCH, : columns * _PATCH]
    return cut.reshape(rows, _PATCH, columns, _PATCH).swapaxes(1, 2)
