"""Runner: has the planned trials of a run executed and keeps a record of each."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmark.inputs.prepare import Inputs
from benchmark.progress import Progress
from benchmark.request import Request
from benchmark.trials.executor import Limits, execute
from benchmark.trials.plan import Lane, Trial
from benchmark.trials.task import Outcome, Task
from results import Predictions, Record, Store

# What a record's status says about running its trial again. What a model lacks may be there by now;
# what it takes is decided by the dataset, which is part of the trial's name.
_FINAL = ("ok", "skipped")
_ASKED_AGAIN = ("unavailable",)
_SKIPPED = Outcome("skipped", "needs pictures, and this dataset is a feature table")


def unfinished(lanes: Sequence[Lane], store: Store, request: Request) -> list[Lane]:
    """The lanes without the trials that the store has a final record of."""
    return [
        replace(lane, trials=[t for t in lane.trials if not _is_final(store.get(t.name), request)])
        for lane in lanes
    ]


def _is_final(record: Record | None, request: Request) -> bool:
    if record is None or record.status in _ASKED_AGAIN:
        return False
    return record.status in _FINAL or not request.retry


@dataclass(frozen=True)
class Runner:
    """Runs trials and saves a record of each as it ends.

    Attributes
    ----------
    store : where to.
    request : how to go about it, with nothing left open.
    provenance : where and with what the results are made.
    progress : hears of every start and end.
    """

    store: Store
    request: Request
    provenance: Mapping[str, Any]
    progress: Progress

    def run_all(self, lanes: Sequence[Lane], inputs: Inputs) -> None:
        """Run every trial that the store has no final record of."""
        todo = unfinished(lanes, self.store, self.request)
        total, left = (sum(len(lane.trials) for lane in some) for some in (lanes, todo))
        self.progress.plan(left, total - left)
        for lane in todo:
            self.run_lane(lane, inputs)

    def run_lane(self, lane: Lane, inputs: Inputs) -> None:
        """Run the trials of a lane."""
        trials = [trial for trial in lane.trials if trial.files(inputs)]
        for trial in lane.trials:
            if trial not in trials:
                self._keep(trial, _SKIPPED, 0.0, inputs)
        tasks = [self._task(trial, inputs) for trial in trials]
        memory = self.request.memory_limit or _fair_memory_gb(lane)

        def on_again(index: int, reason: str) -> None:
            self.progress.again(trials[index].model.name, reason)
            inputs.restore()

        for index, outcome, seconds in execute(
            tasks,
            lane.jobs,
            Limits(self.request.timeout, memory),
            on_start=lambda index: self.progress.started(trials[index].model.name),
            on_message=lambda index, text: self.progress.message(trials[index].model.name, text),
            should_explain=_BestSoFar(inputs),
            on_again=on_again,
        ):
            self._keep(trials[index], outcome, seconds, inputs)

    def _keep(self, trial: Trial, outcome: Outcome, seconds: float, inputs: Inputs) -> None:
        record = self._record(trial, outcome, seconds, inputs)
        self.store.save(record, _predictions(outcome, inputs))
        if outcome.status == "ok":
            self._forget_checkpoint(trial)
        self.progress.ended(
            trial.model.name, outcome.status, outcome.reason, seconds, _accuracy(outcome, inputs)
        )

    def _task(self, trial: Trial, inputs: Inputs) -> Task:
        return Task(
            model=trial.model.name,
            origin=trial.model.origin,
            context=replace(trial.context, checkpoint=str(self._checkpoint(trial))),
            inputs=trial.files(inputs),
            labels={name: split.labels for name, split in inputs.dataset.splits.items()},
            columns=inputs.columns if trial.model.inputs == "features" else (),
        )

    def _checkpoint(self, trial: Trial) -> Path:
        return self.store.folder.absolute() / "checkpoints" / f"{trial.name}.pt"

    def _forget_checkpoint(self, trial: Trial) -> None:
        path = self._checkpoint(trial)
        for left in path.parent.glob(f"{trial.name}.*"):
            left.unlink()
        with contextlib.suppress(OSError):  # not there, or another trial's is in it
            path.parent.rmdir()

    def _record(self, trial: Trial, outcome: Outcome, seconds: float, inputs: Inputs) -> Record:
        finished = time.time()
        ran = outcome.status not in ("skipped", "unavailable")
        takes_features = trial.model.inputs == "features"
        dataset = inputs.dataset
        scored = {name: len(split) for name, split in dataset.splits.items() if name != "train"}
        return Record(
            trial=trial.name,
            model=trial.model.name,
            family=trial.model.family,
            training=trial.model.training,
            inputs=trial.model.inputs,
            seed=trial.context.seed,
            preset=trial.context.preset,
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
            feature_set=inputs.feature_set if takes_features else "",
            image_size=None if takes_features else trial.context.image_size,
            fit_seconds=outcome.fit_seconds,
            predict_seconds=dict(outcome.predict_seconds),
            feature_seconds=inputs.feature_seconds if takes_features else None,
            device=trial.context.device if ran else "",
            threads=trial.context.threads if ran else None,
            peak_memory_mb=outcome.peak_memory_mb,
            parameter_count=outcome.parameter_count,
            started=_utc(finished - seconds),
            finished=_utc(finished),
            provenance={
                **self.provenance,
                "versions": {**self.provenance.get("versions", {}), **trial.versions},
                **_with_ids(outcome.details, inputs),
            },
        )


class _BestSoFar:
    """Says of each outcome of a lane whether it is the best so far, and so worth explaining."""

    def __init__(self, inputs: Inputs) -> None:
        self._splits = inputs.dataset.splits
        self._best = 0.0

    def __call__(self, index: int, outcome: Outcome) -> bool:
        split = "test" if "test" in outcome.answers else next(iter(outcome.answers))
        accuracy = float(np.mean(outcome.answers[split].predicted == self._splits[split].labels))
        self._best = max(self._best, accuracy)
        return accuracy == self._best


def _fair_memory_gb(lane: Lane) -> float:
    """A trial's share of nine tenths of the memory that is free now, in GB (10^9 bytes)."""
    at_a_time = max(1, min(lane.jobs, len(lane.trials)))
    return psutil.virtual_memory().available * 0.9 / at_a_time / 1e9


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
