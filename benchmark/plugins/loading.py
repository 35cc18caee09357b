"""Loading: plugin files are run and installed plugins imported, which declares what they add."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from importlib import import_module, metadata
from pathlib import Path

from benchmark.datasets import forget_datasets
from benchmark.errors import InputError, one_line, user_errors
from benchmark.plugins.beside import stay_beside
from benchmark.plugins.files import being_loaded, module_name
from benchmark.plugins.sources import GROUPS, hidden_beside
from features import forget_features
from models import forget_models, mend_torchvision, registered
from results import forget_metrics

_log = logging.getLogger(__name__)


def load_plugin(file: str | Path) -> None:
    """Run a plugin file, which declares what it adds with decorators.

    Loading the same file again replaces what it declared before.

    Raises
    ------
    InputError
        If the file is missing or does not run.
    ModelError, FeatureError, ResultsError
        For a name that is taken, or a declaration that makes no sense.
    """
    path = Path(file).resolve()
    if not path.is_file():
        raise InputError(f"plugin {file} is not a file that exists; check the path")
    if path.suffix != ".py":
        raise InputError(f"plugin {file} is no Python file; its name must end in .py")
    _forget(str(path))
    name = module_name(path)
    sys.modules.pop(name, None)
    try:
        import_module(name)
    except BaseException as error:
        _forget(str(path))  # what it declared before it broke off
        if isinstance(error, (*user_errors(), KeyboardInterrupt)):
            raise
        _log.debug("plugin %s does not run", path, exc_info=True)
        where = f"{file}:{line}" if (line := _line(error, path)) else str(file)
        raise InputError(
            f"plugin {where} does not run: {type(error).__name__}: {one_line(error)}"
        ) from error
    for hidden in hidden_beside(path):
        _log.warning(
            "plugin %s imports %s from the installed library, not from beside it; "
            "rename what lies there if that is meant",
            file,
            hidden,
        )


def check_not_loading() -> None:
    """Refuse a run that a file starts while it is being loaded as a plugin.

    A script that declares a model and runs it is loaded again by the child that needs the model.
    """
    if being_loaded:
        raise InputError(
            f"{being_loaded[-1]} starts a run while it is loaded as a plugin; put what only a "
            'script does under `if __name__ == "__main__":`'
        )


def _line(error: BaseException, path: Path) -> int | None:
    """The line of the plugin at which ``error`` came up."""
    if isinstance(error, SyntaxError):
        return error.lineno
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if Path(traceback.tb_frame.f_code.co_filename) == path:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _forget(origin: str) -> None:
    for forget in (forget_models, forget_features, forget_datasets, forget_metrics):
        forget(origin)


def load_all(files: Iterable[str | Path] | str | Path) -> tuple[str, ...]:
    """Make every plugin known: the installed ones, then ``files``, or the one file that it is.

    Returns
    -------
    The files' absolute paths.

    Raises
    ------
    InputError, ModelError, FeatureError, ResultsError
        As `load_plugin` does.
    """
    listed = [files] if isinstance(files, str | Path) else list(files)
    load_installed()
    for file in listed:
        load_plugin(file)
    return tuple(str(Path(file).resolve()) for file in listed)


def load_installed() -> None:
    """Load the entry points of installed distributions, each once."""
    mend_torchvision()
    for group in GROUPS:
        for entry in metadata.entry_points(group=group):
            _load_entry(entry)


def _load_entry(entry: metadata.EntryPoint) -> None:
    try:
        entry.load()  # importing it runs its decorators; a second import does nothing
    except user_errors():
        raise
    except Exception as error:
        _log.debug("entry point %s does not load", entry, exc_info=True)
        raise InputError(
            f"the installed plugin {entry.name} ({entry.value}) does not load: "
            f"{type(error).__name__}: {one_line(error)}; mend or uninstall it"
        ) from error


def load_origin(origin: str) -> None:
    """In a child process: make what ``origin`` declared known, here and in what is started here."""
    if origin == "built in":
        return
    load_installed()
    if all(model.origin != origin for model in registered()):
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        stay_beside(Path(origin).parent)
        load_plugin(origin)
