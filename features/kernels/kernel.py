"""What a kernel is: a function compiled once for one signature and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba import types

# A picture is read-only; numba passes a writable array for a read-only one, never the reverse.
IMAGE = types.Array(types.uint8, 2, "C", readonly=True)
LINE = types.Array(types.float64, 1, "C", readonly=True)

Function = Callable[..., Any]

# Division by zero gives what NumPy gives, and costs no test in the loop. There is no fastmath:
# sums keep the order in which they are written.
_OPTIONS = {"error_model": "numpy"}


def kernel(*arguments: types.Type) -> Callable[[Function], Function]:
    """Compile the decorated function for ``arguments``, or load it from disk, when it is defined.

    Where numba finds no folder to write to it is compiled in every process.
    """

    def compiled(function: Function) -> Function:
        try:
            made: Function = numba.njit(arguments, cache=True, **_OPTIONS)(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            made = numba.njit(arguments, **_OPTIONS)(function)
        return made

    return compiled


# A step of a kernel in the same file: it becomes a part of whatever calls it.
step = numba.njit(**_OPTIONS)
