"""torchvision, imported even where its compiled half does not fit torch.

PyPI's torchvision wheel is compiled for CUDA. Beside a processor-only torch its extension cannot
be loaded, and ``import torchvision`` ends with "operator torchvision::nms does not exist",
because it describes two operators that only the extension declares. Networks need none of them:
declaring their signatures, without an implementation, is enough to import the rest.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# A library's declarations live as long as the object does.
_declared: list[Any] = []


def import_torchvision() -> ModuleType:
    """The package torchvision, its missing operators declared where that is the cure.

    Any other `RuntimeError` of its import is raised, and `ImportError` if it is not installed.
    """
    mend_torchvision()
    return importlib.import_module("torchvision")


def mend_torchvision() -> None:
    """From now on, give torchvision the cure whoever imports it. Imports neither it nor torch."""
    if not any(isinstance(finder, _Mending) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Mending())


class _Mending(MetaPathFinder):
    """Finds torchvision where the other finders do, to be loaded by `_Mended`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "torchvision":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Mended(spec.loader)
        return spec


class _Mended(Loader):
    """Loads torchvision by its own loader, a second time if the first shows what is missing."""

    def __init__(self, own: Loader) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._own
        try:
            self._own.exec_module(module)
        except RuntimeError as error:
            if "torchvision::" not in str(error) or "does not exist" not in str(error):
                raise
            _declare_operators()
            # What has been imported of it already has found them missing.
            for name in [name for name in sys.modules if name.startswith("torchvision.")]:
                del sys.modules[name]
            self._own.exec_module(module)


def _declare_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.append(library)
