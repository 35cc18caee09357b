"""Runner: plans the trials of a run, has them executed and keeps a record of each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import features
from benchmark import frozen, processes
from benchmark.executor import Limits, execute
from benchmark.inputs import Inputs
from benchmark.progress import Progress
from benchmark.trial import Outcome, Task
from models import Context, Model
from models.classical import LONGEST_FIRST, suite
from models.places import content_digits
from models.starts import STARTS
from results import Predictions, Record, Store

# What a record's status says about running its trial again. What a model lacks may be there by now;
# what it eats is decided by the dataset, which is part of the trial's name.
_FINAL = ("ok", "skipped")
_ASKED_AGAIN = ("unavailable",)


@dataclass(frozen=True)
class Settings:
    """How a run goes about its trials.

    Attributes
    ----------
    preset, seed, image_size, device, offline, weights_dir, precision : as the models' `Context` has
        them.
    threads : threads of one trial, None for one each (classical) or all cores (deep).
    jobs : classical trials at a time, None for as many as the cores allow.
    timeout : seconds after which a trial is killed, None for never.
    memory_limit : GB of resident memory at which a trial is killed, None for a fair share of the
        machine's.
    retry : whether trials that failed before are run again.
    """

    preset: str
    seed: int
    image_size: int
    device: str
    offline: bool
    threads: int | None
    jobs: int | None
    timeout: float | None
    memory_limit: float | None
    retry: bool
    weights_dir: str = ""
    precision: str = "auto"


@dataclass(frozen=True)
class Trial:
    """One model on one dataset with one seed, and the name that follows from all of that."""

    name: str
    model: Model
    parameters: Mapping[str, Any]
    context: Context


@dataclass(frozen=True)
class Lane:
    """Trials that may run side by side, and how many of them at a time."""

    trials: Sequence[Trial]
    jobs: int


def run_trials(
    lanes: Sequence[Lane],
    inputs: Inputs,
    store: Store,
    settings: Settings,
    provenance: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Run every planned trial that the store has no final record of; save a record of each."""
    todo = unfinished(lanes, store, settings)
    total, left = (sum(len(lane.trials) for lane in some) for some in (lanes, todo))
    progress.plan(left, total - left)
    for lane in todo:
        run_lane(lane, inputs, store, settings, provenance, progress)


def unfinished(lanes: Sequence[Lane], store: Store, settings: Settings) -> list[Lane]:
    """The lanes without the trials that the store has a final record of."""
    return [
        replace(lane, trials=[t for t in lane.trials if not _is_final(store.get(t.name), settings)])
        for lane in lanes
    ]


def _is_final(record: Record | None, settings: Settings) -> bool:
    if record is None or record.status in _ASKED_AGAIN:
        return False
    return record.status in _FINAL or not settings.retry


# --- planning --------------------------------------------------------------------------------


def plan(models: Sequence[Model], inputs: Inputs, settings: Settings) -> list[Lane]:
    """Every trial of a run: the classical lane, then the deep one."""
    return [_lane(models, family, inputs, settings) for family in ("classical", "deep")]


def _lane(models: Sequence[Model], family: str, inputs: Inputs, settings: Settings) -> Lane:
    """The trials of one family: classical ones side by side, deep ones alone with all cores."""
    cores = processes.cores()
    if family == "deep":
        threads, jobs = settings.threads or cores, 1
    else:
        threads = settings.threads or 1
        jobs = settings.jobs or max(1, cores // threads)
    chosen = sorted((m for m in models if m.family == family), key=_start_order)
    return Lane([_trial(model, inputs, settings, threads) for model in chosen], jobs)


def _start_order(model: Model) -> int:
    if model.name in LONGEST_FIRST:
        return LONGEST_FIRST.index(model.name)
    return len(LONGEST_FIRST) if model.name in suite() else -1


def _trial(model: Model, inputs: Inputs, settings: Settings, threads: int) -> Trial:
    device = settings.device if model.family == "deep" else "cpu"
    context = Context(
        n_classes=len(inputs.dataset.classes),
        image_size=settings.image_size,
        seed=settings.seed,
        threads=threads,
        device=device,
        preset=settings.preset,
        offline=settings.offline,
        weights_dir=settings.weights_dir,
        precision=settings.precision,
    )
    parameters = _parameters(model, context)
    eaten = inputs.feature_definition if model.inputs == "features" else settings.image_size
    identity = {
        "fingerprint": inputs.dataset.fingerprint,
        "inputs": [model.inputs, eaten],
        "model": [model.name, model.family, model.training, _source(model.origin), parameters],
        "seed": settings.seed,
        "preset": settings.preset,
        "device": device,
    }
    text = json.dumps(identity, sort_keys=True, default=str)
    return Trial(hashlib.sha256(text.encode()).hexdigest()[:16], model, parameters, context)


def _parameters(model: Model, context: Context) -> dict[str, Any]:
    """What the model declares, and what else of the context decides its result."""
    parameters = dict(model.parameters(context))
    start = STARTS.get(model.name)
    if start is not None:  # another file of weights is another trial
        parameters["weights_digest"] = content_digits(start, context.weights_dir)
    if model.family == "deep" and context.precision != "auto":
        parameters["precision"] = context.precision
    return parameters


def _source(origin: str) -> str:
    """What an edited plugin file changes: the hash of its text."""
    path = Path(origin)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else origin


# --- running ---------------------------------------------------------------------------------


def run_lane(
    lane: Lane,
    inputs: Inputs,
    store: Store,
    settings: Settings,
    provenance: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Run the trials of a lane and save a record of each as it ends."""

    def keep(trial: Trial, outcome: Outcome, seconds: float) -> None:
        record = _record(trial, outcome, seconds, inputs, settings, provenance)
        store.save(record, _predictions(outcome, inputs))
        if outcome.status == "ok":
            _forget_checkpoint(store, trial)
        accuracy = _accuracy(outcome, inputs)
        progress.ended(trial.model.name, outcome.status, outcome.reason, seconds, accuracy)

    fed = [trial for trial in lane.trials if _files(trial, inputs)]
    for trial in lane.trials:
        if trial not in fed:
            keep(trial, _skipped(trial), 0.0)
    tasks = [_task(trial, inputs, store) for trial in fed]
    limits = Limits(settings.timeout, settings.memory_limit or _fair_memory_gb(lane))
    for index, outcome, seconds in execute(
        tasks,
        lane.jobs,
        limits,
        on_start=lambda index: progress.started(fed[index].model.name),
        on_message=lambda index, text: progress.message(fed[index].model.name, text),
        curious=_BestSoFar(inputs),
    ):
        keep(fed[index], outcome, seconds)


class _BestSoFar:
    """Tells of each outcome of a lane whether it is the best so far, and so worth explaining."""

    def __init__(self, inputs: Inputs) -> None:
        self._splits = inputs.dataset.splits
        self._best = 0.0

    def __call__(self, index: int, outcome: Outcome) -> bool:
        split = "test" if "test" in outcome.answers else next(iter(outcome.answers))
        accuracy = float(np.mean(outcome.answers[split].predicted == self._splits[split].labels))
        self._best = max(self._best, accuracy)
        return accuracy == self._best


def _files(trial: Trial, inputs: Inputs) -> Mapping[str, Path]:
    return inputs.features if trial.model.inputs == "features" else inputs.images


def _skipped(trial: Trial) -> Outcome:
    return Outcome("skipped", "needs pictures, and this dataset is a feature table")


def _checkpoint(store: Store, trial: Trial) -> Path:
    return store.folder.absolute() / "checkpoints" / f"{trial.name}.pt"


def _forget_checkpoint(store: Store, trial: Trial) -> None:
    path = _checkpoint(store, trial)
    for left in path.parent.glob(f"{trial.name}.*"):
        left.unlink()
    with contextlib.suppress(OSError):  # not there, or another trial's is in it
        path.parent.rmdir()


def _task(trial: Trial, inputs: Inputs, store: Store) -> Task:
    return Task(
        model=trial.model.name,
        origin=trial.model.origin,
        context=replace(trial.context, checkpoint=str(_checkpoint(store, trial))),
        inputs=_files(trial, inputs),
        labels={name: split.labels for name, split in inputs.dataset.splits.items()},
        columns=_columns(inputs) if trial.model.inputs == "features" else (),
    )


def _columns(inputs: Inputs) -> tuple[str, ...]:
    """Names of the features: a ready table's own, or the feature set's; a frozen body has none."""
    if inputs.feature_set.startswith(frozen.PREFIX):
        return ()
    return inputs.dataset.columns or features.feature_set(inputs.feature_set).columns


def _fair_memory_gb(lane: Lane) -> float:
    """A trial's share of nine tenths of the memory that is free now, in GB (10^9 bytes)."""
    import psutil

    at_a_time = max(1, min(lane.jobs, len(lane.trials)))
    return psutil.virtual_memory().available * 0.9 / at_a_time / 1e9


# --- recording -------------------------------------------------------------------------------


def _record(
    trial: Trial,
    outcome: Outcome,
    seconds: float,
    inputs: Inputs,
    settings: Settings,
    provenance: Mapping[str, Any],
) -> Record:
    finished = time.time()
    ran = outcome.status not in ("skipped", "unavailable")
    eats_features = trial.model.inputs == "features"
    dataset = inputs.dataset
    scored = {name: len(split) for name, split in dataset.splits.items() if name != "train"}
    return Record(
        trial=trial.name,
        model=trial.model.name,
        family=trial.model.family,
        training=trial.model.training,
        inputs=trial.model.inputs,
        seed=settings.seed,
        preset=settings.preset,
        status=outcome.status,
        reason=outcome.reason,
        notes=outcome.notes,
        parameters=dict(trial.parameters),
        source=dataset.source,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        classes=dataset.classes,
        splits=scored,
        split_fingerprints={name: dataset.split_fingerprints[name] for name in scored},
        feature_set=inputs.feature_set if eats_features else "",
        image_size=None if eats_features else settings.image_size,
        fit_seconds=outcome.fit_seconds,
        predict_seconds=dict(outcome.predict_seconds),
        feature_seconds=inputs.feature_seconds if eats_features else None,
        device=trial.context.device if ran else "",
        threads=trial.context.threads if ran else None,
        peak_memory_mb=outcome.peak_memory_mb,
        parameter_count=outcome.parameter_count,
        started=_utc(finished - seconds),
        finished=_utc(finished),
        provenance={**provenance, **_with_ids(outcome.details, inputs)},
    )


def _with_ids(details: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    """A trial knows its pictures by row; a record names them."""
    explanation = details.get("explanation", {})
    if "maps" not in explanation:
        return dict(details)
    ids = inputs.dataset.splits[explanation["split"]].ids
    named = {**explanation, "ids": [str(ids[row]) for row in explanation["rows"]]}
    del named["rows"]
    return {**details, "explanation": named}


def _utc(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def _predictions(outcome: Outcome, inputs: Inputs) -> dict[str, Predictions]:
    splits = inputs.dataset.splits
    return {
        name: Predictions(
            ids=list(splits[name].ids),
            labels=splits[name].labels,
            predicted=answer.predicted,
            scores=answer.scores,
            kind=answer.kind,
        )
        for name, answer in outcome.answers.items()
    }


def _accuracy(outcome: Outcome, inputs: Inputs) -> str:
    """Accuracy on each scored split, for the progress line."""
    splits = inputs.dataset.splits
    shares = {
        name: float(np.mean(answer.predicted == splits[name].labels))
        for name, answer in outcome.answers.items()
    }
    return "  ".join(f"{name} {share:.3f}" for name, share in shares.items())
