"""Provenance: where and with what a result was made."""

from __future__ import annotations

import functools
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmark import processes

_LIBRARIES = (
    "deep-or-not",
    "numpy",
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


@functools.cache
def provenance() -> dict[str, Any]:
    """Versions, processor and system of this machine."""
    return {
        "versions": {"python": platform.python_version(), **_versions()},
        "processor": _processor(),
        "cores": processes.cores(),
        "gpus": _gpus(),
        "system": platform.platform(),
    }


def _versions() -> dict[str, str]:
    versions = {}
    for name in _LIBRARIES:
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
