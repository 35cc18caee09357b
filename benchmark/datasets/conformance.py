"""Conformance: the checks that every dataset with a name must pass, built in or plugin."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.datasets.codec import UnreadablePicture
from benchmark.datasets.dataset import Dataset, Split
from benchmark.datasets.registry import Source
from benchmark.errors import InputError
from models import BrokenCheck, Finding, findings

_SEED = 7
_LOADS = "loads from a seed"
_MOST_PICTURES = 30  # that are looked at in a split, from all over it


@dataclass(frozen=True)
class _Loaded:
    """A dataset, and the same one loaded again."""

    first: Dataset
    again: Dataset

    def pictures(self) -> Iterator[tuple[Split, np.ndarray]]:
        """Each split of pictures, and the rows that are looked at."""
        for split in self.first.splits.values():
            if split.pictures is not None:
                rows = np.linspace(0, len(split) - 1, min(len(split), _MOST_PICTURES))
                yield split, np.unique(rows.round().astype(int))


def check_dataset(source: Source) -> list[Finding]:
    """Load a dataset twice and check that it keeps the contract.

    Parameters
    ----------
    source : the dataset's name and what makes it.
    """
    try:
        loaded = _Loaded(source.load(_SEED), source.load(_SEED))
        if not isinstance(loaded.first, Dataset):
            raise InputError(f"it returned {type(loaded.first).__name__}; return a Dataset")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's code
        return [Finding(source.name, _LOADS, False, f"{type(error).__name__}: {error}")]
    return [Finding(source.name, _LOADS, True), *findings(source.name, _CHECKS, loaded)]


def _is_one_kind(loaded: _Loaded) -> None:
    kinds = {(s.pictures is None, s.table is None) for s in loaded.first.splits.values()}
    if kinds not in ({(False, True)}, {(True, False)}):
        raise BrokenCheck("give pictures in all splits, or a table in all of them")
    widths = {s.table.shape[1] for s in loaded.first.splits.values() if s.table is not None}
    if widths and widths != {len(loaded.first.columns)}:
        raise BrokenCheck(
            f"tables have {sorted(widths)} columns and {len(loaded.first.columns)} names"
        )


def _is_deterministic(loaded: _Loaded) -> None:
    if loaded.first.fingerprint != loaded.again.fingerprint:
        raise BrokenCheck("loaded twice with one seed, it holds something else")


def _has_every_class(loaded: _Loaded) -> None:
    present = np.unique(loaded.first.splits["train"].labels)
    missing = [c for k, c in enumerate(loaded.first.classes) if k not in present]
    if missing:
        raise BrokenCheck(f"no training example of the class {missing[0]!r}")


def _has_pictures(loaded: _Loaded) -> None:
    for split, rows in loaded.pictures():
        for row in rows:
            picture = _load(split, row)
            if picture is None:
                continue
            shape = picture.shape[:2] if picture.ndim == 2 else (*picture.shape[:2], 3)
            if picture.dtype != np.uint8 or picture.shape != shape or not picture.size:
                raise BrokenCheck(
                    f"{split.ids[row]} is {picture.dtype} of shape {picture.shape}; give uint8, "
                    "(H, W) grey or (H, W, 3) RGB"
                )


def _shows_the_same_again(loaded: _Loaded) -> None:
    for split, rows in loaded.pictures():
        for row in rows:
            if not _same(_load(split, row), _load(split, row)):
                raise BrokenCheck(f"{split.ids[row]} is another picture the second time")


def _tells_pictures_apart(loaded: _Loaded) -> None:
    seen: dict[bytes, np.ndarray] = {}
    for split, rows in loaded.pictures():
        for row in rows:
            picture, digest = _load(split, row), split.digests[row]
            if not isinstance(digest, bytes):
                raise BrokenCheck(f"digest gives {type(digest).__name__}, not bytes")
            if picture is None:
                continue
            if not np.array_equal(seen.setdefault(digest, picture), picture):
                raise BrokenCheck(f"{split.ids[row]} has the digest of a picture that differs")


def _travels(loaded: _Loaded) -> None:
    for split, rows in loaded.pictures():
        assert split.pictures is not None
        taken = pickle.loads(pickle.dumps(split.pictures.take(rows)))  # noqa: S301 - our own
        for index, row in enumerate(rows):
            own = Split(split.labels[rows], [split.ids[r] for r in rows], taken)
            if not _same(_load(own, index), _load(split, row)):
                raise BrokenCheck(f"{split.ids[row]} arrives as another picture in a worker")


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return (a is None and b is None) or (a is not None and b is not None and np.array_equal(a, b))


def _load(split: Split, row: int) -> np.ndarray | None:
    """A picture, None where there is none that can be read."""
    assert split.pictures is not None
    try:
        return np.asarray(split.pictures.load(int(row)))
    except UnreadablePicture:
        return None


_CHECKS: dict[str, Callable[[_Loaded], None]] = {
    "every split holds pictures, or every one a table": _is_one_kind,
    "one seed gives one dataset": _is_deterministic,
    "every class has training examples": _has_every_class,
    "a picture is uint8, grey or RGB": _has_pictures,
    "a picture is the same the second time": _shows_the_same_again,
    "pictures that differ have other digests": _tells_pictures_apart,
    "pictures can be sent to other processes": _travels,
}
