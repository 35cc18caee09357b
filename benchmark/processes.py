"""Child processes: from a warm forkserver where there is one, freshly spawned elsewhere."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.process
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from typing import Any

import psutil

from benchmark.errors import InputError
from benchmark.scratch import temporary_files_in_scratch

# What a message of a running child begins with if it is not to be missed.
NOTE = "note: "
_FAREWELL_SECONDS = 5.0  # in which a child that is told to end, or was killed, must be gone
_UNKNOWN_END = 255  # multiprocessing's exit code of a process whose forkserver is gone
_GOING_SECONDS = 1.0  # from when the pipes of a process close to when it counts as ended
_STARTS = 30  # times that a start is tried: the forkserver may die on the way
_DYING_SECONDS = 0.1  # between them: one that is dying still counts as there

# What ends a command, finished work kept: Ctrl-C, the end that a system or a cluster asks for, a
# terminal that goes away (not on Windows).
STOPS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

_main_lock = threading.Lock()


@functools.cache
def context() -> multiprocessing.context.SpawnContext | multiprocessing.context.ForkServerContext:
    """The start method: forkserver on Linux, spawn on macOS and Windows.

    A fork of the parent itself would copy its threads' locks; macOS has a forkserver, but forking
    after its system libraries have started threads crashes there.
    """
    if sys.platform.startswith("linux"):
        return multiprocessing.get_context("forkserver")
    return multiprocessing.get_context("spawn")


def warm_up(modules: Sequence[str]) -> None:
    """Start the forkserver, which imports ``modules`` while this process does something else.

    No effect if it runs already, or where there is none.
    """
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        context().set_forkserver_preload(list(modules))
        with _starting():
            forkserver.ensure_running()


class Child:
    """A process of its own with a pipe to it, and whatever it starts in turn.

    Each child has its own pipe. One that is killed in the middle of a message leaves half of it in
    a pipe that nobody else reads or writes: what two children share could wait for the rest for
    ever.

    Parameters
    ----------
    target : what it runs, with the child's end of the pipe as last argument.
    arguments : the arguments before that.
    name : of the process.

    Attributes
    ----------
    pid : the process's number.
    connection : our end of the pipe; what it can't read any more says that the child is gone.
    started : moment of the start, by `time.monotonic`.
    """

    def __init__(self, target: Callable[..., None], arguments: Sequence[Any], name: str) -> None:
        self.connection, theirs = context().Pipe()
        self._process = _started(target, (*arguments, theirs), name)
        self.pid = self._process.pid
        theirs.close()  # now the child's death shows as the end of what can be read
        self.started = time.monotonic()
        self._family: set[psutil.Process] = set()  # whatever was ever seen of it
        self._starter: psutil.Process | None = None
        with contextlib.suppress(psutil.Error):
            self._starter = psutil.Process(self.pid).parent()

    @property
    def is_alive(self) -> bool:
        """Whether the process itself has not ended."""
        return self._process.is_alive()

    @property
    def is_orphan(self) -> bool:
        """Whether the forkserver that started it is gone, so that nothing is known of its end."""
        if self._starter is None:  # it was gone before it could be asked
            return False
        # What ends closes its pipes, which tell us, some time before it counts as ended.
        until = time.monotonic() + (_GOING_SECONDS if self.exit_code() == _UNKNOWN_END else 0)
        while not _has_ended(self._starter):
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        return True

    @property
    def ends(self) -> list[Any]:
        """What to wait for, with `multiprocessing.connection.wait`: a message, or its death."""
        return [self.connection, self._process.sentinel]

    def exit_code(self) -> int | None:
        """The code that it ended with; below zero the signal that killed it, None if it lives."""
        self._process.join(_FAREWELL_SECONDS)
        return self._process.exitcode

    def resident_bytes(self) -> int:
        """Memory of the process and of all that it started."""
        total = 0
        for process in self._everyone():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                total += process.memory_info().rss
        return total

    def kill(self) -> None:
        """Make sure that nothing of it is left; SIGKILL can't be ignored."""
        for process in self._everyone():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.kill()
        if hasattr(os, "killpg") and self.pid is not None:
            # Its process group outlives it if it left processes behind.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.join(_FAREWELL_SECONDS)
        self.connection.close()

    def _everyone(self) -> set[psutil.Process]:
        """The process and everything that it started, orphans that were seen before included."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            self._family |= {process, *process.children(recursive=True)}
        return self._family


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _started(
    target: Callable[..., None], arguments: Sequence[Any], name: str
) -> multiprocessing.process.BaseProcess:
    for left in reversed(range(_STARTS)):
        # Not a daemon: a model may start processes of its own; `Child.kill` ends those too.
        process = context().Process(target=target, args=arguments, name=name)
        try:
            with _starting():
                process.start()
            return process
        except (EOFError, ConnectionError):  # the forkserver has gone while it was asked
            if not left:
                raise
            time.sleep(_DYING_SECONDS)
    raise AssertionError


def check_may_start() -> None:
    """Processes can be started from here.

    Raises
    ------
    InputError
        In a daemonic process, as a worker of `multiprocessing.Pool` is.
    """
    if multiprocessing.current_process().daemon:
        raise InputError(
            "a daemonic process, as a worker of multiprocessing.Pool is, can't start the processes "
            "that a run needs; call it from the main process, or from a pool of "
            "concurrent.futures"
        )


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """The block in which processes are started: they get neither Ctrl-C nor the main script.

    multiprocessing imports ``__main__`` in every child, so that a script that calls the library
    without an ``if __name__ == "__main__"`` guard would run itself again in each of them. Our
    children need nothing from it.
    """
    with _main_lock, uninterrupted(), temporary_files_in_scratch():
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """The block that Ctrl-C, and what else ends a command, does not interrupt; it is heard then.

    The signals are blocked; what is started meanwhile inherits that, a forkserver with its
    children. One that another thread takes in the meantime is heard at the end too: in the middle
    of a start it would leave a forkserver that complains of half a message.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # started on the way, it would unblock the signal again
    pending: list[int] = []
    in_main = threading.current_thread() is threading.main_thread()
    if in_main:
        handlers = {
            stop: signal.signal(stop, lambda number, frame: pending.append(number))
            for stop in STOPS
        }
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        if in_main:
            for stop, handler in handlers.items():
                signal.signal(stop, handler or signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number in pending[:1]:
            signal.raise_signal(number)


def enter_child(threads: int) -> None:
    """Set up a new child: ``threads`` threads, no Ctrl-C, gone when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and decides
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, so that what it starts can be killed with it
    parent = multiprocessing.parent_process()
    if parent is not None:
        _die_with(parent.sentinel)
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    limit_threads(threads)


def _die_with(sentinel: int) -> None:
    """Have Linux itself kill the group when the parent's end of a pipe closes.

    A thread of Python's can't run while a model sits in C code and holds the interpreter's lock.
    """
    try:
        import fcntl

        fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    except (ImportError, AttributeError):  # not Linux
        return
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, -os.getpgid(0))
    flags = fcntl.fcntl(sentinel, fcntl.F_GETFL)
    fcntl.fcntl(sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def limit_threads(threads: int) -> None:
    """Hold every thread pool of this process, loaded now or later, to ``threads`` threads."""
    import threadpoolctl

    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    threadpoolctl.threadpool_limits(threads)


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
