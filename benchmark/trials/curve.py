"""A curve's run: the trials of every subset, and ``curve.json``, which says what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmark.inputs.subsets import Subset, Subsets
from benchmark.progress import Progress
from benchmark.request import CurveRequest
from benchmark.resolution import Resolved
from benchmark.trials.plan import Lane, as_kept, plan
from benchmark.trials.runner import Runner, unfinished
from results import CurveRun, Store, SubsetTrials


@dataclass(frozen=True)
class _Step:
    """The trials of one subset."""

    subset: Subset
    lanes: Sequence[Lane]

    @property
    def trials(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(trial.name for lane in self.lanes for trial in lane.trials)


def run_curve(
    resolved: Resolved[CurveRequest],
    subsets: Subsets,
    store: Store,
    provenance: Mapping[str, Any],
    progress: Progress,
) -> None:
    """Run every trial of every subset that the store has no final record of."""
    request = resolved.request
    steps = []
    for subset in subsets.all:
        lanes = plan(resolved.models, subset.inputs, replace(request, seed=subset.seed))
        steps.append(_Step(subset, as_kept(lanes, store)))
    _describe(store, steps, subsets, request, provenance)
    todo = [replace(step, lanes=unfinished(step.lanes, store, request)) for step in steps]
    left = sum(len(step.trials) for step in todo)
    progress.plan(left, sum(len(step.trials) for step in steps) - left)
    runner = Runner(store, request, provenance, progress)
    for step in todo:
        if not step.trials:
            continue
        progress.say(f"{step.subset.size:,} training pictures, seed {step.subset.seed}")
        with step.subset.files(resolved.workers, progress) as inputs:
            for lane in step.lanes:
                runner.run_lane(lane, inputs)


def _describe(
    store: Store,
    steps: Sequence[_Step],
    subsets: Subsets,
    request: CurveRequest,
    provenance: Mapping[str, Any],
) -> None:
    dataset = subsets.whole.dataset
    CurveRun(
        source=dataset.source,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        preset=request.preset,
        train=len(dataset.splits["train"]),
        subsets=tuple(SubsetTrials(s.subset.size, s.subset.seed, s.trials) for s in steps),
        provenance=dict(provenance),
    ).after(store.curve()).write(store.folder)
