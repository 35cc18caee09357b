"""Places: the folders that weights files lie in, found without importing torch."""

from __future__ import annotations

import hashlib
import os
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
    return next((path for path in paths if path.is_file()), None)


def modelled_file(start: Start) -> str:
    """File name of modelled weights, such as ``resnet9-modelled-v2.pth``."""
    return f"{start.weights.lower().replace('_weights.', '-').replace('_', '-')}.pth"


def modelled_digest(start: Start, given: str | Path | None = None) -> str | None:
    """What tells one build of modelled weights from another; None if there is none yet."""
    path = find(modelled_file(start), given)
    return None if path is None else digest(path)


def digest(path: Path) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
