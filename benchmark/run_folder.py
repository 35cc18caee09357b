"""A run's folder: kept to one run at a time, and described in ``run.json``."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmark.errors import InputError
from benchmark.inputs import Inputs
from benchmark.runner import Settings
from results import Store, write_atomically


def default_folder(label: str) -> Path:
    """Where a run of ``<data>-<preset>`` writes if it is not told where."""
    return Path("runs") / label


@contextlib.contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Keep a second run out of the folder. The lock leaves no file and dies with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise InputError(
            f"another run is at work in {folder}; wait for it or choose another --out"
        ) from error
    try:
        yield
    finally:
        os.close(handle)


def describe(
    folder: Path, inputs: Inputs, settings: Settings, provenance: Mapping[str, Any]
) -> None:
    """Write run.json: what the folder's board is about."""
    contents = inputs.dataset
    about = {
        "source": contents.source,
        "dataset": contents.name,
        "fingerprint": contents.fingerprint,
        "classes": list(contents.classes),
        "splits": {name: len(split) for name, split in contents.splits.items()},
        "preset": settings.preset,
        "seed": settings.seed,
        "feature_set": inputs.feature_set,
        "image_size": settings.image_size,
        "unreadable": dict(inputs.unreadable),
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "provenance": dict(provenance),
    }
    write_atomically(folder / "run.json", json.dumps(about, indent=1) + "\n")


def command() -> str:
    """The command that was given, for repeating it."""
    if Path(sys.argv[0]).name == "__main__.py":
        return "python -m benchmark " + shlex.join(sys.argv[1:])
    return "benchmark.run(...)"


def how_to_go_on(store: Store) -> str:
    """What to tell a user who has interrupted a run."""
    kept = len(store.records())
    return (
        f"interrupted: {kept} finished trials are kept in {store.folder}; "
        "the same command goes on from there"
    )
