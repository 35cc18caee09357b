"""torchvision, imported even where its compiled half does not fit torch.

PyPI's torchvision wheel is compiled for CUDA. Beside a processor-only torch its extension cannot
be loaded, and ``import torchvision`` ends with "operator torchvision::nms does not exist",
because it describes two operators that only the extension declares. The ResNets need none of
them: declaring their signatures, without an implementation, is enough to import the rest.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import torch

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_OPERATORS = ("nms", "qnms")

# A library's declarations live as long as the object does.
_declared: list[torch.library.Library] = []


def import_torchvision() -> ModuleType:
    """Return the package torchvision, declaring its missing operators where that is the cure.

    Raises
    ------
    ImportError
        If torchvision is not installed.
    RuntimeError
        If it fails for any other reason than the missing operators.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error) or "does not exist" not in str(error):
            raise
    _forget_partial_import()
    _declare_operators()
    return importlib.import_module("torchvision")


def _forget_partial_import() -> None:
    # A failed import removes the package but leaves the submodules that had already loaded.
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]


def _declare_operators() -> None:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in _OPERATORS:
        library.define(name + _SIGNATURE)
    _declared.append(library)
