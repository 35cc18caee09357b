"""One trial, inside a process of its own: build, fit on train, ask about every other split."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

import numpy as np

from benchmark import plugins, processes
from benchmark.errors import InputError, broken_library, one_line
from benchmark.processes import NOTE
from benchmark.trials.task import EXPLAIN, OURS, Outcome, Task
from models import (
    Context,
    Estimator,
    ModelError,
    SelfReport,
    Unavailable,
    WrongAnswer,
    ask,
    explain,
    says_out_of_memory,
    select,
)

_MOST_WARNINGS = 5
_MOST_OUTPUT = 4000  # characters of what a failed trial printed that its record keeps
_MOST_KEPT = 10**6  # bytes of it that are kept while the model may go on printing
_SHORTEN_SECONDS = 0.5  # how often it is shortened to that
_MOST_TEXT = 500  # characters of a reason or a message


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


def run_task(task: Task, connection: Connection) -> None:
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


def attempt(task: Task) -> tuple[Estimator | None, Outcome]:
    """Run ``task`` in this process: the fitted estimator, and what came of it.

    Whatever the model does wrong becomes a status and a reason; there is no estimator then.
    """
    try:
        return _fit_and_ask(task)
    except BaseException as error:  # noqa: BLE001 - the verdict on somebody's model
        return None, _verdict(error, task)


def _verdict(error: BaseException, task: Task) -> Outcome:
    """What an exception, the one being handled, says about a trial."""
    if isinstance(error, _InputsGone):
        return Outcome(OURS, _short(error))
    if isinstance(error, Unavailable):
        return Outcome("unavailable", _short(error))
    if isinstance(error, MemoryError):
        return Outcome("memory", _short(f"out of memory: {error}"), details=_traceback())
    if isinstance(error, WrongAnswer):
        return Outcome("failed", _short(error))
    if isinstance(error, InputError | ModelError):
        return Outcome("failed", _short(error), details=_traceback())
    reason = _reason(error)
    status = "memory" if says_out_of_memory(reason) else "failed"
    library = broken_library(error)
    if status == "failed" and library and task.origin == "built in":
        reason = _short(f"{library} can't be imported ({reason}); mend or reinstall it")
        return Outcome("unavailable", reason, details=_traceback())
    history = SelfReport.of(error).history  # of a training that broke off: the curve says why
    return Outcome(
        status, reason, details={**_traceback(), **({"history": history} if history else {})}
    )


def _reason(error: BaseException) -> str:
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - an exception that can't even be shown
        message = ""
    return _short(f"{name}: {message}" if message else name)


def _short(text: object) -> str:
    line = one_line(text)
    return line if len(line) <= _MOST_TEXT else f"{line[: _MOST_TEXT - 4]} ..."


def _fit_and_ask(task: Task) -> tuple[Estimator, Outcome]:
    import joblib

    plugins.load_origin(task.origin)
    (model,) = select([task.model])
    inputs = {split: _read(path, len(task.labels[split])) for split, path in task.inputs.items()}
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
        said = ask(estimator, {s: inputs[s] for s in inputs if s != "train"}, classes)
    about = SelfReport.of(estimator)  # after its answers: `predict` may have something to note
    return estimator, Outcome(
        "ok",
        answers=said.splits,
        fit_seconds=_fit_seconds(around_fit, about.clock),
        predict_seconds=said.predict_seconds,
        peak_memory_mb=_peak_memory_mb(),
        parameter_count=about.parameter_count,
        notes=tuple(map(_short, (*about.notes, *said.notes))),
        details={
            **_warnings(caught),
            **({"history": about.history} if about.history else {}),
            **({"precision": _short(about.precision)} if about.precision else {}),
            **({"clock": {"around_fit": around_fit, **about.clock}} if about.clock else {}),
        },
    )


def _context(task: Task, inputs: Mapping[str, np.ndarray]) -> Context:
    if "val" not in inputs:
        return task.context
    return replace(task.context, validation=(inputs["val"], task.labels["val"]))


def _fit_seconds(around_fit: float, clock: Mapping[str, float]) -> float:
    """The clock around ``fit``, less what was aside of it, and what came before a kill."""
    aside = min(clock.get("aside_seconds", 0.0), around_fit)
    return around_fit - aside + clock.get("earlier_seconds", 0.0)


def _explained(task: Task, estimator: Any, outcome: Outcome) -> dict[str, Any]:
    inputs = {
        split: _read(task.inputs[split], len(task.labels[split])) for split in outcome.answers
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return explain(
            estimator, inputs, task.labels, outcome.answers, task.columns, task.context.seed
        )


class _InputsGone(Exception):
    """The files of what the model is to be given are not what they were."""


def _read(path: Path, length: int) -> np.ndarray:
    """The inputs of a split.

    Raises
    ------
    _InputsGone
        If the file is gone or damaged: somebody may have emptied the cache.
    """
    try:
        # Copy-on-write: the estimator may write to its inputs, the file and others never see it.
        inputs = np.asarray(np.load(path, mmap_mode="c"))
    except (OSError, ValueError, EOFError) as error:
        raise _InputsGone(f"{path} can't be read any more: {one_line(error)}") from error
    if len(inputs) != length:
        raise _InputsGone(f"{path} has {len(inputs)} rows, not {length} any more")
    return inputs


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
    with _nameless() as file:
        _flush()
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)

        done, one_at_a_time = threading.Event(), threading.Lock()

        def tail() -> bytes:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_OUTPUT))
            return file.read(_MOST_OUTPUT)

        def shorten() -> None:
            while not done.wait(_SHORTEN_SECONDS):
                with one_at_a_time:
                    if os.fstat(file.fileno()).st_size > _MOST_KEPT:
                        last = tail()
                        file.truncate(0)
                        file.write(last)

        def read() -> str:
            _flush()
            with one_at_a_time:
                return tail().decode(errors="replace")

        thread = threading.Thread(target=shorten, daemon=True)
        thread.start()
        yield read
        done.set()
        thread.join()


def _nameless() -> IO[bytes]:
    """A file that is appended to, in memory where there is such: a disk may be full."""
    if hasattr(os, "memfd_create"):
        import fcntl

        descriptor = os.memfd_create("output")
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
        return os.fdopen(descriptor, "ab+", buffering=0)
    return tempfile.TemporaryFile("ab+", buffering=0)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):  # none, or closed
            stream.flush()
