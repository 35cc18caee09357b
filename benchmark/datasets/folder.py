"""A folder of pictures in torchvision's ImageFolder layout, with or without splits."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.datasets.dataset import Dataset, Split, UnreadablePicture, printable
from benchmark.datasets.splits import split_name, stratified
from benchmark.datasets.tiff import put_right
from benchmark.errors import InputError
from features import as_picture

# What both torchvision's ImageFolder and OpenCV take for a picture.
SUFFIXES = {".jpg", ".jpeg", ".png", ".ppm", ".pgm", ".bmp", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class FilePictures:
    """Pictures that lie in files, decoded with OpenCV when asked for."""

    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def digest(self, index: int) -> bytes:
        """Hash of the file's bytes; of none if it can't be read, which `load` will say."""
        blake = functools.partial(hashlib.blake2b, digest_size=16)
        try:
            with self.paths[index].open("rb") as file:
                return hashlib.file_digest(file, blake).digest()
        except OSError:
            return blake().digest()

    def load(self, index: int) -> np.ndarray:
        """Decode one picture to uint8, (H, W) grey or (H, W, 3) RGB, upright.

        Transparency is dropped, a palette is looked up and the upper 8 of 16 bits are kept.
        Raises `UnreadablePicture`.
        """
        return decode(self.paths[index])


def decode(path: Path) -> np.ndarray:
    """Decode the file at ``path``; see `FilePictures.load`."""
    import cv2

    try:
        content = np.fromfile(path, dtype=np.uint8)
        if not len(content):
            raise UnreadablePicture(f"{path}: an empty file")
        # ANYCOLOR keeps grey pictures grey, ANYDEPTH keeps floats from being taken for bytes.
        picture = cv2.imdecode(content, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
    except OSError as error:
        raise UnreadablePicture(f"{path}: {error.strerror or error}") from error
    except cv2.error as error:  # such as a header that claims billions of pixels
        raise UnreadablePicture(f"{path}: a damaged picture, or too large a one") from error
    if picture is None:
        raise UnreadablePicture(f"{path}: no picture, or a damaged one")
    if picture.dtype not in (np.uint8, np.uint16):
        raise UnreadablePicture(f"{path}: pixels of type {picture.dtype}; give 8 or 16 bits")
    rgb = as_picture(picture if picture.ndim == 2 else picture[:, :, 2::-1])
    try:
        return as_picture(put_right(rgb, content.tobytes()))
    except (OSError, ValueError) as error:
        raise UnreadablePicture(f"{path}: a damaged picture, or too large a one") from error


def load(folder: Path, source: str, seed: int) -> Dataset:
    """Read ``folder``: ``train/ val/ test/`` with a folder per class, or just the class folders.

    Without split folders the pictures are split 70/15/15, stratified by class, by ``seed``.
    Nothing is decoded yet. Raises `InputError`.
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
    found: dict[str, list[tuple[str, Path]]] = {}
    for child, split in named.items():
        if split is None:
            raise InputError(
                f"{child} is no split folder, though its neighbours are; "
                "name it train, val or test, or move it away"
            )
        if split in found:
            raise InputError(f"{source} has two folders for the split {split}; keep one")
        found[split] = [
            (kind.name, path) for kind in _subfolders(child) for path in _pictures(kind)
        ]
        if not found[split] and _pictures(child):
            raise InputError(
                f"{child} holds pictures but no folders; give each class a folder in it"
            )
    return _dataset(folder, source, found)


def _without_splits(folder: Path, source: str, folders: list[Path], seed: int) -> Dataset:
    labelled = [(kind.name, path) for kind in folders for path in _pictures(kind)]
    rows = stratified([name for name, _ in labelled], seed, source)
    return _dataset(
        folder, source, {split: [labelled[row] for row in rows[split]] for split in rows}
    )


def _dataset(folder: Path, source: str, found: dict[str, list[tuple[str, Path]]]) -> Dataset:
    classes = sorted({name for labelled in found.values() for name, _ in labelled})
    if not classes:
        raise InputError(
            f"{source} holds no pictures; wanted are files ending in {', '.join(sorted(SUFFIXES))}"
        )
    number = {name: index for index, name in enumerate(classes)}
    return Dataset(
        name=printable(folder.resolve().name),
        source=source,
        classes=tuple(printable(name) for name in classes),
        splits={split: _split(folder, labelled, number) for split, labelled in found.items()},
    )


def _split(folder: Path, labelled: Sequence[tuple[str, Path]], number: dict[str, int]) -> Split:
    return Split(
        labels=np.array([number[name] for name, _ in labelled], dtype=np.int64),
        ids=[printable(path.relative_to(folder).as_posix()) for _, path in labelled],
        pictures=FilePictures(tuple(path for _, path in labelled)),
    )
