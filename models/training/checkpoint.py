"""A checkpoint: how far a training has come, in a file that a killed one goes on from."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import torch

_log = logging.getLogger(__name__)

# One is due when the time since the last is at least this, and so long that writing, at the pace of
# the last time, takes no more than this share of it. The first is due after the former alone.
SECONDS = 1.0
SHARE = 0.03


class Checkpoint:
    """The file of one training: what torch saves, and the SHA-256 of that.

    A file of another ``identity``, the text of what decides a training, is not gone on from.
    ``note`` says why, if the file that was there could not be used.
    """

    def __init__(self, path: str | Path, identity: str):
        self.path = Path(path)
        self.identity = identity
        self.note = ""
        self._written = time.monotonic()
        self._cost = 0.0

    def read(self) -> dict[str, Any] | None:
        """What was last written; None if nothing was, or nothing that can be used.

        Only tensors and plain values are read, and no code that a file may hold is run. A damaged
        file is removed.

        Raises
        ------
        OSError
            If there is a file and it can't be read: perhaps it can later, so it is kept.
        """
        try:
            content = self._read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            why = error.strerror or error
            raise OSError(
                f"the checkpoint {self.path} cannot be read ({why}): see to its permissions and "
                "its disk, or remove it to begin anew"
            ) from error
        if content is None:
            self._refuse("is damaged")
            _remove(self.path)
            return None
        if content["identity"] != self.identity:
            self._refuse("is of another training (other data, settings or threads)")
            return None
        return content["state"]

    def _read(self) -> dict[str, Any] | None:
        if not _is_whole(self.path):
            return None
        try:
            content = torch.load(self.path, map_location="cpu", weights_only=True)
        except (OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - a file may be damaged, or forged, in any way
            return None
        is_ours = isinstance(content, dict) and {"identity", "state"} <= content.keys()
        return content if is_ours else None

    def _refuse(self, why: str) -> None:
        self.note = f"the checkpoint {self.path.name} {why}: training began anew"
        _log.warning(self.note)

    @property
    def is_due(self) -> bool:
        """Whether enough would be lost by now for what writing costs."""
        return time.monotonic() - self._written >= max(SECONDS, self._cost / SHARE)

    def write(self, state: dict[str, Any]) -> None:
        """Write tensors and plain values: whoever looks finds the old file or the new, whole."""
        started = time.monotonic()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(self.path, self.path.with_suffix(".part")) as file:
                hashed: Any = _Hashed(file)
                torch.save({"identity": self.identity, "state": state}, hashed)
                file.write(hashed.sum.digest())
        except (OSError, RuntimeError) as error:  # torch's writer turns a full disk into the latter
            # A training is not given up because it could not be kept.
            _log.warning("the checkpoint %s cannot be written: %s", self.path, error)
        self._written = time.monotonic()
        self._cost = self._written - started


@contextlib.contextmanager
def written_whole(path: Path, draft: Path) -> Iterator[IO[bytes]]:
    """Write a file that appears at ``path`` whole or not at all, by way of ``draft``."""
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        _remove(draft)


class _Hashed:
    """A file for `torch.save`, which writes from front to back, that adds up what goes by."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sum = hashlib.sha256()
        self.flush = file.flush

    def write(self, content: bytes) -> int:
        self.sum.update(content)
        return self.file.write(content)


def _is_whole(path: Path) -> bool:
    """Whether a file ends with the digest of all that comes before."""
    digest = hashlib.sha256()
    left = path.stat().st_size - digest.digest_size
    with path.open("rb") as file:
        while left > 0:
            block = file.read(min(left, 2**20))
            if not block:
                return False
            digest.update(block)
            left -= len(block)
        return file.read() == digest.digest()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # there is no such folder, or nothing may be removed from it
        path.unlink(missing_ok=True)
