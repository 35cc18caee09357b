"""Checks of what the user gave, before anything is read or written.

Each raises `InputError` for what makes no sense, in one line.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.errors import InputError
from models import Model, registered, select

_DEVICES = ("auto", "cpu", "cuda")
_PRECISIONS = ("auto", "float32")
_LARGEST_IMAGE = 1024


def check_numbers(
    counts: Mapping[str, int | None], amounts: Mapping[str, float | None], seed: int
) -> None:
    """Counts are at least 1, amounts are above 0, the seed fits numpy."""
    for name, count in counts.items():
        if count is not None and count < 1:
            raise InputError(f"--{name} is {count}; it must be at least 1")
    for name, amount in amounts.items():
        if amount is not None and not 0 < amount < float("inf"):
            raise InputError(f"--{name} is {amount:g}; it must be above 0")
    check_seed(seed)


def check_seed(seed: int) -> None:
    """The seed fits numpy."""
    if not 0 <= seed < 2**32:
        raise InputError(f"--seed is {seed}; it must be from 0 to {2**32 - 1}")


def check_image_size(side: int | None) -> None:
    """A batch of such pictures fits into memory."""
    if side is not None and side > _LARGEST_IMAGE:
        raise InputError(f"--image-size is {side}; it must be at most {_LARGEST_IMAGE}")


def check_precision(precision: str) -> None:
    """The precision is one that can be asked for."""
    if precision not in _PRECISIONS:
        raise InputError(f"--precision is {precision!r}; choose one of {', '.join(_PRECISIONS)}")


def chosen_models(patterns: Sequence[str] | None) -> list[Model]:
    """The models that the patterns match, all of them for None."""
    if patterns is None:
        return registered()
    if not patterns:
        raise InputError("no model is chosen; name at least one, or leave --models out for all")
    return select(patterns)


def chosen_device(device: str, needed: bool) -> str:
    """``cpu`` or ``cuda``, whichever ``device`` comes to here.

    Torch is asked only if a device is ``needed`` or one was asked for, and may be there.
    """
    if device not in _DEVICES:
        raise InputError(f"--device is {device!r}; choose one of {', '.join(_DEVICES)}")
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
    """The folder's absolute path, empty for None."""
    if folder is None:
        return ""
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        raise InputError(f"--weights-dir {folder} is no folder that exists; check the path")
    return str(path)


def check_out(out: str | Path, option: str = "--out") -> None:
    """The folder is one, or can be made. Makes nothing."""
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


def check_file(path: Path, *suffixes: str) -> None:
    """A file of one of the kinds can be written there. Writes nothing."""
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{path} must end in {' or '.join(suffixes)}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(f"{path} can't be written; give a file in a folder that exists")
