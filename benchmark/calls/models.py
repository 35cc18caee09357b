"""The library's calls that show what there is: models, check and weights."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import processes
from benchmark.checks import (
    check_numbers,
    check_out,
    chosen_device,
    chosen_models,
    folder_of_weights,
)
from benchmark.datasets import sources
from benchmark.datasets.conformance import check_dataset
from benchmark.errors import InputError, Interrupted, one_line
from benchmark.inputs.conformance import check_measure, check_view
from benchmark.plugins import load_all
from benchmark.progress import Progress
from benchmark.request import Request
from features import registered_measures, registered_views
from models import Finding, Model, check_model, registered, start_of, weights_folders

if TYPE_CHECKING:
    from models import WeightsFile

_Plugins = Sequence[str | Path] | str | Path


def models(*, plugins: _Plugins = Request.plugins) -> list[Model]:
    """Every model that there is: built in, installed, and declared by the plugin files."""
    load_all(plugins)
    return chosen_models(None)


def check(name_or_file: str | Path, *, plugins: _Plugins = Request.plugins) -> list[Finding]:
    """Put a model, or all that a plugin file declares, through the conformance suites.

    Parameters
    ----------
    name_or_file : a model's name, or a plugin file: its models, views, measures and datasets.
    plugins : files that declare more models.

    Raises
    ------
    InputError, ModelError, FeatureError
        If there is no such model or file, or the file declares nothing.
    """
    load_all(plugins)
    if not str(name_or_file).endswith(".py"):
        chosen = chosen_models([str(name_or_file)])
        return [finding for model in chosen for finding in check_model(model)]
    (origin,) = load_all(name_or_file)
    suites: list[tuple[Callable[[Any], list[Finding]], Sequence[Any]]] = [
        (check_model, registered()),
        (check_view, registered_views()),
        (check_measure, registered_measures()),
        (check_dataset, sources()),
    ]
    declared = [(suite, each) for suite, all_ in suites for each in all_ if each.origin == origin]
    if not declared:
        raise InputError(
            f"plugin {name_or_file} declares no model; decorate one with @model, or a view, a "
            "measure or a dataset with its decorator"
        )
    return [finding for suite, each in declared for finding in suite(each)]


def weights(
    *,
    build: str | None = None,
    weights_dir: str | Path | None = Request.weights_dir,
    seed: int = Request.seed,
    threads: int | None = None,
    device: str = Request.device,
) -> list[WeightsFile]:
    """Which weights are present, where, and which are missing; build modelled ones first.

    Parameters
    ----------
    build : a row whose modelled weights are to be built, such as ``ResNet9-modelled``; a file that
        is there is replaced.
    weights_dir : folder to look into before the usual places, and to build into.
    seed : of the modelled pictures and of the training.
    threads : threads to build with, by default all cores.
    device : ``auto``, ``cpu`` or ``cuda``; where to build.

    Raises
    ------
    InputError, ModelError
        For bad input.
    Interrupted
        On Ctrl-C; what a network has learned is kept.
    """
    if build is not None:
        check_numbers({"threads": threads}, {}, seed)
        _build(build, weights_dir, seed, threads or processes.cores(), device)
    from models import weights_status  # which imports torch

    return weights_status(folder_of_weights(weights_dir))


def _build(row: str, folder: str | Path | None, seed: int, threads: int, device: str) -> None:
    """Build the modelled weights of a row, showing how far it is."""
    start = start_of(row)
    if not start.modelled:
        raise InputError(f"the weights of {row} are downloaded, not built; see `benchmark weights`")
    place = weights_folders(folder)[0]
    check_out(place, "--weights-dir")
    device = chosen_device(device, needed=True)
    from models import build_weights

    path = place / start.file
    with Progress() as progress, progress.busy(f"building {row}"), _logged(progress.say):
        try:
            build_weights(start, path, seed=seed, threads=threads, device=device)
        except OSError as error:
            why = error.strerror or one_line(error)
            raise InputError(
                f"{path} can't be written ({why}); choose another --weights-dir"
            ) from error
        except KeyboardInterrupt as error:
            raise Interrupted(
                f"interrupted; what {row} has learned is kept, and the same command goes on"
            ) from error
        progress.say(f"{row}: {path}")


@contextlib.contextmanager
def _logged(say: Callable[[str], None]) -> Iterator[None]:
    """Pass what the models log, a line per epoch, on to ``say``."""

    class _Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    log, handler = logging.getLogger("models"), _Lines()
    before = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False  # or a handler of the root's would say it again
    try:
        yield
    finally:
        log.setLevel(before[0])
        log.propagate = before[1]
        log.removeHandler(handler)
