"""The library's calls that run models: run and curve."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmark import datasets, processes
from benchmark.checks import check_out
from benchmark.datasets import Dataset
from benchmark.errors import InputError, Interrupted
from benchmark.exhibits import keep_exhibits
from benchmark.inputs.prepare import Inputs, prepare
from benchmark.inputs.subsets import subsets
from benchmark.progress import Progress
from benchmark.request import CurveRequest, Request, RunRequest, takes
from benchmark.resolution import Resolved, resolved, whole_numbers
from benchmark.trials.curve import run_curve
from benchmark.trials.folder import command, default_folder, describe, how_to_go_on, sole_use
from benchmark.trials.plan import as_kept, plan
from benchmark.trials.provenance import provenance
from benchmark.trials.runner import Runner
from results import Curve, Leaderboard, Store

# The module whose import imports what classical trials need.
_LIBRARIES = "benchmark.trials.libraries"


@takes(RunRequest)
def run(request: RunRequest) -> Leaderboard:
    """Fit every chosen model on one dataset's train split, score it on the others, rank them.

    What is finished in ``out`` already is kept and not run again.

    Raises
    ------
    InputError, ModelError, FeatureError, ResultsError
        For bad input (all are `ValueError`); nothing has been written then.
    Interrupted
        On Ctrl-C; every finished trial is kept.
    """
    asked = resolved(request)
    processes.warm_up([_LIBRARIES])
    # What scoring needs takes a second or two to import, and there is time for it now.
    threading.Thread(target=_import_ahead, daemon=True).start()
    with _begun(asked.request, "") as (contents, folder, progress):
        inputs = prepare(contents, asked.spec, asked.workers, progress)
        for line in inputs.warnings:
            progress.say(line)
        return _run(asked, inputs, Store(folder), progress)


def _run(
    asked: Resolved[RunRequest], inputs: Inputs, store: Store, progress: Progress
) -> Leaderboard:
    request = asked.request
    made = {**provenance(), "command": command("run")}
    with sole_use(store.folder):
        store.clean()
        lanes = as_kept(plan(asked.models, inputs, request), store)
        describe(store, lanes, inputs, request, made)
        Runner(store, request, made, progress).run_all(lanes, inputs)
        with progress.busy("scoring"):
            board = Leaderboard.from_store(store, request.sort_by)
            if board.exhibits is not None:
                try:
                    keep_exhibits(board, inputs.dataset, board.exhibits)
                except InputError as error:  # the pictures have gone since they were read
                    progress.say(f"warning: the report has no pictures: {error}")
            board.write(store.folder)
    return board


@takes(CurveRequest)
def curve(request: CurveRequest) -> Curve:
    """Accuracy against the number of training pictures, and from how many on deep overtakes.

    Each model is fitted on nested stratified subsets of train, drawn once for each seed, and scored
    on the whole of val and test. Seeds are ``seed``, ``seed`` + 1 and so on: each draws other
    subsets and starts the models anew; the dataset stays the one of ``seed``. What is finished in
    ``out`` already is kept and not run again.

    Raises
    ------
    InputError, ModelError, FeatureError, ResultsError, Interrupted
        As `run` does.
    """
    asked = resolved(request)
    sizes = whole_numbers(request.sizes, "sizes")
    processes.warm_up([_LIBRARIES])
    with _begun(asked.request, "-curve") as (contents, folder, progress):
        seeds = range(request.seed, request.seed + request.seeds)
        parts = subsets(contents, asked.spec, sizes, seeds, asked.workers, progress)
        for line in parts.whole.warnings:
            progress.say(line)
        store = Store(folder)
        with sole_use(folder):
            store.clean()
            made = {**provenance(), "command": command("curve")}
            run_curve(asked, parts, store, made, progress)
            with progress.busy("scoring"):
                drawn = Curve.from_store(store)
                drawn.write(folder)
        return drawn


@contextlib.contextmanager
def _begun(request: Request, suffix: str) -> Iterator[tuple[Dataset, Path, Progress]]:
    """The dataset, the folder to write to and the progress; Ctrl-C says what is kept."""
    folder = request.out
    try:
        with Progress() as progress:
            with progress.busy(f"reading {request.data}"):
                contents = datasets.load(request.data, seed=request.seed, preset=request.preset)
            for line in contents.announcement:
                progress.say(line)
            if folder is None:
                folder = default_folder(f"{contents.name}-{request.preset}{suffix}")
                check_out(folder)
            yield contents, Path(folder), progress
    except KeyboardInterrupt as error:
        raise Interrupted(how_to_go_on(folder)) from error


def _import_ahead() -> None:
    for module in ("scipy.stats", "results.leaderboard", "results.report.page"):
        import_module(module)
