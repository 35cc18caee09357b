"""Shards: what was made of single pictures, kept under what the pictures hold.

A shard is one file with a few dozen pictures, named by the hash of its own bytes: a part of one, or
one that has changed on disk, does not answer to its name and is not believed. Shards are written as
the work goes on, so a killed run goes on where it stopped, and a dataset with ten more pictures
needs those ten computed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from benchmark.inputs import cache

_SUFFIX = ".shard"


@dataclass(frozen=True)
class Shard:
    """What was made of a few pictures.

    Attributes
    ----------
    digests : hashes of the pictures' content, one each.
    seconds : float64 (n,), what each took to make.
    rows : (n, ...), what was made of each.
    oddities : uint8 (n,), flags of what is odd about each.
    """

    digests: tuple[bytes, ...]
    seconds: np.ndarray
    rows: np.ndarray
    oddities: np.ndarray


def write_shard(kind: str, shard: Shard, draft: Path) -> None:
    """Keep ``shard`` among those of its ``kind``; it is written in the folder ``draft`` first."""
    content = io.BytesIO()
    np.save(content, np.array([digest.hex() for digest in shard.digests]))
    for array in (shard.seconds, shard.rows, shard.oddities):
        np.save(content, array)
    final = _folder(kind) / f"{_name(content.getbuffer())}{_SUFFIX}"
    temporary = draft / final.name
    temporary.write_bytes(content.getbuffer())
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(final)


def read_shards(kind: str, pictures: Container[bytes]) -> Iterator[Shard]:
    """The shards of a kind that hold one of some pictures. Damaged ones are removed."""
    for path in sorted(_folder(kind).glob(f"*{_SUFFIX}")):
        try:
            with path.open("rb") as file:
                if any(digest in pictures for digest in _digests(file)):
                    yield _whole(path, file)
        except (OSError, *cache.DAMAGE):
            with contextlib.suppress(OSError):
                path.unlink()


def _digests(file: BinaryIO) -> tuple[bytes, ...]:
    names = np.lib.format.read_array(file, allow_pickle=False)
    return tuple(bytes.fromhex(name) for name in names)


def _whole(path: Path, file: BinaryIO) -> Shard:
    """Raises ValueError if the file's content is not what its name says."""
    file.seek(0)
    content = file.read()
    if _name(content) != path.stem:
        raise ValueError(f"{path} is damaged")
    stream = io.BytesIO(content)
    digests = _digests(stream)
    return Shard(digests, *(np.lib.format.read_array(stream, allow_pickle=False) for _ in range(3)))


def _name(content: bytes | memoryview) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _folder(kind: str) -> Path:
    return cache.folder() / "pictures" / kind
