"""Runner: has the planned trials of a run executed and keeps a record of each."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import features
from benchmark import frozen
from benchmark.executor import Limits, execute
from benchmark.inputs import Inputs
from benchmark.plan import Lane, Settings, Trial
from benchmark.progress import Progress
from benchmark.trial import Outcome, Task
from results import Predictions, Record, Store

# What a record's status says about running its trial again. What a model lacks may be there by now;
# what it eats is decided by the dataset, which is part of the trial's name.
_FINAL = ("ok", "skipped")
_ASKED_AGAIN = ("unavailable",)


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
