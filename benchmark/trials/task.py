"""A task for a child process, and the outcome that it comes back with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models import Context, EstimatorAnswer

# What the executor says to a child that is to explain its answer.
EXPLAIN = "explain"

# The status of a task that must be run again, since what went wrong was not its model's doing.
OURS = "ours"


@dataclass(frozen=True)
class Task:
    """What a child process needs to run one trial.

    Attributes
    ----------
    model, origin : the model's name and the file that declared it.
    context : what its builder is told.
    inputs : split name to the ``.npy`` file of its inputs.
    labels : split name to its labels (n,).
    columns : names of the features, for a model that takes them.
    """

    model: str
    origin: str
    context: Context
    inputs: Mapping[str, Path]
    labels: Mapping[str, np.ndarray]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a trial ended with; a killed one has a status and a reason only."""

    status: str
    reason: str = ""
    answers: Mapping[str, EstimatorAnswer] = field(default_factory=dict)
    fit_seconds: float | None = None
    predict_seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: float | None = None
    parameter_count: int | None = None
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
