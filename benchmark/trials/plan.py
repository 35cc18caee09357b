"""Plan: the trials of a run, each with the name that follows from all that decides its result.

Among that are the versions of the libraries that compute it, and what a plugin imports from beside
it. Names of before did not cover those. A result under such a name is kept where nothing speaks
against it: its record names the same versions, and was begun after all that lies beside its plugin
was last written. Where a record does not say which version it was, it is taken on trust.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmark import processes
from benchmark.inputs.prepare import Inputs
from benchmark.plugins import Sources, sources_of
from benchmark.request import Request
from benchmark.trials.provenance import versions_of
from models import Context, Model, start_order
from results import Record, Store


@dataclass(frozen=True)
class Trial:
    """One model on one dataset with one seed, and the name that follows from all of that.

    Attributes
    ----------
    name : the hash of all that decides its result.
    former : the same without versions and what is imported from beside a plugin.
    model, parameters, context : the model, and what decides its result beside its code.
    versions : of the libraries that compute it.
    changed : when what the plugin imports from beside it was last written, seconds since 1970.
    """

    name: str
    former: str
    model: Model
    parameters: Mapping[str, Any]
    context: Context
    versions: Mapping[str, str]
    changed: float

    def files(self, inputs: Inputs) -> Mapping[str, Path]:
        """The files of what its model takes, by split; empty if the dataset has none of it."""
        return inputs.features if self.model.inputs == "features" else inputs.images


@dataclass(frozen=True)
class Lane:
    """Trials that may run side by side, and how many of them at a time."""

    trials: Sequence[Trial]
    jobs: int


def plan(models: Sequence[Model], inputs: Inputs, request: Request) -> list[Lane]:
    """Every trial of a run: the classical lane, then the deep one."""
    sources = {origin: sources_of(origin) for origin in {model.origin for model in models}}
    return [_lane(models, family, inputs, request, sources) for family in ("classical", "deep")]


def _lane(
    models: Sequence[Model],
    family: str,
    inputs: Inputs,
    request: Request,
    sources: Mapping[str, Sources],
) -> Lane:
    """The trials of one family: classical ones side by side, deep ones alone with all cores."""
    cores = processes.cores()
    if family == "deep":
        threads, jobs = request.threads or cores, 1
    else:
        threads = request.threads or 1
        jobs = request.jobs or max(1, cores // threads)
    chosen = sorted((m for m in models if m.family == family), key=start_order)
    trials = [_trial(model, inputs, request, threads, sources[model.origin]) for model in chosen]
    return Lane(trials, jobs)


def _trial(model: Model, inputs: Inputs, request: Request, threads: int, sources: Sources) -> Trial:
    context = _context(model, inputs, request, threads)
    parameters = model.parameters(context)
    given = inputs.feature_definition if model.inputs == "features" else request.image_size
    identity = {
        "fingerprint": inputs.dataset.fingerprint,
        "inputs": [model.inputs, given],
        "model": [model.name, model.family, model.training, _source(model.origin), parameters],
        "seed": request.seed,
        "preset": request.preset,
        "device": context.device,
    }
    versions = {**versions_of(model, parameters), **sources.libraries}
    code = {"versions": versions, "beside": sources.beside}
    return Trial(
        _hash(identity | code),
        _hash(identity),
        model,
        parameters,
        context,
        versions,
        sources.changed,
    )


def _hash(identity: Mapping[str, Any]) -> str:
    text = json.dumps(identity, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_kept(lanes: Sequence[Lane], store: Store) -> list[Lane]:
    """The lanes, where a trial whose result the store has under its former name bears that."""
    return [
        replace(lane, trials=[_as_kept(trial, store) for trial in lane.trials]) for lane in lanes
    ]


def _as_kept(trial: Trial, store: Store) -> Trial:
    if store.get(trial.name) is not None:
        return trial
    record = store.get(trial.former)
    if record is None or not _is_of(record, trial):
        return trial
    return replace(trial, name=trial.former)


def _is_of(record: Record, trial: Trial) -> bool:
    """Whether nothing speaks against that a record of before is of this trial."""
    then = record.versions
    same = all(then.get(library, version) == version for library, version in trial.versions.items())
    return same and datetime.fromisoformat(record.started).timestamp() > trial.changed


def _context(model: Model, inputs: Inputs, request: Request, threads: int) -> Context:
    """What the model's builder is told: of the request all that a context has too."""
    shared = {field.name for field in fields(Context)} & {field.name for field in fields(request)}
    about = {name: getattr(request, name) for name in shared}
    about |= {"n_classes": len(inputs.dataset.classes), "threads": threads}
    about |= {"device": request.device if model.family == "deep" else "cpu"}
    return Context(**about)


def _source(origin: str) -> str:
    """What an edited plugin file changes: the hash of its text."""
    path = Path(origin)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else origin
