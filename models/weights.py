"""Pretrained weights: which there are, where they lie, and how they are read.

A file is looked for in the folder that the environment variable BENCHMARK_WEIGHTS_DIR names,
then where torch caches downloads, under the file name of torchvision's own address for it.
Whatever keeps it from being used is one `Unavailable` with a line that says what to do; a file
is only ever read as tensors, so that nothing in it can run.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import urllib.request
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from models.registry import Unavailable
from models.vision import import_torchvision

FOLDER_VARIABLE = "BENCHMARK_WEIGHTS_DIR"

# The first version of each: the one that there was when the study was made, in 2021.
IMAGENET = {depth: f"ResNet{depth}_Weights.IMAGENET1K_V1" for depth in (34, 50, 101, 152)}

# Seconds that a server may take to answer.
_PATIENCE = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights that a model starts from.

    Attributes
    ----------
    model : name of the model that needs it.
    name : torchvision's name for the weights, version included.
    url : where it can be downloaded.
    path : where it is, or, if it is nowhere, where a download would put it.
    """

    model: str
    name: str
    url: str
    path: Path

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.path.name

    @property
    def present(self) -> bool:
        """Whether the file is there; whether it is sound shows when it is read."""
        return self.path.is_file()

    @property
    def size(self) -> int | None:
        """Size in bytes, None if the file is not there."""
        return self.path.stat().st_size if self.present else None


def status() -> list[WeightsFile]:
    """Return the file of every pretrained model, whether it is there or not."""
    return [describe(depth) for depth in IMAGENET]


def describe(depth: int) -> WeightsFile:
    """Return the file that the pretrained ResNet of this depth starts from."""
    weights = import_torchvision().models.get_weight(IMAGENET[depth])
    folders = _folders()
    file = weights.url.rsplit("/", 1)[-1]
    found = [folder / file for folder in folders if (folder / file).is_file()]
    path = found[0] if found else folders[-1] / file
    return WeightsFile(f"ResNet{depth}-pretrained", IMAGENET[depth], weights.url, path)


def _folders() -> list[Path]:
    """Folders to look into, in this order; the last one is torch's own."""
    given = os.environ.get(FOLDER_VARIABLE)
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    return [Path(given).expanduser(), cache] if given else [cache]


def obtain(wanted: WeightsFile, offline: bool) -> Path:
    """Return the path of the file, downloaded first if it is not there.

    Raises
    ------
    Unavailable
        If it is not there and cannot be downloaded, or must not be (``offline``).
    """
    if wanted.present:
        return wanted.path
    if offline:
        raise Unavailable(_missing(wanted, "downloads are forbidden (--offline)"))
    try:
        _download(wanted.url, wanted.path)
    # URLError and time-outs are OSError; torch.hub reports a wrong hash as RuntimeError.
    except (OSError, RuntimeError) as error:
        raise Unavailable(_missing(wanted, f"the download failed ({_line(error)})")) from error
    return wanted.path


def _missing(wanted: WeightsFile, why: str) -> str:
    return (
        f"its ImageNet weights are missing and {why}: put {wanted.file} into "
        f"{wanted.path.parent} or where {FOLDER_VARIABLE} says "
        "(`python -m benchmark weights` has the addresses)"
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _download(url: str, path: Path) -> None:
    """Download to a temporary name, check the hash that the file's name carries, and rename."""
    _reach(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    digits = torch.hub.HASH_REGEX.search(path.name)
    _log.info("downloading %s", url)
    with _default_timeout(_PATIENCE):
        torch.hub.download_url_to_file(
            url, str(path), hash_prefix=digits.group(1) if digits else None, progress=False
        )


def _reach(url: str) -> None:
    """Raise OSError if the server does not answer soon.

    In a thread of its own, because no time-out bounds the look-up of a host's name.
    """
    errors: list[OSError] = []

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=_PATIENCE).close()
        except OSError as error:
            errors.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    if asking.is_alive():
        raise TimeoutError(f"no answer within {_PATIENCE:g} s")
    if errors:
        raise errors[0]


@contextmanager
def _default_timeout(seconds: float) -> Iterator[None]:
    # torch.hub opens its address without a time-out of its own.
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def load(path: Path, shapes: Mapping[str, torch.Size]) -> dict[str, torch.Tensor]:
    """Read the tensors of a network's body from a state dict.

    Parameters
    ----------
    path : file written by ``torch.save``; read with ``weights_only=True``, so that code in it
        is refused and never run.
    shapes : names and shapes of the tensors that the body has. The file may also hold the last
        layer, ``fc.*``, which is left out, and may lack the counters of batch normalisation,
        as files from before torch 0.4.1 do.

    Raises
    ------
    Unavailable
        If the file cannot be read, or holds anything but these tensors.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    # A broken file makes the reader fail in any way there is.
    except Exception as error:
        raise Unavailable(
            f"{path} is no readable file of weights ({type(error).__name__}): it is truncated or "
            "holds more than tensors, and nothing in it was run; remove it or replace it"
        ) from error
    fault = _fault(content, shapes)
    if fault:
        raise Unavailable(f"{path} holds weights of another network: {fault}; replace it")
    return {name: content[name] for name in shapes if name in content}


def _fault(content: object, shapes: Mapping[str, torch.Size]) -> str | None:
    """First reason why the content is not this body's state dict, None if it is."""
    if not isinstance(content, Mapping):
        return f"it is a {type(content).__name__}, not a state dict"
    if not all(isinstance(name, str) for name in content):
        return "its tensors have no names"
    for name, shape in shapes.items():
        if name not in content and name.endswith("num_batches_tracked"):
            continue
        if name not in content:
            return f"{name} is missing"
        if not isinstance(content[name], torch.Tensor):
            return f"{name} is no tensor"
        if content[name].shape != shape:
            return f"{name} has the shape {tuple(content[name].shape)}, not {tuple(shape)}"
    extra = [name for name in content if name not in shapes and not name.startswith("fc.")]
    return f"{extra[0]} has no place in it" if extra else None
