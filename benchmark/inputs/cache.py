"""The cache: prepared arrays on disk, named by what they were made from and how."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from benchmark.drafts import disown, new_draft, remove_abandoned
from benchmark.errors import InputError

# What readers raise of JSON and of arrays that are damaged: an array's head is written in Python,
# and may say that it has more numbers than there is memory.
DAMAGE = (ValueError, EOFError, SyntaxError, tokenize.TokenError, RecursionError, MemoryError)

_DRAFT = ".tmp-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


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
    oddities : how many of its pictures are odd, by what is.
    given_up : of how many nothing was made for want of time or memory.
    """

    path: Path
    unreadable: Mapping[str, Mapping[str, str]]
    feature_seconds: float | None
    oddities: Mapping[str, int] = field(default_factory=dict)
    given_up: int = 0

    def file(self, split: str) -> Path:
        """The ``.npy`` file of a split."""
        return self.path / f"{split}.npy"


def find_entry(fingerprint: str, kind: str, lengths: Mapping[str, int]) -> Entry | None:
    """The entry, if it is there and whole: every split of the length and content it should have."""
    _clean()
    return _whole(folder() / fingerprint / kind, lengths)


def _whole(path: Path, lengths: Mapping[str, int]) -> Entry | None:
    try:
        about = json.loads((path / "about.json").read_text(encoding="utf-8"))
        if about.pop("checksum") != _hash(about):
            return None
        # Earlier versions knew nothing of the last two.
        odd, given_up = about.get("oddities", {}), about.get("given_up", 0)
        entry = Entry(path, about["unreadable"], about["feature_seconds"], odd, given_up)
        for split, length in lengths.items():
            array = np.load(entry.file(split), mmap_mode="r")
            if len(array) != length - len(entry.unreadable.get(split, ())):
                return None
            if _checksum(entry.file(split)) != about["checksums"][split]:
                return None
    except (OSError, LookupError, *DAMAGE, TypeError, AttributeError):
        return None
    return entry


def write_about(
    draft: Path,
    splits: Iterable[str],
    unreadable: Mapping[str, Mapping[str, str]],
    feature_seconds: float | None,
    oddities: Mapping[str, int] | None = None,
    given_up: int = 0,
) -> None:
    """Write what is said about the finished arrays of a draft; `find_entry` believes no others."""
    about = {
        "unreadable": {name: rows for name, rows in unreadable.items() if rows},
        "feature_seconds": feature_seconds,
        "oddities": dict(oddities or {}),
        "given_up": given_up,
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


class CacheGone(InputError):
    """Somebody took the cache away while it was filled."""


@contextlib.contextmanager
def new_entry(fingerprint: str, kind: str, lengths: Mapping[str, int]) -> Iterator[Path]:
    """A folder to fill; it becomes the entry, whole, when the block ends well.

    Parameters
    ----------
    fingerprint, kind, lengths : as `find_entry` takes them.

    Raises
    ------
    InputError
        If the cache can't be written to.
    """
    with temporary_folder(fingerprint) as draft:
        yield draft
        there, mine = (_whole(path, lengths) for path in (folder() / fingerprint / kind, draft))
        if mine is None or there is None or there.unreadable != mine.unreadable:
            _put(draft, folder() / fingerprint / kind)  # else another run was first


@contextlib.contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    """A folder below ``name`` in the cache, for as long as the block runs.

    Raises
    ------
    InputError
        If the cache can't be written to.
    """
    above = folder() / name
    try:
        above.mkdir(parents=True, exist_ok=True)
        draft = new_draft(above, _DRAFT)
        draft.chmod(stat.S_IMODE(above.stat().st_mode))  # who shares the cache shares its entries
    except OSError as error:
        raise _not_writable(error) from error
    try:
        yield draft
    except OSError as error:
        if not draft.is_dir():
            raise CacheGone(f"the cache {folder()} was removed while it was filled") from error
        if error.errno not in _NO_ROOM:
            raise
        raise _not_writable(error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with contextlib.suppress(OSError):
            above.rmdir()  # nothing has come of it


def _not_writable(error: OSError) -> InputError:
    return InputError(
        f"the cache {folder()} can't be written to ({error.strerror}); "
        "set BENCHMARK_CACHE to a folder that can"
    )


def _put(draft: Path, final: Path) -> None:
    """Rename ``draft`` to ``final``, in place of a damaged entry."""
    disown(draft)
    with contextlib.suppress(FileNotFoundError):
        damaged = new_draft(final.parent, _DRAFT)
        try:
            final.rename(damaged / final.name)
        finally:
            shutil.rmtree(damaged, ignore_errors=True)
    try:
        draft.rename(final)
    except OSError:
        if not final.is_dir():  # else another run came first, with the same arrays
            raise


def _clean() -> None:
    """Remove the drafts of runs that were killed, of whatever dataset, and what they leave bare."""
    remove_abandoned(folder().glob(f"*/{_DRAFT}*"))
