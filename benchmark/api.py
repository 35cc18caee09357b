"""The library: each command as one call."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import datasets, processes
from benchmark.errors import InputError
from benchmark.options import (
    check_image_size,
    check_numbers,
    check_out,
    chosen_device,
    chosen_models,
)
from benchmark.plugins import check_not_loading, load_all
from benchmark.presets import preset as preset_called
from benchmark.shadow import shadowing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from benchmark.inputs import Inputs
    from benchmark.progress import Progress
    from benchmark.runner import Settings
    from models import Model
    from models.conformance import Finding
    from results import Leaderboard

_hidden = shadowing()
if _hidden:
    raise ImportError(_hidden)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; the message says what is kept and how to go on."""


def run(
    data: str | Path = "folds",
    *,
    models: Sequence[str] | str | None = None,
    preset: str = "quick",
    out: str | Path | None = None,
    seed: int = 42,
    threads: int | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    memory_limit: float | None = None,
    device: str = "auto",
    offline: bool = False,
    plugins: Sequence[str | Path] | str | Path = (),
    features: str = "published",
    image_size: int | None = None,
    retry: bool = False,
    sort_by: str = "accuracy",
) -> Leaderboard:
    """Fit every chosen model on one dataset's train split, score it on the others, rank them.

    What is finished in ``out`` already is kept and not run again.

    Parameters
    ----------
    data : a dataset's name, a folder of pictures, an ``.npz``, a ``.csv`` or a ``.parquet``.
    models : names or shell globs of the models to run, or one text of them parted by commas;
        None for all.
    preset : ``quick``, ``published`` or ``thorough``.
    out : folder for records and leaderboards, by default ``runs/<data>-<preset>``.
    seed : of every random choice; 42 is LazyPredict's default.
    threads : threads of each trial, by default 1 for classical and all cores for deep ones.
    jobs : classical trials at a time, by default as many as the cores allow.
    timeout : seconds after which a trial is killed, by default the preset's.
    memory_limit : GB (10^9 bytes) of resident memory at which a trial is killed, by default a
        fair share of the memory that is free.
    device : ``auto``, ``cpu`` or ``cuda``; where deep models are trained.
    offline : whether downloads of pretrained weights are forbidden.
    plugins : files that declare further models, features or datasets, or one such file.
    features : name of a feature set.
    image_size : side in pixels of the pictures for image models, by default the preset's.
    retry : whether trials that failed before are run again.
    sort_by : metric that ranks the rows.

    Raises
    ------
    InputError, ModelError, FeatureError, ResultsError
        For bad input (all are `ValueError`); nothing has been written then.
    Interrupted
        On Ctrl-C; every finished trial is kept.
    """
    from benchmark.inputs import prepare
    from benchmark.portions import Wanted
    from benchmark.progress import Progress
    from benchmark.run_folder import default_folder, how_to_go_on
    from benchmark.runner import Settings
    from features import feature_set
    from results.ranking import check_metric

    check_not_loading()
    size = preset_called(preset)
    check_metric(sort_by)
    check_numbers(
        {"threads": threads, "jobs": jobs, "image-size": image_size},
        {"timeout": timeout, "memory-limit": memory_limit},
        seed,
    )
    check_image_size(image_size)
    plugins = [plugins] if isinstance(plugins, str | Path) else plugins
    models = models.split(",") if isinstance(models, str) else models
    load_all(plugins)
    chosen = chosen_models(models)
    feature_set(features)
    needs_device = any(model.family == "deep" for model in chosen)
    settings = Settings(
        preset=preset,
        seed=seed,
        image_size=image_size or size.image_size,
        device=chosen_device(device, needs_device),
        offline=offline,
        threads=threads,
        jobs=jobs,
        timeout=timeout if timeout is not None else size.timeout,
        memory_limit=memory_limit,
        retry=retry,
    )
    if out is not None:
        check_out(out)
    eaten = {model.inputs for model in chosen}
    wanted = Wanted(
        feature_set=features if "features" in eaten else None,
        image_size=settings.image_size if "images" in eaten else None,
        plugin_files=tuple(str(Path(file).resolve()) for file in plugins),
        seed=seed,
    )
    processes.warm_up()
    # What scoring needs takes a second or two to import, and there is time for it now.
    threading.Thread(target=_import_ahead, daemon=True).start()
    try:
        with Progress() as progress:
            with progress.busy(f"reading {data}"):
                contents = datasets.load(data, seed=seed, preset=preset)
            if out is None:
                out = default_folder(f"{contents.name}-{preset}")
                check_out(out)
            workers = min(threads or processes.cores(), processes.cores())
            inputs = prepare(contents, wanted, workers, progress)
            if inputs.unreadable:
                progress.say(_unreadable_line(inputs))
            return _run(chosen, inputs, settings, Path(out), sort_by, progress)
    except KeyboardInterrupt as error:
        raise Interrupted(how_to_go_on(out)) from error


def _run(
    chosen: Sequence[Model],
    inputs: Inputs,
    settings: Settings,
    folder: Path,
    sort_by: str,
    progress: Progress,
) -> Leaderboard:
    from benchmark.exhibits import keep
    from benchmark.provenance import provenance
    from benchmark.run_folder import command, describe, sole_use
    from benchmark.runner import plan, run_trials
    from results import Leaderboard, Store

    store = Store(folder)
    made = {**provenance(), "command": command()}
    with sole_use(folder):
        store.clean()
        lanes = plan(chosen, inputs, settings)
        describe(store, [t.name for lane in lanes for t in lane.trials], inputs, settings, made)
        run_trials(lanes, inputs, store, settings, made, progress)
        with progress.busy("scoring"):
            board = Leaderboard.from_store(store, sort_by)
            if board.exhibits is not None:
                keep(board, inputs.dataset, board.exhibits)
            board.write(folder)
    return board


def report(folder: str | Path, *, sort_by: str = "accuracy") -> Leaderboard:
    """Write a run folder's leaderboards again from its records; nothing is fitted.

    Raises `ResultsError` if the folder holds no records.
    """
    from results import Leaderboard, Store

    board = Leaderboard.from_store(Store(folder), sort_by)
    board.write(folder)
    return board


def compare(*boards: str | Path) -> pd.DataFrame:
    """Boards side by side, row by row, with each one's difference to the first.

    Each is a run folder, a ``leaderboard.csv`` or ``published``. Raises `ResultsError`.
    """
    from results.compare import compare as side_by_side
    from results.compare import label_for, load_board

    if len(boards) < 2:
        raise InputError("compare needs at least two boards; `published` can be one of them")
    frames: dict[str, pd.DataFrame] = {}
    for board in boards:
        frames[label_for(board, frames)] = load_board(board)
    return side_by_side(frames)


def features(
    source: str | Path,
    *,
    out: str | Path | None = None,
    features: str = "published",
    seed: int = 42,
    preset: str = "quick",
    plugins: Sequence[str | Path] = (),
) -> pd.DataFrame:
    """The feature table of a dataset of pictures: ``id``, ``split``, ``label``, then features.

    Written to ``out`` (``.csv`` or ``.parquet``) if given; ``run`` reads it as its data. Raises
    `InputError` if the source is no dataset of pictures or ``out`` no place for a table.
    """
    from benchmark.feature_table import check_place, feature_table, write_table
    from benchmark.portions import Wanted
    from features import feature_set

    load_all(plugins)
    columns = feature_set(features).columns
    if out is not None:
        check_place(Path(out))
    contents = datasets.load(source, seed=seed, preset=preset)
    if not contents.has_pictures:
        raise InputError(f"{source} is a feature table already; give pictures")
    files = tuple(str(Path(file).resolve()) for file in plugins)
    table = feature_table(contents, Wanted(features, None, files, seed), columns)
    if out is not None:
        write_table(table, Path(out))
    return table


def montage(
    source: str | Path, *, out: str | Path | None = None, seed: int = 42, preset: str = "quick"
) -> np.ndarray:
    """A few training pictures of each class with their views side by side: uint8 (H, W, 3) RGB.

    Written to ``out`` (``.png``) if given. Raises `InputError` if the source is no dataset of
    pictures or ``out`` no place for one.
    """
    from benchmark.montage import check_place, montage_of, write_png

    if out is not None:
        check_place(Path(out))
    contents = datasets.load(source, seed=seed, preset=preset)
    if not contents.has_pictures:
        raise InputError(f"{source} is a feature table; a montage needs pictures")
    drawn = montage_of(contents)
    if out is not None:
        write_png(drawn, Path(out))
    return drawn


def models(*, plugins: Sequence[str | Path] = ()) -> list[Model]:
    """Every model that there is: built in, installed, and declared by the plugin files."""
    load_all(plugins)
    return chosen_models(None)


def check(name_or_file: str | Path, *, plugins: Sequence[str | Path] = ()) -> list[Finding]:
    """Put a model, or every model that a plugin file declares, through the conformance suite."""
    from models.conformance import check as conformance

    files = [*plugins]
    if str(name_or_file).endswith(".py"):
        files.append(name_or_file)
    load_all(files)
    if str(name_or_file).endswith(".py"):
        origin = str(Path(name_or_file).resolve())
        chosen = [model for model in chosen_models(None) if model.origin == origin]
        if not chosen:
            raise InputError(f"plugin {name_or_file} declares no model; decorate one with @model")
    else:
        chosen = chosen_models([str(name_or_file)])
    return [finding for model in chosen for finding in conformance(model)]


def weights() -> list[Any]:
    """Which pretrained weights are present, where, and which are missing."""
    from models.weights import status

    return status()


def _import_ahead() -> None:
    for module in ("sklearn.metrics", "scipy.stats", "results.report", "results.markdown"):
        import_module(module)


def _unreadable_line(inputs: Inputs) -> str:
    names = list(inputs.unreadable)
    listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    return (
        f"warning: {len(names)} pictures of {inputs.dataset.source} can't be read and are left "
        f"out: {listed} (all of them are listed in run.json)"
    )
