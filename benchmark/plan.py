"""Plan: the trials of a run, each with the name that follows from all that decides its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark import processes
from benchmark.inputs import Inputs
from models import Context, Model
from models.classical import LONGEST_FIRST, suite
from models.places import content_digits
from models.starts import STARTS


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
