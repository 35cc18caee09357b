"""A checkpoint: how far a training has come, in a file that a killed one goes on from."""

from __future__ import annotations

import logging
import os
import pickle
import time
from pathlib import Path
from typing import Any

import torch

_log = logging.getLogger(__name__)

# A checkpoint costs a second at most; this is how much work a killed training loses, or one epoch.
SECONDS = 15.0


class Checkpoint:
    """The file of one training.

    Parameters
    ----------
    path : where it is; its folder is made when there is something to write.
    identity : what decides the training, as text. A file of another identity is not gone on from.
    """

    def __init__(self, path: str | Path, identity: str):
        self.path = Path(path)
        self.identity = identity
        self._written = time.monotonic()

    def read(self) -> dict[str, Any] | None:
        """Return what was last written; None if nothing was, or nothing that can be used.

        Only tensors and plain values are read, and no code that a file may hold is run.
        """
        try:
            held = torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError, RuntimeError, pickle.UnpicklingError, KeyError):
            _log.warning("the checkpoint %s is damaged; training starts anew", self.path)
            return None
        if not isinstance(held, dict) or held.get("identity") != self.identity:
            _log.warning("the checkpoint %s is of another training; this starts anew", self.path)
            return None
        return held["state"]

    @property
    def is_due(self) -> bool:
        """Whether enough would be lost by now."""
        return time.monotonic() - self._written >= SECONDS

    def write(self, state: dict[str, Any]) -> None:
        """Write tensors and plain values: whoever looks finds the old file or the new, whole."""
        draft = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                torch.save({"identity": self.identity, "state": state}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except (OSError, RuntimeError) as error:  # torch's writer turns a full disk into the latter
            # A training is not given up because it could not be kept.
            _log.warning("the checkpoint %s cannot be written: %s", self.path, error)
        self._written = time.monotonic()
