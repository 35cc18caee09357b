"""The process's heap: freed blocks kept for the next step.

glibc asks the system for each block of more than 32 MB, and gives it back when it is freed. A
batch's maps are such blocks, asked for again in each layer of each step, and the system fills every
one with zeros, page by page. Kept, the heap is larger by what its holes waste, and stops growing
after a few steps.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager

# glibc's <malloc.h>; mallopt(3) has their meaning and defaults.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_MMAP_MAX = -4
_NEVER = 2**31 - 1
_USUAL = {
    _M_TRIM_THRESHOLD: 128 * 2**10,
    _M_MMAP_THRESHOLD: 32 * 2**20,  # no default: where glibc's own goes once blocks are large
    _M_MMAP_MAX: 65_536,
}


@contextmanager
def kept_heap() -> Iterator[None]:
    """Keep what is freed in the block, for the whole process; at its end give it all back.

    Does nothing where the C library is not glibc.
    """
    if platform.libc_ver()[0] != "glibc":
        yield
        return
    glibc = ctypes.CDLL(None)
    glibc.mallopt(_M_MMAP_MAX, 0)
    glibc.mallopt(_M_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        for option, value in _USUAL.items():
            glibc.mallopt(option, value)
        glibc.malloc_trim(0)
