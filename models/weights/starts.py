"""Starts: the weights that networks can start from, by the name of the model that does.

Declared here without importing torch; where their files lie, and what tells one file from another.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.errors import ModelError

# The environment variable that names a folder of weights files.
FOLDER_VARIABLE = "BENCHMARK_WEIGHTS_DIR"

# Goes up when the pictures, the recipe or a network of modelled weights change.
_MODELLED_VERSION = 2

# Width of the ResNet9 that has modelled weights: that of `quick`, where it then differs from the
# ResNet9 that starts from random numbers by its start alone.
MODELLED_RESNET9_WIDTH = 32


@dataclass(frozen=True)
class Start:
    """Weights for the body of a network: all of it but the last layer.

    Attributes
    ----------
    model : name of the model that starts from them.
    architecture : name of the network.
    weights : name of the weights, version included.
    side : side in pixels of the pictures that they come from.
    file : name of their file; torchvision's ends in the first digits of its content's SHA-256.
    """

    model: str
    architecture: str
    weights: str
    side: int
    file: str

    @property
    def modelled(self) -> bool:
        """Whether they are built on the user's machine from modelled pictures."""
        return self.model.endswith("-modelled")


def _imagenet(depth: int, digits: str) -> Start:
    # The first version of each: the one that there was when the study was made, in 2021.
    name, file = f"ResNet{depth}", f"resnet{depth}-{digits}.pth"
    return Start(f"{name}-pretrained", name, f"{name}_Weights.IMAGENET1K_V1", 224, file)


def _modelled(name: str) -> Start:
    version = f"V{_MODELLED_VERSION}"
    file = f"{name}-modelled-{version}.pth".lower()
    return Start(f"{name}-modelled", name, f"{name}_Weights.MODELLED_{version}", 32, file)


STARTS = {
    start.model: start
    for start in (
        # Deeper networks take longer to build than anyone without a GPU would wait.
        *map(_modelled, ("ResNet9", "ResNet34", "ResNet50")),
        _imagenet(34, "b627a593"),
        _imagenet(50, "0676ba61"),
        _imagenet(101, "63fe2227"),
        _imagenet(152, "394f9c45"),
    )
}


def start_of(model: str) -> Start:
    """The start of the model of this name; raise `ModelError`, with the names, if there is none."""
    if model in STARTS:
        return STARTS[model]
    close = difflib.get_close_matches(model, STARTS, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(STARTS)}"
    raise ModelError(f"no weights are called {model!r}; {hint}")


def weights_folders(first: str | Path | None = None) -> list[Path]:
    """Folders to look into, in this order: ``first``, the variable's, torch's own cache."""
    chosen = [folder for folder in (first, os.environ.get(FOLDER_VARIABLE)) if folder]
    return [*(Path(folder).expanduser() for folder in chosen), torch_cache()]


def torch_cache() -> Path:
    """Where torch keeps downloads: the ``checkpoints`` of ``torch.hub.get_dir()``."""
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or Path(caches) / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def find_weights(file: str, first: str | Path | None = None) -> Path | None:
    """The first file of this name in the `weights_folders`, None if there is none."""
    for folder in weights_folders(first):
        with contextlib.suppress(OSError):  # it may not be looked into
            if (folder / file).is_file():
                return folder / file
    return None


def content_digits(start: Start, first: str | Path | None = None) -> str | None:
    """Hexadecimal digits that tell what a start's file holds from what another would.

    Those in the file's name for torchvision's own content, whether it is there or to be downloaded;
    None for modelled weights that have not been built. A file that can't be read counts as one that
    is not there: whoever loads it says why.
    """
    path = find_weights(start.file, first)
    published = None if start.modelled else start.file.removesuffix(".pth").rsplit("-", 1)[-1]
    if path is None:
        return published
    try:
        digits = digest(path)
    except OSError:
        return published
    return published if published and digits.startswith(published) else digits


def digest(path: Path) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a file's content."""
    about = path.stat()
    return _digest(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)  # a curve asks for the same file once for each subset
def _digest(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
