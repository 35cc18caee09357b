"""One trial, inside a process of its own: build, fit on train, ask about every other split."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import tempfile
import threading
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
from benchmark.errors import InputError, one_line
from benchmark.explanation import explain
from models import Context, ModelError, Unavailable, select
from models.memory import says_out_of_memory

EXPLAIN = "explain"
"""What the executor says to a child whose answer makes it curious."""

NOTE = "note: "
"""What a message of a running trial begins with if it is not to be missed."""

_MOST_WARNINGS = 5
_MOST_OUTPUT = 4000  # characters of what a failed trial printed that its record keeps
_MOST_TEXT = 500  # characters of a reason or a message


@dataclass(frozen=True)
class Task:
    """What a child process needs to run one trial.

    Attributes
    ----------
    model, origin : the model's name and the file that declared it.
    context : what its builder is told.
    inputs : split name to the ``.npy`` file of its inputs.
    labels : split name to its labels (n,).
    columns : names of the features, for a model that eats them.
    """

    model: str
    origin: str
    context: Context
    inputs: Mapping[str, Path]
    labels: Mapping[str, np.ndarray]
    columns: tuple[str, ...] = ()


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
        try:
            note = NOTE if record.levelno >= logging.WARNING else ""
            self._connection.send(("message", note + _short(record.getMessage())))
        except Exception:  # noqa: BLE001 - logging's convention: a bad line stops nobody
            self.handleError(record)


def main(task: Task, connection: Connection) -> None:
    """Entry point of the child process: run ``task``, send its `Outcome`, wait for the end.

    The executor may ask for an explanation of what was fitted. It ends the process: while it
    lives, everything that it started can be found.
    """
    processes.enter_child(task.context.threads)
    log, messages = logging.getLogger("models"), _Messages(connection)
    log.addHandler(messages)
    log.setLevel(logging.INFO)
    with _captured_output() as output:
        estimator, outcome = attempt(task)
        if outcome.status == "failed" and (printed := output()):
            outcome = replace(outcome, details={**outcome.details, "output": printed})
    log.removeHandler(messages)
    messages.acquire()  # a thread of the model's may be in the middle of a message
    connection.send(("outcome", outcome))
    if connection.recv() == EXPLAIN:
        connection.send(("explanation", _explained(task, estimator, outcome)))
    threading.Event().wait()


def attempt(task: Task) -> tuple[Any, Outcome]:
    """Run ``task`` in this process: the fitted estimator, and what came of it.

    Whatever the model does wrong becomes a status and a reason; there is no estimator then.
    """
    try:
        return _fit_and_ask(task)
    except BaseException as error:  # noqa: BLE001 - the verdict on somebody's model
        return None, _verdict(error)


def _verdict(error: BaseException) -> Outcome:
    """What an exception, the one being handled, says about a trial."""
    if isinstance(error, Unavailable):
        return Outcome("unavailable", _short(error))
    if isinstance(error, MemoryError):
        return Outcome("memory", _short(f"out of memory: {error}"), details=_traceback())
    if isinstance(error, WrongAnswer):
        return Outcome("failed", _short(error))
    if isinstance(error, InputError | ModelError):
        return Outcome("failed", _short(error), details=_traceback())
    reason = _told(error)
    status = "memory" if says_out_of_memory(reason) else "failed"
    # How a training went that broke off: the curve says why.
    return Outcome(
        status, reason, details={**_traceback(), **_said(error, "history", _history, {})}
    )


def _told(error: BaseException) -> str:
    name = type(error).__name__
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - an exception that can't even be shown
        said = ""
    return _short(f"{name}: {said}" if said else name)


def _short(text: object) -> str:
    line = one_line(text)
    return line if len(line) <= _MOST_TEXT else f"{line[: _MOST_TEXT - 4]} ..."


def _fit_and_ask(task: Task) -> tuple[Any, Outcome]:
    import joblib

    plugins.load_origin(task.origin)
    (model,) = select([task.model])
    inputs = {split: _read(path) for split, path in task.inputs.items()}
    classes = np.arange(task.context.n_classes)
    # joblib's default backend would start processes of its own, which can hang in a child.
    threading = joblib.parallel_config(backend="threading", n_jobs=task.context.threads)
    with threading, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = model.build(_context(task, inputs))
        started = time.perf_counter()
        fitted = estimator.fit(inputs["train"], task.labels["train"])
        around_fit = time.perf_counter() - started
        estimator = estimator if fitted is None else fitted
        clock = _said(estimator, "clock_", _clock, {})
        answers, predict_seconds = {}, {}
        for split in inputs:
            if split != "train":
                answers[split], predict_seconds[split] = answer(estimator, inputs[split], classes)
    return estimator, Outcome(
        "ok",
        answers=answers,
        fit_seconds=_fit_seconds(around_fit, clock),
        predict_seconds=predict_seconds,
        peak_memory_mb=_peak_memory_mb(),
        parameter_count=_said(estimator, "n_parameters_", int, None),
        notes=_said(estimator, "notes_", _notes, ()),
        details={
            **_warnings(caught),
            **_said(estimator, "history_", _history, {}),
            **_said(estimator, "precision_", lambda said: {"precision": _short(said)}, {}),
            **({"clock": {"around_fit": around_fit, **clock}} if clock else {}),
        },
    )


def _context(task: Task, inputs: Mapping[str, np.ndarray]) -> Context:
    if "val" not in inputs:
        return task.context
    return replace(task.context, validation=(inputs["val"], task.labels["val"]))


def _clock(said: Any) -> dict[str, float]:
    """Seconds of ``fit`` that were no fitting, and of fitting in a process before this one."""
    return {name: max(0.0, float(said[name])) for name in ("aside_seconds", "earlier_seconds")}


def _fit_seconds(around_fit: float, clock: Mapping[str, float]) -> float:
    """The clock around ``fit``, less what was aside of it, and what came before a kill."""
    aside = min(clock.get("aside_seconds", 0.0), around_fit)
    return around_fit - aside + clock.get("earlier_seconds", 0.0)


def _explained(task: Task, estimator: Any, outcome: Outcome) -> dict[str, Any]:
    inputs = {split: _read(task.inputs[split]) for split in outcome.answers}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return explain(
            estimator, inputs, task.labels, outcome.answers, task.columns, task.context.seed
        )


def _read(path: Path) -> np.ndarray:
    # Copy-on-write: the estimator may write to its inputs, the file and other trials never see it.
    return np.asarray(np.load(path, mmap_mode="c"))


def _said(estimator: Any, attribute: str, convert: Callable[[Any], Any], default: Any) -> Any:
    """What a fitted estimator, or the last step of a pipeline, says of itself.

    The default if it says nothing, or what can't be understood: no trial fails by that.
    """
    from sklearn.pipeline import Pipeline

    speaker = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    try:
        return convert(getattr(speaker, attribute))
    except Exception:  # noqa: BLE001 - properties and conversions of somebody's estimator
        return default


def _notes(said: Any) -> tuple[str, ...]:
    return tuple(_short(note) for note in ([said] if isinstance(said, str) else said))


def _history(said: Any) -> dict[str, Any]:
    # Plain JSON only: the parent must not need a plugin's classes to read it.
    return {"history": json.loads(json.dumps(said, default=str))} if said else {}


def _warnings(caught: list[warnings.WarningMessage]) -> dict[str, Any]:
    texts = dict.fromkeys(_short(f"{w.category.__name__}: {w.message}") for w in caught)
    return {"warnings": list(texts)[:_MOST_WARNINGS]} if texts else {}


def _traceback() -> dict[str, Any]:
    return {"traceback": traceback.format_exc()[-_MOST_OUTPUT:]}


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
    with tempfile.TemporaryFile("ab+") as file:
        _flush()
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)

        def tail() -> str:
            _flush()
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_OUTPUT))
            return file.read(_MOST_OUTPUT).decode(errors="replace")

        yield tail


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):  # none, or closed
            stream.flush()
