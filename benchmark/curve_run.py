"""A curve's run: the trials of every subset, and ``curve.json``, which says what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmark.plan import Lane, Settings, plan
from benchmark.progress import Progress
from benchmark.request import Request
from benchmark.runner import run_lane, unfinished
from benchmark.subsets import Subset, Subsets
from results import Store, write_atomically
from results.selection import curve_trials


@dataclass(frozen=True)
class _Step:
    """The trials of one subset."""

    subset: Subset
    settings: Settings
    lanes: Sequence[Lane]


def run_curve(
    asked: Request,
    subsets: Subsets,
    store: Store,
    provenance: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Run every trial of every subset that the store has no final record of."""
    steps = [_step(asked, subset) for subset in subsets.all]
    _describe(store, steps, subsets, asked.settings, provenance)
    todo = [replace(s, lanes=unfinished(s.lanes, store, s.settings)) for s in steps]
    left = sum(map(_count, todo))
    progress.plan(left, sum(map(_count, steps)) - left)
    for step in todo:
        if not _count(step):
            continue
        progress.say(f"{step.subset.size:,} training pictures, seed {step.subset.seed}")
        with step.subset.files(asked.workers, progress) as inputs:
            for lane in step.lanes:
                run_lane(lane, inputs, store, step.settings, provenance, progress)


def _step(asked: Request, subset: Subset) -> _Step:
    settings = replace(asked.settings, seed=subset.seed)
    return _Step(subset, settings, plan(asked.models, subset.inputs, settings))


def _count(step: _Step) -> int:
    return sum(len(lane.trials) for lane in step.lanes)


def _describe(
    store: Store,
    steps: Sequence[_Step],
    subsets: Subsets,
    settings: Settings,
    provenance: Mapping[str, Any],
) -> None:
    dataset = subsets.whole.dataset
    trials = {trial.name for step in steps for lane in step.lanes for trial in lane.trials}
    about = {
        "source": dataset.source,
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "preset": settings.preset,
        "train": len(dataset.splits["train"]),
        "subsets": [
            {
                "size": step.subset.size,
                "seed": step.subset.seed,
                "trials": [trial.name for lane in step.lanes for trial in lane.trials],
            }
            for step in steps
        ],
        # A run's board in the same folder must know them as no trials of its own.
        "earlier_trials": sorted(curve_trials(store) - trials),
        "provenance": dict(provenance),
    }
    write_atomically(store.folder / "curve.json", json.dumps(about, indent=1) + "\n")
