"""Weights files: which there are, where they lie, and how they are downloaded.

A file is looked for in the folder that is given (``--weights-dir``), in the one that the
environment variable BENCHMARK_WEIGHTS_DIR names, then where torch caches downloads. ImageNet's
have the file name of torchvision's own address for them; modelled ones are built here. Whatever
keeps a file from being there is one `Unavailable` with a line that says what to do.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import torch

from models.errors import Unavailable, on_one_line
from models.vision import import_torchvision
from models.weights import starts
from models.weights.starts import STARTS, Start

_log = logging.getLogger(__name__)

# Seconds that a server may take to answer.
_PATIENCE = 5.0

# URLError and time-outs are OSError; HTTPException is what speaks no HTTP, or breaks off.
_NO_DOWNLOAD = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights that a model starts from.

    Attributes
    ----------
    model : name of the model that needs it.
    name : name of the weights, version included: torchvision's, or our own for modelled ones.
    url : where it can be downloaded; empty for modelled ones, which are built.
    path : where it is, or, if it is nowhere, where a download or a build would put it.
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
    def source(self) -> str:
        """Where it comes from: an address, or the command that builds it."""
        return self.url or f"python -m benchmark weights --build {self.model}"


def weights_status(folder: str | Path | None = None) -> list[WeightsFile]:
    """The file of every model that starts from one, whether it is there or not.

    A folder that is given is looked into before the usual ones.
    """
    return [weights_file(start, folder) for start in STARTS.values()]


def weights_file(start: Start, folder: str | Path | None = None) -> WeightsFile:
    """The file of a start; a folder that is given is looked into before the usual ones."""
    url = "" if start.modelled else import_torchvision().models.get_weight(start.weights).url
    # A download goes where torch caches it; what is built here, where the user keeps weights.
    missing = starts.weights_folders(folder)[0] if start.modelled else starts.torch_cache()
    path = starts.find_weights(start.file, folder) or missing / start.file
    return WeightsFile(start.model, start.weights, url, path)


def obtain(weights: WeightsFile, offline: bool) -> Path:
    """The path of the file, downloaded first if it is not there and that is not forbidden.

    Raises
    ------
    Unavailable
        If it is not there and is to be built, can't be downloaded or must not be.
    """
    if weights.present:
        return weights.path
    if not weights.url:
        raise Unavailable(f"its modelled weights have not been built: `{weights.source}` does it")
    if offline:
        raise Unavailable(_missing(weights, "downloads are forbidden (--offline)"))
    try:
        _download(weights.url, weights.path)
    # torch.hub reports a wrong hash as RuntimeError.
    except (*_NO_DOWNLOAD, RuntimeError) as error:
        why = on_one_line(error) or type(error).__name__
        raise Unavailable(_missing(weights, f"the download failed ({why})")) from error
    return weights.path


def _missing(weights: WeightsFile, why: str) -> str:
    return (
        f"its ImageNet weights are missing and {why}: put {weights.file} into "
        f"{weights.path.parent} or give its folder with --weights-dir or {starts.FOLDER_VARIABLE} "
        "(`python -m benchmark weights` has the addresses)"
    )


def _download(url: str, path: Path) -> None:
    """Download to a temporary name, check the hash that the file's name carries, and rename."""
    _reach(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    digits = torch.hub.HASH_REGEX.search(path.name)
    _log.info("downloading %s", url)
    # torch.hub opens its address without a time-out of its own.
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE)
    try:
        torch.hub.download_url_to_file(
            url, str(path), hash_prefix=digits.group(1) if digits else None, progress=False
        )
    finally:
        socket.setdefaulttimeout(before)


def _reach(url: str) -> None:
    """Raise one of `_NO_DOWNLOAD` if no server answers soon."""
    errors: list[Exception] = []

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=_PATIENCE).close()
        except urllib.error.HTTPError as refusal:  # some forbid this question and have the file
            refusal.close()
        except _NO_DOWNLOAD as error:
            errors.append(error)

    # In a thread of its own, because no time-out bounds the look-up of a host's name.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    if asking.is_alive():
        raise TimeoutError(f"no answer within {_PATIENCE:g} s")
    if errors:
        raise errors[0]
