"""Executor: runs tasks in child processes of their own and watches over time and memory."""

from __future__ import annotations

import contextlib
import multiprocessing.connection
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmark.errors import InputError
from benchmark.processes import STOPS, Child
from benchmark.trials.child import run_task
from benchmark.trials.task import EXPLAIN, OURS, Outcome, Task

_WATCH_SECONDS = 0.05
_MOST_MESSAGES = 100  # taken from one child before the others have their turn
_EXPLANATION_SECONDS = 20.0  # how long a child that has answered may take to explain itself
_MOST_TRIES = 10  # of a task that something else than its model breaks off
# What kills a process from outside: a system without memory, a cluster, a person. A model may do
# that to itself too, so that it counts as nobody's doing once.
_FROM_OUTSIDE = (signal.SIGKILL, *STOPS)
_KILLED = "killed"  # the status of an outcome until it is clear whose doing it was


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


@dataclass(eq=False)
class _Running:
    index: int
    child: Child
    watched: float = 0.0
    outcome: Outcome | None = None  # its answer, while it explains itself
    answered: float = 0.0


def execute(
    tasks: Sequence[Task],
    jobs: int,
    limits: Limits,
    on_start: Callable[[int], None],
    on_message: Callable[[int, str], None],
    should_explain: Callable[[int, Outcome], bool] = lambda index, outcome: False,
    on_again: Callable[[int, str], None] = lambda index, reason: None,
) -> Iterator[tuple[int, Outcome, float]]:
    """Run tasks in order, some at a time.

    Parameters
    ----------
    tasks : what to run.
    jobs : how many at a time, at most.
    limits : of each.
    on_start : called with the index of a task that begins.
    on_message : called with the index of a running task and what it says.
    should_explain : says of a task's outcome that is ok whether its model is to explain itself.
        Whatever becomes of that, the outcome stands.
    on_again : called with the index of a task that is run again, and why: because of a fault of
        ours, or since its process was killed from outside, which is forgiven once.

    Yields
    ------
    Index of a task, its outcome, and the seconds it took, as they end. Closing the iterator, or an
    exception in its consumer, kills what is running.

    Raises
    ------
    InputError
        If a task can't be run for a reason that has nothing to do with its model.
    """
    waiting = list(range(len(tasks)))[::-1]
    running: list[_Running] = []
    tries: Counter[int] = Counter()
    killed: set[int] = set()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                index = waiting.pop()
                task = tasks[index]
                running.append(_Running(index, Child(run_task, (task,), task.model)))
                on_start(index)
            ends = [end for each in running for end in each.child.ends]
            multiprocessing.connection.wait(ends, timeout=_WATCH_SECONDS)
            for each in list(running):
                outcome = _listen(each, on_message, should_explain) or _watch(each, limits)
                if outcome is None:
                    continue
                running.remove(each)
                each.child.kill()
                outcome = each.outcome or outcome
                if outcome.status == OURS or (
                    outcome.status == _KILLED and each.index not in killed
                ):
                    tries[each.index] += 1
                    _check_tries(tries[each.index], tasks[each.index], outcome)
                    if outcome.status == _KILLED:
                        killed.add(each.index)
                    on_again(each.index, outcome.reason)
                    waiting.append(each.index)
                    continue
                if outcome.status == _KILLED:
                    outcome = replace(outcome, status="failed")
                seconds = (each.answered or time.monotonic()) - each.child.started
                yield each.index, outcome, seconds
    finally:
        for each in running:
            each.child.kill()


def _listen(
    running: _Running,
    on_message: Callable[[int, str], None],
    should_explain: Callable[[int, Outcome], bool],
) -> Outcome | None:
    """Take in what the child has sent; its outcome if that is among it, or if it died."""
    alive = running.child.is_alive  # asked first, so that its last words are still heard
    connection = running.child.connection
    for _ in range(_MOST_MESSAGES):
        try:
            if not connection.poll():
                return None if alive else _post_mortem(running.child)
            kind, content = connection.recv()
        except (EOFError, OSError):
            return _post_mortem(running.child)
        except Exception as error:  # noqa: BLE001 - whatever a model may have written there
            return Outcome("failed", f"wrote into the runner's channel ({type(error).__name__})")
        if kind == "outcome":
            if not (content.status == "ok" and should_explain(running.index, content)):
                return content
            running.outcome, running.answered = content, time.monotonic()
            with contextlib.suppress(OSError):  # it is gone already; the next look will tell
                connection.send(EXPLAIN)
            return None
        if kind == "explanation" and running.outcome is not None:
            details = {**running.outcome.details, "explanation": content}
            running.outcome = replace(running.outcome, details=details)
            return running.outcome
        on_message(running.index, content)
    return None


def _check_tries(tries: int, task: Task, outcome: Outcome) -> None:
    if tries == _MOST_TRIES:
        raise InputError(f"{task.model} can't be run, which is not its fault: {outcome.reason}")


def _post_mortem(child: Child) -> Outcome:
    """The verdict on a process that ended without an answer."""
    code = child.exit_code()
    if child.is_orphan:
        return Outcome(OURS, "the process that starts trials is gone")
    if code is None:
        return Outcome("failed", "closed its channel without an answer and did not end")
    if code >= 0:
        return Outcome("failed", f"ended its process with exit code {code} and without an answer")
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown signal"
    hint = "; the system may have run out of memory" if -code == signal.SIGKILL else ""
    status = _KILLED if -code in _FROM_OUTSIDE else "failed"
    return Outcome(status, f"its process was killed by signal {-code} ({name}){hint}")


def _watch(running: _Running, limits: Limits) -> Outcome | None:
    """A verdict if the child has outrun its time or outgrown its memory."""
    now = time.monotonic()
    if running.outcome is not None:
        if now - running.answered > _EXPLANATION_SECONDS:
            return running.outcome
    elif limits.seconds is not None and now - running.child.started > limits.seconds:
        return Outcome("timeout", f"killed after {limits.seconds:g} s (--timeout)")
    if now - running.watched < _WATCH_SECONDS:
        return None
    running.watched = now
    used = running.child.resident_bytes()
    if used > limits.memory_gb * 1e9:
        return Outcome(
            "memory",
            f"killed at {used / 1e9:.2f} GB of memory, the limit is "
            f"{limits.memory_gb:.2f} GB (--memory-limit)",
            peak_memory_mb=used / 1e6,
        )
    return None
