"""Reading what may lie in a run's folder: any file or none, with any bytes in it."""

from __future__ import annotations

import json
import math
import os
import stat
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from results.errors import ResultsError

# Bytes of a file of text (JSON, a table), and of one of numbers or pictures (Parquet).
MOST_TEXT, MOST_BINARY = 2**26, 2**31

_AT_A_TIME = 2**12

# A pipe that nobody writes to would be waited for. Windows has none in a folder, but it has texts.
_FLAGS = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
)

# A map of Grad-CAM lies eight deep.
_DEEPEST = 64


def read_file(path: Path, most: int) -> bytes:
    """The bytes of a regular file, of which there are ``most`` or fewer.

    Nothing else is waited for or read from: no pipe, device, socket or folder.

    Raises
    ------
    FileNotFoundError
        If nothing has that name, nor a link that leads nowhere.
    ResultsError
        If it is no regular file, is too large or cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise ResultsError("it is a link that leads nowhere") from error
        raise
    except (OSError, ValueError) as error:
        raise ResultsError(f"it cannot be read ({_why(error)})") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ResultsError("it is no regular file")
        if status.st_size > most:
            raise ResultsError(f"it has {status.st_size:,} bytes; {most:,} at most are read")
        return _read(descriptor, status.st_size, most)
    except OSError as error:
        raise ResultsError(f"it cannot be read ({_why(error)})") from error
    finally:
        os.close(descriptor)


def json_object(data: str | bytes) -> dict[str, Any]:
    """The object that is written in ``data`` as JSON.

    Stricter than Python's reader: numbers are finite, no key is there twice, and nothing lies
    deeper than 64 levels, so that whatever takes it apart may call itself.

    Raises
    ------
    ResultsError
        If it is anything else.
    """
    try:
        content = json.loads(
            data, parse_float=_finite, parse_constant=_refuse, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"it is no JSON that can be read ({error})") from error
    if not isinstance(content, dict):
        raise ResultsError("it is no JSON object")
    if _is_deeper(content, _DEEPEST):
        raise ResultsError(f"it has values within values, more than {_DEEPEST} deep")
    return content


def _read(descriptor: int, expected: int, most: int) -> bytes:
    """What is there, also if that is more or less than the file's size said."""
    parts, size = [], 0
    while part := os.read(descriptor, min(max(expected - size, _AT_A_TIME), most + 1 - size)):
        parts.append(part)
        size += len(part)
        if size > most:
            raise ResultsError(f"it has more than {most:,} bytes")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no finite number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is there twice")
    return values


def _is_deeper(content: dict[str, Any], levels: int) -> bool:
    """Whether anything lies more than so many levels below."""
    level: list[Any] = [content]
    for _ in range(levels):
        inner = chain.from_iterable(v.values() if isinstance(v, dict) else v for v in level)
        level = [value for value in inner if isinstance(value, dict | list)]
    return bool(level)
