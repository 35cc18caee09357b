"""Shadowing: a user's own folder or file that Python imports in place of one of our packages."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

_PACKAGES = ("features", "models", "results")


def shadowing() -> str | None:
    """One line about the first package of ours that something else hides, None if none is.

    ``features``, ``models`` and ``results`` are common names, and Python looks for them in the
    current directory first.
    """
    home = Path(__file__).resolve().parents[1]
    for name in _PACKAGES:
        place = _place(importlib.util.find_spec(name))
        if place is None:
            return f"benchmark's package {name!r} is not installed; install benchmark again"
        if place != home / name / "__init__.py":
            return (
                f"the package {name!r} that belongs to benchmark is hidden by {place}; "
                "run from another folder"
            )
    return None


def _place(spec: ModuleSpec | None) -> Path | None:
    """The file of a package, or its folder if that is all there is of it."""
    if spec is None:
        return None
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return Path(places[0]).resolve() if places else None
