"""Beside: what lies in a plugin's folder, and how the plugin imports it.

``import helper`` finds the helper beside the plugin whatever the current folder is, and whatever
other plugins have beside them. Libraries come first: a plugin may be called ``random.py``.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, all_suffixes
from pathlib import Path
from types import ModuleType

_OURS = ("benchmark", "features", "models", "results")

# Modules that were imported from beside a plugin while it was loaded; the next may have its own.
_imported: dict[str, ModuleType] = {}

# The files of such modules, by the plugin that was loaded.
_files: dict[Path, set[Path]] = {}


def names_beside(folder: Path) -> frozenset[str]:
    """Names under which what lies in a folder can be imported, without those of libraries."""
    return frozenset(name for name in all_names_in(folder) if not is_library(name))


def all_names_in(folder: Path) -> set[str]:
    """Names under which what lies in a folder could be imported if there were nothing else."""
    suffixes = all_suffixes()
    names = {
        entry.name.partition(".")[0]
        for entry in _entries(folder)
        if any(entry.name.endswith(suffix) for suffix in suffixes) or entry.is_dir()
    }
    return {name for name in names if name.isidentifier() and not name.startswith("__")}


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # its files may be read, though it may not be listed
        return []


def is_library(name: str) -> bool:
    """Whether ``import name`` means a module of Python's, of ours or of an installed library."""
    if name in sys.stdlib_module_names or name in _OURS:
        return True
    installed = [place for place in sys.path if _is_of_libraries(place)]
    spec = PathFinder.find_spec(name, installed)
    return spec is not None and spec.origin is not None


def _is_of_libraries(place: str) -> bool:
    return Path(place).name in ("site-packages", "dist-packages")


def imported_beside(plugin: Path) -> set[Path]:
    """Files in a plugin's folder that were imported while it was loaded in this process."""
    return set(_files.get(plugin, ()))


class _Beside(MetaPathFinder):
    """Finds what lies in a folder, before anything of the same name elsewhere but libraries."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._names = str(folder), names_beside(folder)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is not None or name not in self._names:
            return None
        return PathFinder.find_spec(name, [self._folder])


def stay_beside(folder: Path) -> None:
    """Let this process, and those that it starts, import what lies in a folder from now on.

    The latter know ``sys.path`` alone: the folder is first there, as a script's own is, or after
    the libraries if something in it bears the name of one.
    """
    sys.meta_path.insert(0, _Beside(folder))
    libraries = [i for i, place in enumerate(sys.path) if _is_of_libraries(place)]
    hides_one = names_beside(folder) != all_names_in(folder)
    sys.path.insert(max(libraries, default=-1) + 1 if hides_one else 0, str(folder))


@contextlib.contextmanager
def importing_beside(plugin: Path) -> Iterator[None]:
    """The block in which a plugin is loaded: it imports what lies beside it, and that anew.

    Modules of the same names that others have imported from elsewhere are theirs again afterwards;
    the folder is last on the path then.
    """
    folder = plugin.parent
    beside = names_beside(folder)
    elsewhere = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in beside:
            continue
        if _imported.get(name) is module:
            del sys.modules[name]
        elif not _lies_in(folder, module):
            elsewhere[name] = sys.modules.pop(name)
    known, no_bytecode, finder = set(sys.modules), sys.dont_write_bytecode, _Beside(folder)
    # Python's own cache misses two edits of one length within a second.
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.dont_write_bytecode = no_bytecode
        sys.meta_path.remove(finder)
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
        new = {
            name: sys.modules[name]
            for name in set(sys.modules) - known
            if name.partition(".")[0] in beside
        }
        _imported.update(new)
        files = [Path(getattr(module, "__file__", None) or "") for module in new.values()]
        _files[plugin] = {file for file in files if folder in file.parents}
        _give_back(elsewhere)


def _lies_in(folder: Path, module: ModuleType) -> bool:
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return any(Path(place).resolve().is_relative_to(folder) for place in places if place)


def _give_back(elsewhere: dict[str, ModuleType]) -> None:
    tops = {name.partition(".")[0] for name in elsewhere}
    for name in [name for name in sys.modules if name.partition(".")[0] in tops]:
        del sys.modules[name]
    sys.modules.update(elsewhere)
