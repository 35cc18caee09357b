"""The cache: prepared arrays on disk, named by what they were made from and how."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from benchmark.errors import InputError

_ABANDONED_SECONDS = 24 * 3600


def folder() -> Path:
    """Where the cache lies: ``$BENCHMARK_CACHE``, or the system's place for user caches."""
    chosen = os.environ.get("BENCHMARK_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("deep-or-not")


@dataclass(frozen=True)
class Entry:
    """A finished cache entry: one ``.npy`` array per split and what is said about them."""

    path: Path
    about: Mapping[str, Any]

    def file(self, split: str) -> Path:
        """The ``.npy`` file of a split."""
        return self.path / f"{split}.npy"


def find(fingerprint: str, kind: str, lengths: Mapping[str, int]) -> Entry | None:
    """The entry, if it is there and whole: every split readable and of the length it says."""
    path = folder() / fingerprint / kind
    try:
        about = json.loads((path / "about.json").read_text(encoding="utf-8"))
        entry = Entry(path, about)
        dropped = about["unreadable"]
        for split, length in lengths.items():
            array = np.load(entry.file(split), mmap_mode="r")
            if len(array) != length - len(dropped.get(split, ())):
                return None
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError):
        return None
    return entry


@contextlib.contextmanager
def new_entry(fingerprint: str, kind: str) -> Iterator[Path]:
    """A folder to fill; it becomes the entry, whole, when the block ends well.

    Raises `InputError` if the cache can't be written to.
    """
    parent = folder() / fingerprint
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _clean(parent)
        draft = Path(tempfile.mkdtemp(prefix=".tmp-", dir=parent))
    except OSError as error:
        raise InputError(
            f"the cache {folder()} can't be written to ({error.strerror}); "
            "set BENCHMARK_CACHE to a folder that can"
        ) from error
    try:
        yield draft
        _put(draft, parent / kind)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put(draft: Path, final: Path) -> None:
    """Rename ``draft`` to ``final``, in place of a damaged entry."""
    with contextlib.suppress(FileNotFoundError):
        damaged = Path(tempfile.mkdtemp(prefix=".tmp-", dir=final.parent))
        try:
            final.rename(damaged / final.name)
        finally:
            shutil.rmtree(damaged)
    try:
        draft.rename(final)
    except OSError:
        if not final.is_dir():  # else another run came first, with the same arrays
            raise


def _clean(parent: Path) -> None:
    """Remove what killed runs left half-made."""
    for draft in parent.glob(".tmp-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)
