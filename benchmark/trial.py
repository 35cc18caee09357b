"""One trial, inside a process of its own: build, fit on train, ask about every other split."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmark import plugins, processes
from benchmark.answers import Answer, WrongAnswer, answer
from benchmark.errors import one_line
from models import Context, ModelError, Unavailable, select

_MOST_WARNINGS = 5
_MOST_OUTPUT = 4000  # characters of what a failed trial printed that its record keeps


@dataclass(frozen=True)
class Task:
    """What a child process needs to run one trial.

    Attributes
    ----------
    model, origin : the model's name and the file that declared it.
    context : what its builder is told.
    inputs : split name to the ``.npy`` file of its inputs.
    labels : split name to its labels (n,).
    """

    model: str
    origin: str
    context: Context
    inputs: Mapping[str, Path]
    labels: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """What a trial ended with; a killed one has a status and a reason only."""

    status: str
    reason: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    fit_seconds: float | None = None
    predict_seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: float | None = None
    parameter_count: int | None = None
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


class _Messages(logging.Handler):
    """Passes an estimator's log lines to the parent's progress display."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(logging.INFO)
        self._connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        self._connection.send(("message", one_line(record.getMessage())))


def main(task: Task, connection: Connection) -> None:
    """Entry point of the child process: run ``task`` and send its `Outcome`."""
    processes.enter_child(task.context.threads)
    logging.getLogger("models").addHandler(_Messages(connection))
    logging.getLogger("models").setLevel(logging.INFO)
    with _captured_output() as output:
        outcome = attempt(task)
    if outcome.status == "failed" and output():
        outcome = replace(outcome, details={**outcome.details, "output": output()})
    connection.send(("outcome", outcome))
    connection.close()


def attempt(task: Task) -> Outcome:
    """Run ``task`` in this process; whatever the model does wrong becomes a status and a reason."""
    try:
        return _fit_and_ask(task)
    except Unavailable as error:
        return Outcome("unavailable", one_line(error))
    except MemoryError as error:
        return Outcome("memory", one_line(f"out of memory: {error}"), details=_traceback())
    except WrongAnswer as error:
        return Outcome("failed", one_line(error))
    except ModelError as error:
        return Outcome("failed", one_line(error), details=_traceback())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the verdict on somebody's model
        reason = one_line(f"{type(error).__name__}: {error}")
        status = "memory" if "out of memory" in reason.lower() else "failed"
        return Outcome(status, reason, details=_traceback())


def _fit_and_ask(task: Task) -> Outcome:
    import joblib

    plugins.load_origin(task.origin)
    (model,) = select([task.model])
    inputs = {split: _read(path) for split, path in task.inputs.items()}
    classes = np.arange(task.context.n_classes)
    # joblib's default backend would start processes of its own, which can hang in a child.
    threading = joblib.parallel_config(backend="threading", n_jobs=task.context.threads)
    with threading, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = model.build(task.context)
        started = time.perf_counter()
        fitted = estimator.fit(inputs["train"], task.labels["train"])
        fit_seconds = time.perf_counter() - started
        estimator = estimator if fitted is None else fitted
        answers, predict_seconds = {}, {}
        for split in inputs:
            if split != "train":
                answers[split], predict_seconds[split] = answer(estimator, inputs[split], classes)
    return Outcome(
        "ok",
        answers=answers,
        fit_seconds=fit_seconds,
        predict_seconds=predict_seconds,
        peak_memory_mb=_peak_memory_mb(),
        parameter_count=_parameter_count(estimator),
        notes=tuple(str(note) for note in _last_step(estimator, "notes_", ())),
        details=_details(estimator, caught),
    )


def _read(path: Path) -> np.ndarray:
    # Copy-on-write: the estimator may write to its inputs, the file and other trials never see it.
    return np.asarray(np.load(path, mmap_mode="c"))


def _last_step(estimator: Any, attribute: str, default: Any) -> Any:
    """A fitted attribute of an estimator, or of the last step of a pipeline."""
    steps = getattr(estimator, "steps", None)
    return getattr(steps[-1][1] if steps else estimator, attribute, default)


def _parameter_count(estimator: Any) -> int | None:
    count = _last_step(estimator, "n_parameters_", None)
    return None if count is None else int(count)


def _details(estimator: Any, caught: list[warnings.WarningMessage]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    texts = dict.fromkeys(one_line(f"{w.category.__name__}: {w.message}") for w in caught)
    if texts:
        details["warnings"] = list(texts)[:_MOST_WARNINGS]
    history = _last_step(estimator, "history_", None)
    if history:
        # Plain JSON only: the parent must not need a plugin's classes to read it.
        details["history"] = json.loads(json.dumps(history, default=str))
    return details


def _traceback() -> dict[str, Any]:
    return {"traceback": traceback.format_exc()}


def _peak_memory_mb() -> float | None:
    """Largest resident memory of this process so far, in MB (10^6 bytes)."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


@contextlib.contextmanager
def _captured_output() -> Iterator[Callable[[], str]]:
    """Send what the model prints, from C too, to a file without a name; yield a reader of it."""
    with tempfile.TemporaryFile() as file:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)

        def tail() -> str:
            sys.stdout.flush()
            sys.stderr.flush()
            file.seek(0)
            return file.read().decode(errors="replace")[-_MOST_OUTPUT:]

        yield tail
