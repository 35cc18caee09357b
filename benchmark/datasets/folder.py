"""A folder of pictures in torchvision's ImageFolder layout, with or without splits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark.datasets.dataset import Dataset, Split, printable
from benchmark.datasets.pictures import FilePictures
from benchmark.datasets.splits import split_name, stratified
from benchmark.errors import InputError

# What both torchvision's ImageFolder and OpenCV take for a picture.
SUFFIXES = {".jpg", ".jpeg", ".png", ".ppm", ".pgm", ".bmp", ".tif", ".tiff", ".webp"}


def load_folder(folder: Path, source: str, seed: int) -> Dataset:
    """Read ``folder``: ``train/ val/ test/`` with a folder per class, or just the class folders.

    Without split folders the pictures are split 70/15/15, stratified by class, by ``seed``.
    Nothing is decoded yet.
    """
    folders = _subfolders(folder)
    if not folders:
        raise InputError(
            f"{source} holds no folders; give each class a folder of pictures, "
            "in train/, val/ and test/ or straight below it"
        )
    named = {child: split_name(child.name) for child in folders}
    if any(named.values()):
        return _with_splits(folder, source, named)
    return _without_splits(folder, source, folders, seed)


def _subfolders(folder: Path) -> list[Path]:
    return sorted(
        child for child in folder.iterdir() if child.is_dir() and not child.name.startswith(".")
    )


def _pictures(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _with_splits(folder: Path, source: str, named: dict[Path, str | None]) -> Dataset:
    labelled_by_split: dict[str, list[tuple[str, Path]]] = {}
    for child, split in named.items():
        if split is None:
            raise InputError(
                f"{child} is no split folder, though its neighbours are; "
                "name it train, val or test, or move it away"
            )
        if split in labelled_by_split:
            raise InputError(f"{source} has two folders for the split {split}; keep one")
        labelled_by_split[split] = [
            (kind.name, path) for kind in _subfolders(child) for path in _pictures(kind)
        ]
        if not labelled_by_split[split] and _pictures(child):
            raise InputError(
                f"{child} holds pictures but no folders; give each class a folder in it"
            )
    return _dataset(folder, source, labelled_by_split)


def _without_splits(folder: Path, source: str, folders: list[Path], seed: int) -> Dataset:
    labelled = [(kind.name, path) for kind in folders for path in _pictures(kind)]
    rows = stratified([name for name, _ in labelled], seed, source)
    return _dataset(
        folder, source, {split: [labelled[row] for row in rows[split]] for split in rows}
    )


def _dataset(
    folder: Path, source: str, labelled_by_split: dict[str, list[tuple[str, Path]]]
) -> Dataset:
    classes = sorted({name for labelled in labelled_by_split.values() for name, _ in labelled})
    if not classes:
        raise InputError(
            f"{source} holds no pictures; wanted are files ending in {', '.join(sorted(SUFFIXES))}"
        )
    number = {name: index for index, name in enumerate(classes)}
    return Dataset(
        name=printable(folder.resolve().name),
        source=source,
        classes=tuple(printable(name) for name in classes),
        splits={
            split: _split(folder, labelled, number) for split, labelled in labelled_by_split.items()
        },
    )


def _split(folder: Path, labelled: Sequence[tuple[str, Path]], number: dict[str, int]) -> Split:
    return Split(
        labels=np.array([number[name] for name, _ in labelled], dtype=np.int64),
        ids=[printable(path.relative_to(folder).as_posix()) for _, path in labelled],
        pictures=FilePictures(tuple(path for _, path in labelled)),
    )
