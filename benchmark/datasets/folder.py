"""A folder of pictures in torchvision's ImageFolder layout, with or without splits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmark.datasets.codec import SUFFIXES
from benchmark.datasets.dataset import Dataset, Split
from benchmark.datasets.names import about_names, class_names, some_of
from benchmark.datasets.pictures import FilePictures
from benchmark.datasets.splits import is_about_a_split, split_names, stratified
from benchmark.datasets.tree import Folder, about_left_out, open_folder, tree
from benchmark.errors import InputError
from benchmark.printable import printable

_Labelled = list[tuple[str, Path]]  # name of the class's folder, path of a picture


def load_folder(folder: Path, source: str, seed: int) -> Dataset:
    """Read ``folder``: ``train/ val/ test/`` with a folder per class, or just the class folders.

    Without split folders the pictures are split 70/15/15, stratified by class, by ``seed``.
    Nothing is decoded yet.

    Raises
    ------
    InputError
        If it holds no dataset, or one in a layout that can be read in two ways.
    """
    root = open_folder(folder)
    if not root.folders:
        raise InputError(
            f"{source} holds no folders; give each class a folder of pictures, "
            "in train/, val/ and test/ or straight below it"
        )
    splits = _splits(root, source)
    kinds = {name: _class_folders(above) for name, above in (splits or {"": root}).items()}
    every = [kind for among in kinds.values() for kind in among]
    _check_pictures(every, source)
    strays = [path for each in (root, *splits.values()) for path in (*each.pictures, *each.others)]
    strays += [path for kind in every for path in kind.others]
    labelled = {
        name: [(k.path.name, p) for k in among for p in k.pictures] for name, among in kinds.items()
    }
    called = class_names(name for each in labelled.values() for name, _ in each)
    if not splits:
        labelled = _split_at_random(labelled[""], called, seed, source)
    return Dataset(
        name=printable(folder.resolve().name),
        source=source,
        classes=tuple(sorted({*called.values()})),
        splits={name: _split(folder, each, called) for name, each in labelled.items()},
        left_out=len(strays),
        remarks=tuple(
            filter(
                None,
                [*about_names(called), _about_empty(folder, every), about_left_out(strays, folder)],
            )
        ),
    )


def _splits(root: Folder, source: str) -> dict[str, Folder]:
    """The split folders; none if the folders are those of classes, which may be called ``train``.

    Raises
    ------
    InputError
        If they are neither.
    """
    inside = {child.name: open_folder(child) for child in root.folders}
    named = {name: split for name, split in split_names(inside).items() if split is not None}
    if not any(inside[name].folders for name in named) and {*named} != {*inside}:
        return {}
    splits: dict[str, Folder] = {}
    for name, holds in inside.items():
        split = named.get(name)
        if split is None:
            raise InputError(
                f"{printable(str(holds.path))} is no split folder, though its neighbours are; "
                "name it train, val or test, or move it away"
            )
        if split in splits:
            raise InputError(f"{source} has two folders for the split {split}; keep one")
        if holds.pictures and not holds.folders:
            raise InputError(
                f"{printable(str(holds.path))} holds pictures but no folders; "
                "give each class a folder in it"
            )
        splits[split] = holds
    return splits


def _class_folders(above: Folder) -> list[Folder]:
    """What lies in each class's folder, all the way down.

    Raises
    ------
    InputError
        If they look as if they were no classes' folders.
    """
    kinds = [tree(child) for child in above.folders]
    held = [kind for kind in kinds if kind.pictures]
    inner = [{child.name for child in kind.folders} for kind in held]
    where = printable(str(above.path))
    for kind, names in zip(held, inner, strict=True):
        if len([split for split in split_names(names).values() if split]) > len(names) / 2:
            raise InputError(
                f"{printable(str(kind.path))} holds folders of splits ({_listed(names)}); turn it "
                "round: a folder for each split, and in it one for each class"
            )
    if len(held) == 1 and inner[0]:
        raise InputError(
            f"{where} holds one folder with pictures, {printable(held[0].path.name)}, which holds "
            f"folders itself ({_listed(inner[0])}); if those are classes or splits, take them one "
            "level up"
        )
    if _may_be_splits(held, inner):
        raise InputError(
            f"{where}: its folders {_listed(kind.path.name for kind in held)} hold folders "
            f"themselves ({_listed(inner[0])}); if they are splits, name them train, val and test; "
            "if they are classes, put their pictures straight into them"
        )
    return kinds


def _may_be_splits(held: Sequence[Folder], inner: Sequence[set[str]]) -> bool:
    """Whether the same folders lie in each, or some, and the names have words for splits."""
    if not held or not all(inner):
        return False
    about_splits = [kind for kind in held if is_about_a_split(kind.path.name)]
    return len(set.intersection(*inner)) > 1 or len(about_splits) > 1


def _listed(names: Iterable[str]) -> str:
    return some_of([printable(name) for name in sorted(names)])


def _check_pictures(kinds: Sequence[Folder], source: str) -> None:
    if not any(kind.pictures for kind in kinds):
        raise InputError(
            f"{source} holds no pictures; wanted are files ending in {', '.join(sorted(SUFFIXES))}"
        )
    for kind in kinds:
        if kind.others and not kind.pictures:
            endings = sorted({path.suffix.lower() for path in kind.others})
            raise InputError(
                f"{printable(str(kind.path))} holds {len(kind.others):,} files but no picture that "
                f"is read here (they end in {some_of(endings)}); convert them to one of "
                f"{', '.join(sorted(SUFFIXES))}, or move the folder away"
            )


def _split_at_random(
    labelled: _Labelled, called: Mapping[str, str], seed: int, source: str
) -> dict[str, _Labelled]:
    chosen = stratified([called[name] for name, _ in labelled], seed, source)
    return {split: [labelled[row] for row in rows] for split, rows in chosen.items()}


def _split(folder: Path, labelled: _Labelled, called: Mapping[str, str]) -> Split:
    number = {name: index for index, name in enumerate(sorted({*called.values()}))}
    return Split(
        labels=np.array([number[called[name]] for name, _ in labelled], dtype=np.int64),
        ids=[printable(path.relative_to(folder).as_posix()) for _, path in labelled],
        pictures=FilePictures(tuple(path for _, path in labelled)),
    )


def _about_empty(folder: Path, kinds: Iterable[Folder]) -> str:
    empty = [kind.path for kind in kinds if not (kind.pictures or kind.others)]
    names = [printable(path.relative_to(folder).as_posix()) for path in empty]
    return f"warning: these folders are empty: {some_of(names)}" if names else ""
