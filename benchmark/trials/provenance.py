"""Provenance: where and with what a result was made."""

from __future__ import annotations

import functools
import platform
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmark import processes
from models import Model

_LIBRARIES = (
    "deep-or-not",
    "numpy",
    "scipy",
    "scikit-learn",
    "scikit-image",
    "mahotas",
    "opencv-python-headless",
    "lazypredict",
    "lightgbm",
    "xgboost",
    "xgboost-cpu",
    "torch",
    "torchvision",
)

# What computes a model's result, we among it, by its family and by what it takes. The name of a
# feature set covers what computes features; a pipeline of LazyPredict's names its own library.
_COMPUTES = {
    "classical": ("deep-or-not", "numpy", "scipy", "scikit-learn"),
    "deep": ("deep-or-not", "numpy", "torch", "torchvision"),
    "images": ("opencv-python-headless", "pillow", "tifffile", "imagecodecs"),
    "features": (),
}


@functools.cache
def provenance() -> dict[str, Any]:
    """Versions, processor and system of this machine."""
    return {
        "versions": {"python": platform.python_version(), **_versions(_LIBRARIES)},
        "processor": _processor(),
        "cores": processes.cores(),
        "gpus": _gpus(),
        "system": platform.platform(),
    }


def versions_of(model: Model, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Versions of the libraries that compute a model's result, as far as they are installed."""
    own = str(parameters.get("classifier", "")).partition(".")[0]
    of_own = (own, f"{own}-cpu") if own and own != "sklearn" else ()
    timm = ("timm",) if model.name.startswith("timm/") else ()
    return _versions((*_COMPUTES[model.family], *_COMPUTES[model.inputs], *of_own, *timm))


def _versions(libraries: Iterable[str]) -> dict[str, str]:
    versions = {}
    for name in libraries:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _processor() -> str:
    """The processor's name; `platform.processor` is empty or vague on Linux."""
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpus(drivers: Path = Path("/proc/driver/nvidia/gpus")) -> list[str]:
    """The names of NVIDIA's GPUs that the driver lists; none on other systems."""
    names = []
    for file in sorted(drivers.glob("*/information")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("Model:"):
                names.append(line.partition(":")[2].strip())
    return names
