"""Sources: beside its own file, the code that decides what a plugin does."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import all_suffixes
from pathlib import Path

from benchmark.plugins.beside import all_names_in, imported_beside, is_library

GROUPS = ("benchmark.models", "benchmark.features", "benchmark.datasets", "benchmark.metrics")


@dataclass(frozen=True)
class Sources:
    """What a plugin file imports.

    Attributes
    ----------
    beside : the files that lie beside it, or in the same distribution, to their SHA-256.
    libraries : the installed distributions that they and it import from, to their versions.
    changed : when the youngest of the files was last written, in seconds since 1970; 0 for none.
    """

    beside: Mapping[str, str]
    libraries: Mapping[str, str]
    changed: float


def sources_of(origin: str) -> Sources:
    """What the plugin file at a path imports, at once or later, itself or through another.

    Found by what was imported when it was loaded, and by the import statements in the files.
    Whatever declared something without a file imports nothing.
    """
    plugin = Path(origin)
    if not plugin.is_file():
        return Sources({}, {}, 0.0)
    files = _of_distribution(plugin) or _of_folder(plugin)
    beside = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in sorted(files.items())
        if path != plugin
    }
    changed = max((files[name].stat().st_mtime for name in beside), default=0.0)
    libraries = _libraries({plugin, *files.values()})
    return Sources(beside, libraries, changed)


def hidden_beside(plugin: Path) -> list[str]:
    """Names that a plugin file imports from libraries although something beside it bears them."""
    names = _imports(plugin) & all_names_in(plugin.parent) - {plugin.stem}
    return sorted(name for name in names if is_library(name))


def _of_distribution(plugin: Path) -> dict[str, Path]:
    """The code of the installed distribution that a file belongs to; empty if it is of none."""
    for distribution in _declaring():
        files = {str(file): Path(str(file.locate())).resolve() for file in distribution.files or ()}
        if plugin in files.values():
            return {name: path for name, path in files.items() if _is_code(path)}
    return {}


def _declaring() -> Iterable[metadata.Distribution]:
    entries = (entry for group in GROUPS for entry in metadata.entry_points(group=group))
    found = {entry.dist.name: entry.dist for entry in entries if entry.dist is not None}
    return found.values()


def _of_folder(plugin: Path) -> dict[str, Path]:
    """The code in a plugin's folder, or in the package that it is part of, that it imports."""
    folder = plugin.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    places = {plugin.parent, folder}
    found = {plugin, *imported_beside(plugin)}
    if folder != plugin.parent:
        found |= _code_in(folder / plugin.relative_to(folder).parts[0])
    waiting = list(found)
    while waiting:
        names = (name for name in _imports(waiting.pop()) if not is_library(name))
        new = {path for name in names for place in places for path in _module(place, name)} - found
        found |= new
        waiting += new
    return {path.relative_to(folder).as_posix(): path for path in found}


def _module(place: Path, name: str) -> set[Path]:
    """The files of a module or package of this name in a folder."""
    files = {place / f"{name}{suffix}" for suffix in all_suffixes()}
    return {file for file in files if file.is_file()} | _code_in(place / name)


def _code_in(package: Path) -> set[Path]:
    return {path for path in package.rglob("*") if _is_code(path)}


def _is_code(path: Path) -> bool:
    is_copy = path.suffix == ".pyc"  # Python's own, of a source
    return path.name.endswith(tuple(all_suffixes())) and not is_copy and path.is_file()


def _libraries(files: Iterable[Path]) -> dict[str, str]:
    names = {name for file in files for name in _imports(file)}
    owners = {owner for name in names for owner in _owners().get(name, ())}
    return {owner: metadata.version(owner) for owner in sorted(owners)}


@functools.cache
def _owners() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _imports(file: Path) -> set[str]:
    """Top-level names of what a file imports anywhere in it, also by a literal `import_module`."""
    if file.suffix != ".py":
        return set()
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return set()  # whoever imports it is told
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            constants = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
            names |= {value for value in constants if isinstance(value, str)}
    return {name.partition(".")[0] for name in names} - {""}
