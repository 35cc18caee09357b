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

# A library's declarations live as long as the object does.
_declared: list[torch.library.Library] = []


def import_torchvision() -> ModuleType:
    """The package torchvision, its missing operators declared where that is the cure.

    Any other `RuntimeError` of its import is raised, and `ImportError` if it is not installed.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error) or "does not exist" not in str(error):
            raise
    # A failed import removes the package but leaves the submodules that had already loaded.
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.append(library)
    return importlib.import_module("torchvision")
