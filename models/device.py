"""The device: what it computes in natively, its threads and random state, and its memory's end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

# How torch's allocators say on a processor that there is no more; CUDA's has a class of its own.
_OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")


def native_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the device's own arithmetic has it, else float32."""
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory has run out, on whatever device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in said for words in _OUT_OF_MEMORY)


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
def isolated(device: torch.device, threads: int, seed: int) -> Iterator[None]:
    """Compute with these threads and a seeded, deterministic torch; then put all of it back."""
    before = torch.get_num_threads()
    on_gpu = device.type == "cuda"
    torch.set_num_threads(threads)
    try:
        with (
            torch.random.fork_rng(devices=[device] if on_gpu else []),
            torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True),
        ):
            torch.default_generator.manual_seed(seed)
            if on_gpu:
                torch.cuda.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)
