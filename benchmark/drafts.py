"""Drafts: folders that a process fills, and that a later one removes if it was killed.

Each has a file that says whose it is. A process's number alone does not say that: it means another
process on another host or in another container, and another one here after a while.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

_OWNER = ".owner"
_SAME_START = 2.0  # seconds; what the start of a process is rounded to differs by system
_OLD = 7 * 24 * 3600.0  # seconds after which a draft is nobody's whose owner can't be asked


def new_draft(parent: Path, prefix: str) -> Path:
    """A new folder below ``parent``, for this user alone, that this process is the owner of.

    Raises
    ------
    OSError
        If there can be none.
    """
    draft = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    mine = psutil.Process()
    try:
        (draft / _OWNER).write_text(f"{_place()} {mine.pid} {mine.create_time()}", encoding="utf-8")
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return draft


def disown(draft: Path) -> None:
    """Make what was a draft a folder like any other."""
    (draft / _OWNER).unlink(missing_ok=True)


def remove_abandoned(drafts: Iterable[Path]) -> None:
    """Remove drafts whose owner has ended, and the folders around them that are left bare."""
    for draft in drafts:
        if _is_abandoned(draft):
            shutil.rmtree(draft, ignore_errors=True)
            with contextlib.suppress(OSError):
                draft.parent.rmdir()


def _is_abandoned(draft: Path) -> bool:
    try:
        place, pid, start = (draft / _OWNER).read_text(encoding="utf-8").split()
        if place == _place():
            return not _is_running(int(pid), float(start))
    except (OSError, ValueError):
        pass  # an earlier version's, or one that is just being made
    try:
        newest = max(path.stat().st_mtime for path in (draft, *draft.iterdir()))
    except OSError:
        return False
    return time.time() - newest > _OLD


def _is_running(pid: int, start: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - start) < _SAME_START
    except (psutil.NoSuchProcess, OverflowError):
        return False
    except psutil.AccessDenied:
        return True


@functools.cache
def _place() -> str:
    """Names where a process's number means one process: host, start of it, container."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):  # not Linux
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        parts.append(str(os.stat("/proc/self/ns/pid").st_ino))  # noqa: PTH116 - a link to a number
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
