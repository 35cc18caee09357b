"""Shadowing: a user's own folder or file that Python imports in place of one of our packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_PACKAGES = ("features", "models", "results")


def shadowing() -> str | None:
    """One line about the first package of ours that something else hides, None if none is.

    ``features``, ``models`` and ``results`` are common names, and Python looks for them in the
    current directory first.
    """
    home = Path(__file__).resolve().parents[1]
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        found = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
        if found != home / name / "__init__.py":
            place = "is missing from the installation" if found is None else f"is hidden by {found}"
            return (
                f"the package {name!r} that belongs to benchmark {place}; run from another folder"
            )
    return None
