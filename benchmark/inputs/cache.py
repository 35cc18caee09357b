"""The cache: prepared arrays on disk, named by what they were made from and how."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import psutil

from benchmark.errors import InputError

_DRAFT = ".tmp-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def folder() -> Path:
    """Where the cache lies: ``$BENCHMARK_CACHE``, or the system's place for user caches."""
    chosen = os.environ.get("BENCHMARK_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("deep-or-not")


@dataclass(frozen=True)
class Entry:
    """A finished cache entry: one ``.npy`` array per split.

    Attributes
    ----------
    path : its folder.
    unreadable : split to the rows, as text, that nothing could be made of, and why.
    feature_seconds : what the features took on one thread, None if it holds none.
    """

    path: Path
    unreadable: Mapping[str, Mapping[str, str]]
    feature_seconds: float | None

    def file(self, split: str) -> Path:
        """The ``.npy`` file of a split."""
        return self.path / f"{split}.npy"


def find_entry(fingerprint: str, kind: str, lengths: Mapping[str, int]) -> Entry | None:
    """The entry, if it is there and whole: every split of the length and content it should have."""
    path = folder() / fingerprint / kind
    _clean()
    try:
        about = json.loads((path / "about.json").read_text(encoding="utf-8"))
        if about.pop("checksum") != _hash(about):
            return None
        entry = Entry(path, about["unreadable"], about["feature_seconds"])
        for split, length in lengths.items():
            array = np.load(entry.file(split), mmap_mode="r")
            if len(array) != length - len(entry.unreadable.get(split, ())):
                return None
            if _checksum(entry.file(split)) != about["checksums"][split]:
                return None
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError):
        return None
    return entry


def write_about(
    draft: Path,
    splits: Iterable[str],
    unreadable: Mapping[str, Mapping[str, str]],
    feature_seconds: float | None,
) -> None:
    """Write what is said about the finished arrays of a draft; `find_entry` believes no others."""
    about = {
        "unreadable": {name: rows for name, rows in unreadable.items() if rows},
        "feature_seconds": feature_seconds,
        "checksums": {name: _checksum(draft / f"{name}.npy") for name in splits},
    }
    text = json.dumps({**about, "checksum": _hash(about)})
    (draft / "about.json").write_text(text, encoding="utf-8")


def _hash(about: Mapping[str, Any]) -> str:
    """Of what is said about an entry: what is read back and written again has the same text."""
    return hashlib.blake2b(json.dumps(about).encode()).hexdigest()[:32]


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, hashlib.blake2b).hexdigest()[:32]


@contextlib.contextmanager
def new_entry(fingerprint: str, kind: str) -> Iterator[Path]:
    """A folder to fill; it becomes the entry, whole, when the block ends well.

    Raises
    ------
    InputError
        If the cache can't be written to.
    """
    parent = folder() / fingerprint
    started = time.time()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{_DRAFT}{os.getpid()}-", dir=parent))
    except OSError as error:
        raise _not_writable(error) from error
    try:
        yield draft
        final = parent / kind
        if not _made_since(started, final):  # else another run was first
            _put(draft, final)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise _not_writable(error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with contextlib.suppress(OSError):
            parent.rmdir()  # nothing has come of it


def _not_writable(error: OSError) -> InputError:
    return InputError(
        f"the cache {folder()} can't be written to ({error.strerror}); "
        "set BENCHMARK_CACHE to a folder that can"
    )


def _made_since(started: float, final: Path) -> bool:
    try:
        return final.stat().st_mtime > started
    except FileNotFoundError:
        return False


def _put(draft: Path, final: Path) -> None:
    """Rename ``draft`` to ``final``, in place of a damaged entry."""
    with contextlib.suppress(FileNotFoundError):
        damaged = Path(tempfile.mkdtemp(prefix=f"{_DRAFT}{os.getpid()}-", dir=final.parent))
        try:
            final.rename(damaged / final.name)
        finally:
            shutil.rmtree(damaged)
    try:
        draft.rename(final)
    except OSError:
        if not final.is_dir():  # else another run came first, with the same arrays
            raise


def _clean() -> None:
    """Remove the drafts of runs that were killed, of whatever dataset, and what they leave bare."""
    for draft in folder().glob(f"*/{_DRAFT}*"):
        owner = draft.name.removeprefix(_DRAFT).partition("-")[0]
        if not (owner.isdecimal() and psutil.pid_exists(int(owner))):
            shutil.rmtree(draft, ignore_errors=True)
            with contextlib.suppress(OSError):
                draft.parent.rmdir()
