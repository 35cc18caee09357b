"""Dataset: named splits of pictures or of a feature table, with labels, ids and a fingerprint."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmark.datasets.pictures import (
    ArrayPictures,
    Pictures,
    PicturesOfRows,
    as_pictures,
    content_digest,
)
from benchmark.errors import InputError

SPLITS = ("train", "val", "test")
_ROWS_AT_A_TIME = 4096


@dataclass(frozen=True)
class Split:
    """One split of a dataset.

    Attributes
    ----------
    labels : int64 (n,), indexes into the dataset's classes.
    ids : (n,) names of the pictures or rows, unique within the dataset.
    pictures : the pictures, or None for a feature table. A plugin may give any object that has
        ``len``, ``digest`` and ``load`` of `Pictures`.
    table : float64 (n, n_columns) features, or None for pictures.
    """

    labels: np.ndarray
    ids: Sequence[str]
    pictures: Pictures | None = None
    table: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.pictures is not None:
            object.__setattr__(self, "pictures", as_pictures(self.pictures))

    def __len__(self) -> int:
        return len(self.labels)

    @functools.cached_property
    def digests(self) -> list[bytes]:
        """Hash of each picture's content, or of each row's numbers in a table; computed once."""
        if self.pictures is not None:
            return [self.pictures.digest(row) for row in range(len(self))]
        assert self.table is not None
        return [content_digest([row.tobytes()]) for row in _normal_rows(self.table)]


@dataclass(frozen=True)
class Dataset:
    """Labelled pictures, or a labelled feature table, in named splits.

    Attributes
    ----------
    name : short name; the default output folder is called after it.
    source : what the user gave as ``--data``.
    classes : class names; a label is an index into them.
    splits : ``train`` and at least one of ``val`` and ``test``, in that order.
    columns : names of the features of a table, empty for pictures.
    left_out : how many files or columns of the source are not in it.
    remarks : what the user should be told of how it was read, a line each.

    Raises
    ------
    InputError
        If the splits or labels can't be benchmarked: no train split, nothing to score on, fewer
        than two classes in train, a class in another split that train lacks, or parts that do not
        fit together.
    """

    name: str
    source: str
    classes: tuple[str, ...]
    splits: Mapping[str, Split]
    columns: tuple[str, ...] = field(default=())
    left_out: int = field(default=0, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        present = {name: self.splits[name] for name in SPLITS if len(self.splits.get(name, ()))}
        object.__setattr__(self, "splits", present)
        self._check_parts()
        self._check_classes()

    def _check_parts(self) -> None:
        ids: set[str] = set()
        for name, split in self.splits.items():
            parts = (split.ids, split.pictures, split.table)
            if any(part is not None and len(part) != len(split) for part in parts):
                raise InputError(
                    f"{self.source}: {name} has {len(split)} labels; "
                    "it must have as many ids, and pictures or rows"
                )
            if not 0 <= np.min(split.labels) <= np.max(split.labels) < len(self.classes):
                raise InputError(
                    f"{self.source}: a label in {name} is no index into its "
                    f"{len(self.classes)} classes"
                )
            before = len(ids)
            ids.update(split.ids)
            if len(ids) < before + len(split):
                raise InputError(f"{self.source}: an id in {name} is there twice; make ids unique")

    def _check_classes(self) -> None:
        if "train" not in self.splits:
            raise InputError(f"{self.source} has no train split; models need one to be fitted on")
        if len(self.splits) < 2:
            raise InputError(f"{self.source} has nothing to score on; add a val or a test split")
        trained = {self.classes[label] for label in np.unique(self.splits["train"].labels)}
        if len(trained) < 2:
            raise InputError(
                f"{self.source} has one class in train ({', '.join(sorted(trained))}); "
                "a classifier needs at least two"
            )
        for name, split in self.splits.items():
            strange = {self.classes[label] for label in np.unique(split.labels)} - trained
            if strange:
                raise InputError(
                    f"{self.source}: class {sorted(strange)[0]!r} is in {name} but not in train; "
                    "add training examples of it or take it out"
                )

    @classmethod
    def from_arrays(
        cls,
        name: str,
        source: str,
        classes: Sequence[str],
        arrays: Mapping[str, tuple[np.ndarray, np.ndarray]],
    ) -> Dataset:
        """A dataset of pictures that lie in memory.

        Parameters
        ----------
        name, source, classes : as the dataset has them.
        arrays : split to its pictures, uint8 (n, H, W) or (n, H, W, 3), and labels, int (n,).
        """
        splits = {
            split: Split(
                labels=labels.astype(np.int64),
                ids=[f"{split}/{row:05d}" for row in range(len(labels))],
                pictures=ArrayPictures(pictures),
            )
            for split, (pictures, labels) in arrays.items()
        }
        return cls(name, source, tuple(classes), splits)

    @property
    def summary(self) -> str:
        """One line: how many classes and pictures, or rows, there are in each split."""
        sizes = {name: len(split) for name, split in self.splits.items()}
        what = "pictures" if self.has_pictures else f"rows of {len(self.columns):,} features"
        listed = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        left_out = f"; {self.left_out:,} left out" if self.left_out else ""
        return f"{len(self.classes)} classes, {sum(sizes.values()):,} {what}: {listed}{left_out}"

    @property
    def announcement(self) -> tuple[str, ...]:
        """What is said before anything is made of it: the summary, then the remarks."""
        return self.summary, *self.remarks

    @property
    def has_pictures(self) -> bool:
        """Whether it holds pictures (True) or a ready feature table (False)."""
        return self.splits["train"].pictures is not None

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change when any content, label, id or split changes."""
        return self._hashes[0]

    @property
    def split_fingerprints(self) -> Mapping[str, str]:
        """Of each split 16 hexadecimal digits that change when its pictures or classes do."""
        return self._hashes[1]

    @functools.cached_property
    def _hashes(self) -> tuple[str, dict[str, str]]:
        """The fingerprint and those of the splits, from one pass over the pictures."""
        about = repr((self.classes, self.columns)).encode()
        whole, splits = hashlib.sha256(about), {}
        for name, split in self.splits.items():
            whole.update(repr((name, len(split))).encode())
            own = hashlib.sha256(about)
            for part in _content(split):
                whole.update(part)
                own.update(part)
            splits[name] = own.hexdigest()[:16]
        return whole.hexdigest()[:16], splits

    @property
    def copies(self) -> dict[str, int]:
        """How many pictures of val and test an earlier split has too, byte for byte.

        Of a feature table: how many rows, number for number, whatever their labels and ids.
        """
        copies, seen = {}, set(self.splits["train"].digests)
        for name in list(self.splits)[1:]:
            digests = self.splits[name].digests
            copies[name] = sum(digest in seen for digest in digests)
            seen.update(digests)
        return copies

    def only(self, keep: Mapping[str, np.ndarray]) -> Dataset:
        """The same dataset with only the rows ``keep[split]`` (indexes) of each split."""
        splits = {name: _rows(split, keep[name]) for name, split in self.splits.items()}
        return replace(self, splits=splits)

    def without(self, rows: Mapping[str, Container[int]]) -> Dataset:
        """The same dataset without the rows ``rows[split]`` of each split.

        Raises
        ------
        InputError
            If what is left is no dataset.
        """
        if not any(rows.values()):
            return self
        left = {
            name: [row for row in range(len(split)) if row not in rows.get(name, ())]
            for name, split in self.splits.items()
        }
        return self.only({name: np.array(each, np.int64) for name, each in left.items()})


def _content(split: Split) -> Iterator[bytes]:
    """Everything that a split holds, row by row."""
    for index, (label, identity) in enumerate(zip(split.labels, split.ids, strict=True)):
        yield repr((int(label), str(identity))).encode()
        if split.pictures is not None:
            yield split.digests[index]
    if split.table is not None:
        yield np.ascontiguousarray(split.table).tobytes()


def _rows(split: Split, rows: np.ndarray) -> Split:
    pictures, table = split.pictures, split.table
    return Split(
        labels=split.labels[rows],
        ids=[split.ids[row] for row in rows],
        pictures=None if pictures is None else PicturesOfRows(pictures, split.digests, rows),
        table=None if table is None else table[rows],
    )


def _normal_rows(table: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of a table, equal in every bit where their numbers are, missing ones too."""
    for first in range(0, len(table), _ROWS_AT_A_TIME):
        block = np.add(table[first : first + _ROWS_AT_A_TIME], 0.0, order="C")  # no -0.0 is left
        block[np.isnan(block)] = np.nan
        yield from block
