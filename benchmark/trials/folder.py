"""A run's folder: kept to one run at a time, and described in ``run.json``."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from benchmark.errors import InputError
from benchmark.inputs.prepare import Inputs
from benchmark.request import Request
from benchmark.trials.plan import Lane
from results import Run, Store, plugin_metrics


def default_folder(label: str) -> Path:
    """Where a run of ``<data>-<preset>`` writes if it is not told where."""
    return Path("runs") / label


@contextlib.contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Keep a second run out of the folder. The lock dies with the process, and leaves no file.

    Raises
    ------
    InputError
        If another run is at work in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(
            f"another run is at work in {folder}; wait for it or choose another --out"
        ) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no file that is open
            Path(lock.lock_file).unlink()
        lock.release()


def describe(
    store: Store,
    lanes: Sequence[Lane],
    inputs: Inputs,
    request: Request,
    provenance: Mapping[str, Any],
) -> None:
    """Write run.json: what the folder's board is about.

    A run that adds to the board of the one before (other models on the same data) takes over what
    it does not itself decide.
    """
    contents = inputs.dataset
    run = Run(
        source=contents.source,
        dataset=contents.name,
        fingerprint=contents.fingerprint,
        preset=request.preset,
        classes=contents.classes,
        splits={name: len(split) for name, split in contents.splits.items()},
        duplicates_across_splits=contents.copies,
        seed=request.seed,
        feature_set=inputs.feature_set,
        feature_definition=inputs.feature_definition,
        image_size=request.image_size if inputs.images else None,
        trials=tuple(trial.name for lane in lanes for trial in lane.trials),
        unreadable=dict(inputs.unreadable),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        provenance=dict(provenance),
        metrics=plugin_metrics(),
        left_out=contents.left_out,
        remarks=contents.remarks,
        oddities=dict(inputs.oddities),
    )
    run.after(store.run()).write(store.folder)


def command(call: str) -> str:
    """The command that was given, for repeating it, or the library's call."""
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
