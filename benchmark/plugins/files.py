"""A plugin file as a module that can be imported in any process.

A model may hand its classes and functions to processes of its own, by multiprocessing, joblib's
loky or the workers of a DataLoader, which look them up by the name of their module. That name says
where the file is; it lies in this module, so that it is this module which is imported first, and
which then knows how to find the file.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from urllib.parse import quote, unquote

from benchmark.plugins.beside import importing_beside
from models import mend_torchvision

__path__: list[str] = []  # makes it a package in the eyes of ``import``

being_loaded: list[Path] = []  # plugin files that are being run, the innermost last


def module_name(path: Path) -> str:
    """The name of the module that the file at an absolute path is."""
    place = quote(path.with_suffix("").as_posix(), errors="surrogateescape")
    return f"{__name__}.{place.replace('.', '%2E')}"


def file_of(name: str) -> str | None:
    """The file that `module_name` made a name of; None for any other module."""
    place = name.removeprefix(f"{__name__}.")
    return None if place == name else unquote(place, errors="surrogateescape") + ".py"


class _Finder(MetaPathFinder):
    """Finds the files that `module_name` names."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        file = file_of(name)
        if file is None:
            return None
        return spec_from_file_location(name, file, loader=_PluginLoader(name, file))


class _PluginLoader(SourceFileLoader):
    """Runs the source as it is now; Python's own cache misses two edits within a second."""

    def get_code(self, fullname: str) -> types.CodeType:
        """The file, compiled. Leaves no ``__pycache__`` beside it."""
        return self.source_to_code(self.get_data(self.path), self.path)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the file; what it imports lies beside it, or is a library."""
        path = Path(self.path)
        mend_torchvision()
        being_loaded.append(path)
        try:
            with importing_beside(path):
                super().exec_module(module)
        finally:
            being_loaded.pop()


sys.meta_path.insert(0, _Finder())
