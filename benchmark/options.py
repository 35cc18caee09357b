"""Options: checks of what the user gave, before anything is read or written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import InputError

if TYPE_CHECKING:
    from models import Model

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("auto", "float32")
LARGEST_IMAGE = 1024


def check_numbers(
    counts: Mapping[str, int | None], amounts: Mapping[str, float | None], seed: int
) -> None:
    """Counts are at least 1, amounts are above 0, the seed fits numpy. Raises `InputError`."""
    for name, count in counts.items():
        if count is not None and count < 1:
            raise InputError(f"--{name} is {count}; it must be at least 1")
    for name, amount in amounts.items():
        if amount is not None and not 0 < amount < float("inf"):
            raise InputError(f"--{name} is {amount:g}; it must be above 0")
    check_seed(seed)


def check_seed(seed: int) -> None:
    """The seed fits numpy. Raises `InputError`."""
    if not 0 <= seed < 2**32:
        raise InputError(f"--seed is {seed}; it must be from 0 to {2**32 - 1}")


def check_image_size(side: int | None) -> None:
    """A portion of such pictures fits into memory. Raises `InputError`."""
    if side is not None and side > LARGEST_IMAGE:
        raise InputError(f"--image-size is {side}; it must be at most {LARGEST_IMAGE}")


def check_precision(precision: str) -> None:
    """The precision is one that can be asked for. Raises `InputError`."""
    if precision not in PRECISIONS:
        raise InputError(f"--precision is {precision!r}; choose one of {', '.join(PRECISIONS)}")


def chosen_models(patterns: Sequence[str] | None) -> list[Model]:
    """The models that the patterns match, all of them for None. Raises on an unknown one."""
    from models import registered, select

    if patterns is None:
        return registered()
    if not patterns:
        raise InputError("no model is chosen; name at least one, or leave --models out for all")
    return select(patterns)


def chosen_device(device: str, needed: bool) -> str:
    """``cpu`` or ``cuda``, whichever ``device`` comes to here. Raises `InputError`.

    Torch is asked only if a device is ``needed`` or one was asked for, and may be there.
    """
    if device not in DEVICES:
        raise InputError(f"--device is {device!r}; choose one of {', '.join(DEVICES)}")
    if device == "cpu" or (device == "auto" and not (needed and _may_have_cuda())):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise InputError(
            "--device is cuda, but PyTorch finds no CUDA device here; use --device cpu or auto"
        )
    return "cpu"


def _may_have_cuda() -> bool:
    """Whether it is worth the seconds that importing torch takes to ask it."""
    return shutil.which("nvidia-smi") is not None or Path("/dev/nvidiactl").exists()


def folder_of_weights(folder: str | Path | None) -> str:
    """The folder's absolute path, empty for None. Raises `InputError` if it is none."""
    if folder is None:
        return ""
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        raise InputError(f"--weights-dir {folder} is no folder that exists; check the path")
    return str(path)


def check_out(out: str | Path, option: str = "--out") -> None:
    """The folder is one, or can be made. Raises `InputError`; makes nothing."""
    folder = Path(out).absolute()
    for place in (folder, *folder.parents):
        try:
            is_there = place.exists() or place.is_symlink()
        except OSError as error:  # a name that is too long
            raise InputError(f"{option} {out}: {error.strerror}; choose another folder") from error
        if is_there:
            if not place.is_dir():
                raise InputError(f"{option} {out}: {place} is a file; choose a folder")
            if not os.access(place, os.W_OK):
                raise InputError(
                    f"{option} {out}: {place} can't be written to; choose another folder"
                )
            return
