"""Places: the folders that weights files lie in, found without importing torch."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from models.starts import Start

FOLDER_VARIABLE = "BENCHMARK_WEIGHTS_DIR"


def folders(given: str | Path | None = None) -> list[Path]:
    """Folders to look into, in this order: ``given``, the variable's, torch's own cache."""
    chosen = [place for place in (given, os.environ.get(FOLDER_VARIABLE)) if place]
    return [*(Path(place).expanduser() for place in chosen), torch_cache()]


def torch_cache() -> Path:
    """Where torch keeps downloads: the ``checkpoints`` of ``torch.hub.get_dir()``."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or Path(caches) / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def find(file: str, given: str | Path | None = None) -> Path | None:
    """The first file of this name in the `folders`, None if there is none."""
    paths = (folder / file for folder in folders(given))
    return next((path for path in paths if _is_file(path)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that may not be looked into
        return False


def content_digits(start: Start, given: str | Path | None = None) -> str | None:
    """Hexadecimal digits that tell what a start's file holds from what another would.

    Those in the file's name for torchvision's own content, whether it is there or to be downloaded;
    None for modelled weights that have not been built. A file that can't be read counts as one that
    is not there: whoever loads it says why.
    """
    path = find(start.file, given)
    published = None if start.modelled else start.file.removesuffix(".pth").rsplit("-", 1)[-1]
    if path is None:
        return published
    try:
        found = digest(path)
    except OSError:
        return published
    return published if published and found.startswith(published) else found


def digest(path: Path) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a file's content."""
    about = path.stat()
    return _digest(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)  # a curve asks for the same file once for each subset
def _digest(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
