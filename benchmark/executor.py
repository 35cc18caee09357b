"""Executor: runs tasks in child processes of their own and watches over time and memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import psutil

from benchmark import processes
from benchmark.trial import EXPLAIN, Outcome, Task, main

_WATCH_SECONDS = 0.05
_MOST_MESSAGES = 100  # taken from one child before the others have their turn
_EXPLANATION_SECONDS = 20.0  # how long a child that has answered may take to explain itself
_FAREWELL_SECONDS = 5.0  # how long a child that has answered may take to end


@dataclass(frozen=True)
class Limits:
    """What one trial may use.

    Attributes
    ----------
    seconds : wall-clock seconds from its process's start, None for no limit.
    memory_gb : resident memory of its process and all children of that, in GB (10^9 bytes).
    """

    seconds: float | None
    memory_gb: float


@dataclass
class _Running:
    index: int
    process: multiprocessing.process.BaseProcess
    connection: multiprocessing.connection.Connection
    started: float
    watched: float = 0.0
    family: set[psutil.Process] = field(default_factory=set)  # whatever was ever seen of it
    outcome: Outcome | None = None  # its answer, while it explains itself
    answered: float = 0.0


def execute(
    tasks: Sequence[Task],
    jobs: int,
    limits: Limits,
    on_start: Callable[[int], None],
    on_message: Callable[[int, str], None],
    curious: Callable[[int, Outcome], bool] = lambda index, outcome: False,
) -> Iterator[tuple[int, Outcome, float]]:
    """Run ``tasks`` in order, at most ``jobs`` at a time.

    ``curious`` says of an outcome that is ok whether its model is to explain itself. Whatever
    becomes of that, the outcome stands.

    Yields (index of the task, its outcome, seconds it took) as they end. Closing the iterator, or
    an exception in its consumer, kills what is running.
    """
    waiting = list(range(len(tasks)))[::-1]
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                index = waiting.pop()
                running.append(_start(index, tasks[index]))
                on_start(index)
            multiprocessing.connection.wait(
                [end for child in running for end in (child.connection, child.process.sentinel)],
                timeout=_WATCH_SECONDS,
            )
            for child in list(running):
                outcome = _listen(child, on_message, curious) or _watch(child, limits)
                if outcome is not None:
                    running.remove(child)
                    _end(child)
                    seconds = (child.answered or time.monotonic()) - child.started
                    yield child.index, child.outcome or outcome, seconds
    finally:
        for child in running:
            _end(child)


def _start(index: int, task: Task) -> _Running:
    parent_end, child_end = processes.context().Pipe()
    # Not a daemon: a model may start processes of its own; _end kills those too.
    process = processes.context().Process(target=main, args=(task, child_end), name=task.model)
    with processes.starting():
        process.start()
    child_end.close()  # now the child's death shows as the end of what can be read
    return _Running(index, process, parent_end, time.monotonic())


def _listen(
    child: _Running,
    on_message: Callable[[int, str], None],
    curious: Callable[[int, Outcome], bool],
) -> Outcome | None:
    """Take in what the child has sent; its outcome if that is among it, or if it died."""
    alive = child.process.is_alive()  # asked first, so that its last words are still heard
    for _ in range(_MOST_MESSAGES):
        try:
            if not child.connection.poll():
                return None if alive else _post_mortem(child)
            kind, content = child.connection.recv()
        except (EOFError, OSError):
            return _post_mortem(child)
        except Exception as error:  # noqa: BLE001 - whatever a model may have written there
            return Outcome("failed", f"wrote into the runner's channel ({type(error).__name__})")
        if kind == "outcome":
            if not (content.status == "ok" and curious(child.index, content)):
                return content
            child.outcome, child.answered = content, time.monotonic()
            with contextlib.suppress(OSError):  # it is gone already; the next look will tell
                child.connection.send(EXPLAIN)
            return None
        if kind == "explanation" and child.outcome is not None:
            details = {**child.outcome.details, "explanation": content}
            child.outcome = replace(child.outcome, details=details)
            return child.outcome
        on_message(child.index, content)
    return None


def _post_mortem(child: _Running) -> Outcome:
    """The verdict on a process that ended without an answer."""
    child.process.join(_FAREWELL_SECONDS)
    code = child.process.exitcode
    if code is None:
        return Outcome("failed", "closed its channel without an answer and did not end")
    if code >= 0:
        return Outcome("failed", f"ended its process with exit code {code} and without an answer")
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown signal"
    hint = "; the system may have run out of memory" if -code == signal.SIGKILL else ""
    return Outcome("failed", f"its process was killed by signal {-code} ({name}){hint}")


def _watch(child: _Running, limits: Limits) -> Outcome | None:
    """A verdict if the child has outrun its time or outgrown its memory."""
    now = time.monotonic()
    if child.outcome is not None:
        if now - child.answered > _EXPLANATION_SECONDS:
            return child.outcome
    elif limits.seconds is not None and now - child.started > limits.seconds:
        return Outcome("timeout", f"killed after {limits.seconds:g} s (--timeout)")
    if now - child.watched < _WATCH_SECONDS:
        return None
    child.watched = now
    used = _resident_bytes(_family(child))
    if used > limits.memory_gb * 1e9:
        return Outcome(
            "memory",
            f"killed at {used / 1e9:.2f} GB of memory, the limit is "
            f"{limits.memory_gb:.2f} GB (--memory-limit)",
            peak_memory_mb=used / 1e6,
        )
    return None


def _family(child: _Running) -> set[psutil.Process]:
    """The child and everything that it started, orphans that were seen before included."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(child.process.pid)
        child.family |= {process, *process.children(recursive=True)}
    return child.family


def _resident_bytes(family: set[psutil.Process]) -> int:
    total = 0
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += process.memory_info().rss
    return total


def _end(child: _Running) -> None:
    """Make sure that nothing of the child is left; SIGKILL can't be ignored."""
    for process in _family(child):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.kill()
    if hasattr(os, "killpg") and child.process.pid is not None:
        # Its process group outlives it if it left processes behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
    child.process.join(_FAREWELL_SECONDS)
    child.connection.close()
