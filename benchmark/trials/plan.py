"""Plan: the trials of a run, each with the name that follows from all that decides its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmark import processes
from benchmark.inputs.prepare import Inputs
from benchmark.request import Request
from models import Context, Model, start_order


@dataclass(frozen=True)
class Trial:
    """One model on one dataset with one seed, and the name that follows from all of that."""

    name: str
    model: Model
    parameters: Mapping[str, Any]
    context: Context

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
    return [_lane(models, family, inputs, request) for family in ("classical", "deep")]


def _lane(models: Sequence[Model], family: str, inputs: Inputs, request: Request) -> Lane:
    """The trials of one family: classical ones side by side, deep ones alone with all cores."""
    cores = processes.cores()
    if family == "deep":
        threads, jobs = request.threads or cores, 1
    else:
        threads = request.threads or 1
        jobs = request.jobs or max(1, cores // threads)
    chosen = sorted((m for m in models if m.family == family), key=start_order)
    return Lane([_trial(model, inputs, request, threads) for model in chosen], jobs)


def _trial(model: Model, inputs: Inputs, request: Request, threads: int) -> Trial:
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
    text = json.dumps(identity, sort_keys=True, default=str)
    return Trial(hashlib.sha256(text.encode()).hexdigest()[:16], model, parameters, context)


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
