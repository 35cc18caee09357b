"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from results.errors import ResultsError

# How the name of a file begins that is not yet written.
TEMPORARY = ".tmp-"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that whoever looks finds the old content or the new, and never a part.

    Parameters
    ----------
    path : its folder is made where there is none.
    content : text is written as UTF-8; what UTF-8 cannot hold (file names of odd bytes) becomes
        escapes.

    Raises
    ------
    ResultsError
        If the file cannot be written.
    """
    data = content if isinstance(content, bytes) else _encoded(content)
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the name ``path`` when the block has ended well.

    Raises
    ------
    ResultsError
        If the file cannot be written.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.unlink(
                missing_ok=True
            )  # what was killed with our number may have left a pipe
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ResultsError(
            f"{path} cannot be written ({error.strerror or error}); "
            "free some space or choose another folder"
        ) from error


def utf8(text: str) -> str:
    """A text with escapes for what UTF-8 cannot hold: file names of odd bytes have that."""
    return _encoded(text).decode()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
