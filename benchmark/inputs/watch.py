"""Watch: processes at work on pictures, and what each may take for one of them."""

from __future__ import annotations

import contextlib
import signal
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

import psutil

from benchmark import processes

_LOOK_SECONDS = 0.1  # between two looks at the processes
_MEASURE_SECONDS = 0.2  # between two measurements of a process's memory, which take a while
_SHARE = 0.9  # of the memory that is free, if nothing else is said
_LEAST_GB = 1.0  # then: five times what a process takes that has seen no picture yet
_IDLE = -1


@dataclass(frozen=True)
class Workers:
    """Processes that prepare pictures, and what each of them may use.

    Attributes
    ----------
    count : how many at a time.
    seconds : wall-clock time for one picture.
    memory_gb : resident memory of a process, in GB (10^9 bytes); None for a fair share of what is
        free, and 1 GB at least.
    """

    count: int
    seconds: float = 600.0
    memory_gb: float | None = None

    def memory(self) -> float:
        """What a process may use that is started now, in GB."""
        if self.memory_gb is not None:
            return self.memory_gb
        share = psutil.virtual_memory().available * _SHARE / self.count / 1e9
        return max(share, _LEAST_GB)


class Lost(Exception):
    """A process that gives no answer any more; the message says why.

    Attributes
    ----------
    place : of the picture that it was at among those it was given; None if it was at none.
    is_final : whether another process would fare no better.
    """

    def __init__(self, why: str, place: int | None, is_final: bool = False) -> None:
        super().__init__(why)
        self.place = place
        self.is_final = is_final


class Watched:
    """A process that answers questions about pictures, one after another.

    Parameters
    ----------
    target : what it runs, with a value to write down which picture it is at and its end of a pipe
        as last arguments; see `answer_all`.
    arguments : the arguments before these two.
    workers : what it may use.
    """

    def __init__(
        self, target: Callable[..., None], arguments: Sequence[Any], workers: Workers
    ) -> None:
        self._place = processes.context().RawValue("q", _IDLE)
        self._child = processes.Child(target, (*arguments, self._place), "pictures")
        self._seconds, self._memory = workers.seconds, workers.memory()
        self._seen = _IDLE
        self._since = self._measured = time.monotonic()

    def ask(self, question: Any) -> None:
        """Send a question; whether it arrives `answer` will tell."""
        self._seen = _IDLE
        with contextlib.suppress(OSError):  # it is gone
            self._child.connection.send(question)

    def answer(self) -> Any:
        """The answer, if it has come by now; else None. Raises what the process has raised.

        Raises
        ------
        Lost
            If none will come: the process is gone, or has taken more than it may.
        """
        is_alive = self._child.is_alive  # asked first, so that its last words are still heard
        try:
            heard = self._child.connection.recv() if self._child.connection.poll() else None
        except (EOFError, OSError):
            heard, is_alive = None, False
        if heard is not None:
            answer, error, trace = heard
            if error is None:
                return answer
            error.add_note(trace)
            raise error
        if not is_alive:
            raise Lost(self._end(), self._at())
        self._check_use()
        return None

    def kill(self) -> None:
        """Make sure that nothing of it is left."""
        self._child.kill()

    @property
    def ends(self) -> list[Any]:
        """What to wait for: an answer, or its death."""
        return self._child.ends

    def _at(self) -> int | None:
        place = self._place.value
        return None if place == _IDLE else place

    def _end(self) -> str:
        code = self._child.exit_code()
        if code is None or -code == getattr(signal, "SIGKILL", None):
            return "the process that prepared it was killed, most likely for want of memory"
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return f"the process that prepared it {how}"

    def _check_use(self) -> None:
        now, place = time.monotonic(), self._place.value
        if place != self._seen:
            self._seen, self._since = place, now
        if place != _IDLE and now - self._since > self._seconds:
            raise Lost(f"it took longer than {self._seconds:g} s", place, is_final=True)
        if now - self._measured > _MEASURE_SECONDS:
            self._measured = now
            if self._child.resident_bytes() > self._memory * 1e9:
                raise Lost(f"it took more than {self._memory:.2f} GB of memory", self._at())


def wait_for(watched: Collection[Watched]) -> None:
    """Wait until one of them may have something to say, or it is time to look at them."""
    ends = [end for each in watched for end in each.ends]
    wait(ends, timeout=_LOOK_SECONDS)


def answer_all(
    begin: Callable[[], Callable[[Any], Any]], place: Any, connection: Connection
) -> None:
    """In a process of its own: answer every question, until nobody asks any more.

    Parameters
    ----------
    begin : gives the function that answers a question. What either raises is raised where the
        questions come from.
    place : where it writes down which picture it is at.
    connection : to who asks.
    """
    try:
        answer = begin()
        while True:
            made = answer(connection.recv())
            place.value = _IDLE
            connection.send((made, None, ""))
    except EOFError:
        return  # who asks is gone
    except Exception as error:  # noqa: BLE001 - raised again where it can be heard
        connection.send((None, error, traceback.format_exc()))
