"""Do I need deep learning? Classical and deep models on one split, with honest statistics.

    import benchmark
    board = benchmark.run("photos/", models=["ResNet9*", "RandomForestClassifier"])
    board.to_frame()
    board.compare("published")

Every command of ``python -m benchmark`` is one of the functions here, with the same defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark import datasets
    from benchmark.api import curve, run
    from benchmark.boards import compare, merge, report
    from benchmark.catalogue import check, features, models, montage, weights
    from benchmark.errors import InputError

__all__ = [
    "InputError",
    "check",
    "compare",
    "curve",
    "datasets",
    "features",
    "merge",
    "models",
    "montage",
    "report",
    "run",
    "weights",
]

__version__ = "0.1.0"

# No module of the package bears the name of one of these functions: importing it would hide it.
_HOMES = {
    "InputError": "errors",
    "check": "catalogue",
    "compare": "boards",
    "curve": "api",
    "features": "catalogue",
    "merge": "boards",
    "models": "catalogue",
    "montage": "catalogue",
    "report": "boards",
    "run": "api",
    "weights": "catalogue",
}


def __getattr__(name: str) -> Any:
    # Imported when asked for, so that `--help` answers at once.
    from importlib import import_module

    if name == "datasets":
        return import_module("benchmark.datasets")
    if name in _HOMES:
        from benchmark.shadow import shadowing

        hidden = shadowing()
        if hidden:
            raise ImportError(hidden)
        return getattr(import_module(f"benchmark.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'benchmark' has no attribute {name!r}")
