"""A tree of folders: the pictures below a folder, and what lies beside them and is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.datasets.codec import SUFFIXES
from benchmark.datasets.names import some_of
from benchmark.errors import InputError
from benchmark.printable import printable


@dataclass(frozen=True)
class Folder:
    """What a folder holds, sorted; hidden files and folders aside.

    Attributes
    ----------
    path : the folder.
    folders : straight below it, links to folders too.
    pictures : files whose suffix is a picture's.
    others : everything else.
    """

    path: Path
    folders: Sequence[Path]
    pictures: Sequence[Path]
    others: Sequence[Path]


def open_folder(path: Path) -> Folder:
    """What lies straight below a folder.

    Raises
    ------
    InputError
        If it can't be read.
    """
    folders, pictures, others = [], [], []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                child = path / entry.name
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and child.is_dir()):
                    folders.append(child)
                elif child.suffix.lower() in SUFFIXES and child.is_file():
                    pictures.append(child)
                else:
                    others.append(child)
    except OSError as error:
        where = printable(error.filename or str(path))
        raise InputError(
            f"{where} can't be read ({error.strerror}); let it be read, or move it away"
        ) from error
    return Folder(path, sorted(folders), sorted(pictures), sorted(others))


def tree(path: Path) -> Folder:
    """All that lies below a folder at any depth; its ``folders`` are those straight below it.

    Links to folders are followed, to each folder once. One that leads back to a folder around it is
    among the ``others`` alone.

    Raises
    ------
    InputError
        If a folder below it can't be read.
    """
    pictures: list[Path] = []
    others: list[Path] = []
    for folder in _walk(path, set(), others):
        pictures += folder.pictures
        others += folder.others
    below = [child for child in open_folder(path).folders if not _leads_back(child)]
    return Folder(path, below, sorted(pictures), sorted(others))


def _walk(path: Path, seen: set[Path], circles: list[Path]) -> Iterator[Folder]:
    seen.add(path.resolve())
    here = open_folder(path)
    yield here
    # What lies here is read under its own name, not under a link's.
    for child in sorted(here.folders, key=Path.is_symlink):
        if _leads_back(child):
            circles.append(child)
        elif child.resolve() not in seen:
            yield from _walk(child, seen, circles)


def _leads_back(child: Path) -> bool:
    """Whether a folder is a link to one that it lies in."""
    real, target = child.parent.resolve(), child.resolve()
    return target == real or target in real.parents


def about_left_out(paths: Sequence[Path], root: Path) -> str:
    """One line on files that are left out: how many of each suffix, and one of them; or nothing.

    Parameters
    ----------
    paths : of the files below ``root``, and of links that lead in a circle.
    """
    if not paths:
        return ""
    counted = [f"{count:,} {kind}" for kind, count in Counter(map(_kind, paths)).most_common()]
    example = printable(min(paths).relative_to(root).as_posix())
    files = "1 file is" if len(paths) == 1 else f"{len(paths):,} files are"
    return f"{files} left out: {some_of(counted, 12)}; for one {example}"


def _kind(path: Path) -> str:
    """What is said of a file that is no picture: its suffix, or what else it is."""
    if path.is_symlink() and not path.is_file():
        return "links that lead nowhere or in a circle"
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return "that are no files" if not path.is_file() else f"{suffix} in no class's folder"
    return printable(suffix) or "without a suffix"
