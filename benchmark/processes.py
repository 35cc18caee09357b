"""Child processes: from a warm forkserver where there is one, freshly spawned elsewhere."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import multiprocessing.context
import os
import signal
import sys
import threading
import types
from collections.abc import Iterator, Sequence

# What every classical trial and every feature worker needs; imported once by the forkserver.
CLASSICAL_LIBRARIES = (
    "benchmark.trial",
    "models.discriminant",
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
DEEP_LIBRARIES = ("models.training", "models.networks")

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


def preload(modules: Sequence[str]) -> None:
    """Have the forkserver import ``modules`` before the first child; no effect once it runs."""
    if context().get_start_method() == "forkserver":
        context().set_forkserver_preload(list(modules))


@contextlib.contextmanager
def hidden_main() -> Iterator[None]:
    """Start processes in this block without having them import the user's main script again.

    multiprocessing imports ``__main__`` in every child, so that a script that calls the library
    without an ``if __name__ == "__main__"`` guard would run itself again in each of them. Our
    children need nothing from it.
    """
    with _main_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def enter_child(threads: int) -> None:
    """Set up a new child: ``threads`` threads, deaf to Ctrl-C, gone when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and decides
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, so that what it starts can be killed with it
    threading.Thread(target=_follow_parent, daemon=True).start()
    limit_threads(threads)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
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
