"""The device: what it computes in natively, its threads and its random state."""

from __future__ import annotations

import ctypes
import os
import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

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


def native_precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the device's own arithmetic has it, else float32."""
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def synchronise(device: torch.device) -> None:
    """Wait until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """torch's own random state, for `set_random_state`."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def set_random_state(state: dict[str, torch.Tensor], device: torch.device) -> None:
    """Go on from what `random_state` gave on a device of the same type."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], device)


@contextmanager
def isolated(device: torch.device, threads: int, seed: int) -> Iterator[list[str]]:
    """Compute with these threads and a seeded, deterministic torch; then put all of it back.

    float32 means float32: on a GPU, too, no product is rounded to TF32. What is yielded are
    sentences on what could not be deterministic, all there when the block has ended.
    """
    before = torch.get_num_threads()
    on_gpu = device.type == "cuda"
    notes: list[str] = []
    torch.set_num_threads(threads)
    try:
        with (
            torch.random.fork_rng(devices=[device] if on_gpu else []),
            torch.backends.cudnn.flags(
                enabled=True, benchmark=False, deterministic=True, allow_tf32=False
            ),
            _deterministic(notes) if on_gpu else _kept_heap(),
        ):
            torch.default_generator.manual_seed(seed)
            if on_gpu:
                torch.cuda.manual_seed(seed)
            yield notes
    finally:
        torch.set_num_threads(before)


@contextmanager
def _deterministic(notes: list[str]) -> Iterator[None]:
    """Compute deterministically wherever torch can on a GPU, with a sentence where not."""
    # cuBLAS reads it when a process first uses it.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    memory: Any = torch.utils.deterministic
    filled = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    memory.fill_uninitialized_memory = False  # nothing here reads such memory
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        memory.fill_uninitialized_memory = filled
    for warning in caught:
        message = str(warning.message)
        if "deterministic" in message:
            notes.append(f"another fit may differ: {message.split(', but')[0].split('. ')[0]}")
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


@contextmanager
def _kept_heap() -> Iterator[None]:
    """Where there is glibc, keep what is freed in the block, and give it back at its end."""
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
