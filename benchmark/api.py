"""The library's calls that run models."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import datasets, processes
from benchmark.errors import Interrupted
from benchmark.options import check_out

if TYPE_CHECKING:
    from benchmark.inputs import Inputs
    from benchmark.progress import Progress
    from benchmark.request import Request
    from results import Curve, Leaderboard


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
    weights_dir: str | Path | None = None,
    precision: str = "auto",
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
    features : name of a feature set, or ``frozen-`` and a row that starts from weights.
    image_size : side in pixels of the pictures for image models, by default the preset's.
    retry : whether trials that failed before are run again.
    sort_by : metric that ranks the rows.
    weights_dir : folder of weights files, looked into before the usual places.
    precision : ``float32`` to train deep models in it, ``auto`` for bfloat16 where the device
        computes in it natively.

    Raises
    ------
    InputError, ModelError, FeatureError, ResultsError
        For bad input (all are `ValueError`); nothing has been written then.
    Interrupted
        On Ctrl-C; every finished trial is kept.
    """
    from benchmark.inputs import prepare
    from benchmark.progress import Progress
    from benchmark.request import request
    from benchmark.run_folder import default_folder, how_to_go_on
    from results.ranking import check_metric

    check_metric(sort_by)
    asked = request(
        models=models,
        preset=preset,
        out=out,
        seed=seed,
        threads=threads,
        jobs=jobs,
        timeout=timeout,
        memory_limit=memory_limit,
        device=device,
        offline=offline,
        plugins=plugins,
        features=features,
        image_size=image_size,
        retry=retry,
        weights_dir=weights_dir,
        precision=precision,
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
            inputs = prepare(contents, asked.wanted, asked.workers, progress)
            if inputs.unreadable:
                progress.say(_unreadable_line(inputs))
            return _run(asked, inputs, Path(out), sort_by, progress)
    except KeyboardInterrupt as error:
        raise Interrupted(how_to_go_on(out)) from error


def _run(
    asked: Request, inputs: Inputs, folder: Path, sort_by: str, progress: Progress
) -> Leaderboard:
    from benchmark.exhibits import keep
    from benchmark.plan import plan
    from benchmark.provenance import provenance
    from benchmark.run_folder import command, describe, sole_use
    from benchmark.runner import run_trials
    from results import Leaderboard, Store

    store, settings = Store(folder), asked.settings
    made = {**provenance(), "command": command()}
    with sole_use(folder):
        store.clean()
        lanes = plan(asked.models, inputs, settings)
        describe(store, [t.name for lane in lanes for t in lane.trials], inputs, settings, made)
        run_trials(lanes, inputs, store, settings, made, progress)
        with progress.busy("scoring"):
            board = Leaderboard.from_store(store, sort_by)
            if board.exhibits is not None:
                keep(board, inputs.dataset, board.exhibits)
            board.write(folder)
    return board


def curve(
    data: str | Path = "folds",
    *,
    models: Sequence[str] | str,
    sizes: Sequence[int] | None = None,
    seeds: int = 3,
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
    weights_dir: str | Path | None = None,
    precision: str = "auto",
) -> Curve:
    """Accuracy against the number of training pictures, and from how many on deep overtakes.

    Each model is fitted on nested stratified subsets of train, drawn once for each seed, and scored
    on the whole of val and test. What is finished in ``out`` already is kept and not run again.

    Parameters
    ----------
    models : as for `run`, some of each family.
    sizes : numbers of training pictures; by default all of them, a half, a quarter and so on, six
        sizes at most.
    seeds : how many: ``seed``, ``seed`` + 1 and so on. Each draws other subsets and starts the
        models anew; the dataset stays the one of ``seed``.
    out : folder for records and the curve, by default ``runs/<data>-<preset>-curve``.

    The other parameters, and what is raised, are those of `run`.
    """
    from benchmark.curve_run import run_curve
    from benchmark.options import check_numbers, check_seed
    from benchmark.progress import Progress
    from benchmark.provenance import provenance
    from benchmark.request import request
    from benchmark.run_folder import command, default_folder, how_to_go_on, sole_use
    from benchmark.subsets import subsets
    from results import Curve, Store

    check_numbers({"seeds": seeds}, {}, seed)
    check_seed(seed + seeds - 1)
    asked = request(
        models=models,
        preset=preset,
        out=out,
        seed=seed,
        threads=threads,
        jobs=jobs,
        timeout=timeout,
        memory_limit=memory_limit,
        device=device,
        offline=offline,
        plugins=plugins,
        features=features,
        image_size=image_size,
        retry=retry,
        weights_dir=weights_dir,
        precision=precision,
    )
    processes.warm_up()
    try:
        with Progress() as progress:
            with progress.busy(f"reading {data}"):
                contents = datasets.load(data, seed=seed, preset=preset)
            if out is None:
                out = default_folder(f"{contents.name}-{preset}-curve")
                check_out(out)
            drawn = range(seed, seed + seeds)
            parts = subsets(contents, asked.wanted, sizes, drawn, asked.workers, progress)
            if parts.whole.unreadable:
                progress.say(_unreadable_line(parts.whole))
            store = Store(out)
            with sole_use(store.folder):
                store.clean()
                made = {**provenance(), "command": command("curve")}
                run_curve(asked, parts, store, made, progress)
                with progress.busy("scoring"):
                    found = Curve.from_store(store)
                    found.write(store.folder)
            return found
    except KeyboardInterrupt as error:
        raise Interrupted(how_to_go_on(out)) from error


def _import_ahead() -> None:
    for module in ("scipy.stats", "results.report", "results.markdown"):
        import_module(module)


def _unreadable_line(inputs: Inputs) -> str:
    names = list(inputs.unreadable)
    listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    return (
        f"warning: {len(names)} pictures of {inputs.dataset.source} can't be read and are left "
        f"out: {listed} (all of them are listed in run.json)"
    )
