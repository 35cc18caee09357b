"""A run's folder: kept to one run at a time, and described in ``run.json``."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark.errors import InputError
from benchmark.inputs import Inputs
from benchmark.plan import Settings
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
    store: Store,
    trials: Sequence[str],
    inputs: Inputs,
    settings: Settings,
    provenance: Mapping[str, Any],
) -> None:
    """Write run.json: what the folder's board is about.

    A run that adds to the board of the one before (other models on the same data) takes over what
    it does not itself decide.
    """
    contents = inputs.dataset
    eaten = {
        "feature_set": inputs.feature_set,
        "feature_definition": inputs.feature_definition,
        "image_size": settings.image_size if inputs.images else None,
    }
    board = {"fingerprint": contents.fingerprint, "preset": settings.preset}
    before = store.run()
    if _adds_to(before, board, eaten):
        eaten = {name: value or before.get(name) for name, value in eaten.items()}
        trials = [*(name for name in before["trials"] if name not in trials), *trials]
    about = {
        "source": contents.source,
        "dataset": contents.name,
        **board,
        "classes": list(contents.classes),
        "splits": {name: len(split) for name, split in contents.splits.items()},
        "duplicates_across_splits": contents.copies,
        "seed": settings.seed,
        **eaten,
        "trials": list(trials),
        "unreadable": dict(inputs.unreadable),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "provenance": dict(provenance),
    }
    write_atomically(store.folder / "run.json", json.dumps(about, indent=1) + "\n")


def _adds_to(before: Mapping[str, Any], board: Mapping[str, Any], eaten: Mapping[str, Any]) -> bool:
    """Whether the board of the run ``before`` is this one: nothing that both know differs."""
    if not isinstance(before.get("trials"), list):
        return False
    known = {name: value for name, value in eaten.items() if value and before.get(name)}
    known.pop("feature_set", None)  # two names may say the same columns; the definition decides
    return all(before.get(name) == value for name, value in {**board, **known}.items())


def command(call: str = "run") -> str:
    """The command that was given, for repeating it."""
    if Path(sys.argv[0]).name == "__main__.py":
        return "python -m benchmark " + shlex.join(sys.argv[1:])
    return f"benchmark.{call}(...)"


def how_to_go_on(folder: str | Path | None) -> str:
    """What to tell a user who has interrupted a run that writes to ``folder``, if that is known."""
    kept = 0 if folder is None else len(Store(folder).records())
    if not kept:
        return "interrupted: no trial has finished yet; the same command starts again"
    trials = "1 finished trial is" if kept == 1 else f"{kept} finished trials are"
    return f"interrupted: {trials} kept in {folder}; the same command goes on from there"
