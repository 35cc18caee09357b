"""What a kernel is: a function compiled once for one signature and kept on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba import types
from numba.core import event

# A picture is read-only; numba passes a writable array for a read-only one, never the reverse.
IMAGE = types.Array(types.uint8, 2, "C", readonly=True)
LINE = types.Array(types.float64, 1, "C", readonly=True)

Function = Callable[..., Any]


def kernel(*arguments: types.Type) -> Callable[[Function], Function]:
    """Compile the decorated function for ``arguments``, or load it from disk, when it is defined.

    Division by zero gives what NumPy gives, and costs no test in the loop. There is no fastmath:
    sums keep the order in which they are written. Where numba finds no folder to write to, the
    function is compiled in every process.
    """

    def compiled(function: Function) -> Function:
        try:
            made: Function = numba.njit(arguments, cache=True, error_model="numpy")(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            made = numba.njit(arguments, error_model="numpy")(function)
        return made

    return compiled


# A step of a kernel in the same file: it becomes a part of whatever calls it.
step = numba.njit(error_model="numpy")


class _FirstCompilation(event.Listener):
    def __init__(self, announce: Callable[[], None]) -> None:
        self.announce = announce
        self.announced = False

    def on_start(self, event: event.Event) -> None:
        if not self.announced:
            self.announced = True
            self.announce()

    def on_end(self, event: event.Event) -> None:
        pass


@contextlib.contextmanager
def announced(announce: Callable[[], None]) -> Iterator[None]:
    """Call ``announce`` before the first kernel that is not on disk is compiled."""
    with event.install_listener("numba:compile", _FirstCompilation(announce)):
        yield
