"""Child processes: from a warm forkserver where there is one, freshly spawned elsewhere."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import multiprocessing.context
import multiprocessing.process
import os
import signal
import sys
import threading
import types
from collections.abc import Iterator
from multiprocessing import resource_tracker

# What a classical trial needs, imported once by the forkserver. Torch is left to the deep trials,
# which have seconds to spare: forked into every child, it would count as memory of each.
LIBRARIES = (
    "benchmark.trial",
    "models.discriminant",
    "models.propagation",
    "sklearn.calibration",
    "sklearn.dummy",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.naive_bayes",
    "sklearn.neighbors",
    "sklearn.pipeline",
    "sklearn.semi_supervised",
    "sklearn.svm",
    "sklearn.tree",
    "xgboost",
    "lightgbm",
)

_main_lock = threading.Lock()


@functools.cache
def context() -> multiprocessing.context.SpawnContext | multiprocessing.context.ForkServerContext:
    """The start method: forkserver on Linux, spawn on macOS and Windows.

    A fork of the parent itself would copy its threads' locks; macOS has a forkserver, but forking
    after its system libraries have started threads crashes there.
    """
    if sys.platform.startswith("linux"):
        warm = multiprocessing.get_context("forkserver")
        warm.set_forkserver_preload(list(LIBRARIES))
        return warm
    return multiprocessing.get_context("spawn")


def warm_up() -> None:
    """Start the forkserver, which imports `LIBRARIES` while this process does something else.

    No effect if it runs already, or where there is none.
    """
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with starting():
            forkserver.ensure_running()


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """The block in which processes are started: they get neither Ctrl-C nor the main script.

    multiprocessing imports ``__main__`` in every child, so that a script that calls the library
    without an ``if __name__ == "__main__"`` guard would run itself again in each of them. Our
    children need nothing from it.
    """
    with _main_lock, deaf():
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """The block in which Ctrl-C is not heard; it is at the end.

    SIGINT is blocked; what is started meanwhile inherits that, a forkserver with its children.

    A Ctrl-C that another thread takes in the meantime is heard at the end: in the middle of a
    start it would leave a forkserver that complains of half a message.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # started on the way, it would unblock the signal again
    heard: list[int] = []
    in_main = threading.current_thread() is threading.main_thread()
    if in_main:
        handler = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if in_main:
            signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def enter_child(threads: int) -> None:
    """Set up a new child: ``threads`` threads, deaf to Ctrl-C, gone when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and decides
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
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
