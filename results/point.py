"""A point of a learning curve: one model, trained on so many pictures with several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.record import Predictions, Record, ResultsError
from results.resampling import resampled_means
from results.store import Store


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model scored with each seed on the n pictures of a split.

    correct: bool (seeds, n); resampled: the mean accuracy in each resample of seeds and pictures,
    the same resamples for every point of a split. fit_seconds, total_seconds (features, fit and
    prediction) are means over the seeds.
    """

    correct: NDArray[np.bool_]
    resampled: NDArray[np.float64]
    fit_seconds: float
    total_seconds: float

    @property
    def accuracy(self) -> float:
        """The mean accuracy."""
        return float(self.correct.mean())

    @property
    def accuracy_sd(self) -> float | None:
        """The standard deviation of the seeds' accuracies; None for one seed."""
        seeds = self.correct.mean(axis=1)
        return float(seeds.std(ddof=1)) if len(seeds) > 1 else None

    @property
    def accuracy_low(self) -> float:
        """The lower end of the 95 % interval of the mean accuracy, over seeds and pictures."""
        return float(np.quantile(self.resampled, 0.025))

    @property
    def accuracy_high(self) -> float:
        """The upper end."""
        return float(np.quantile(self.resampled, 0.975))


@dataclass(frozen=True, eq=False)
class Point:
    """One model trained on `train` pictures with each of so many seeds, asked about a split.

    scores: None if any seed is not ok; status and reason then tell why.
    """

    model: str
    family: str
    training: str
    split: str
    n: int
    train: int
    seeds: int
    device: str
    status: str
    reason: str = ""
    scores: Scores | None = None


Trial = tuple[Record, Mapping[str, Predictions]]
Trials = dict[tuple[str, str], dict[int, list[Trial]]]
"""The trials of each model and training, then size."""


def points_of(store: Store, subsets: Sequence[tuple[int, Sequence[str]]]) -> list[Point]:
    """The points of a curve, split by split, model by model, in ascending order of size.

    subsets: (size, trials) of each size and seed. Raises ResultsError if a record is not there.
    """
    trials = _trials(store, subsets)
    found: list[Point] = []
    for split, n in _splits(trials).items():
        places = [(by_size[size], size) for by_size in trials.values() for size in sorted(by_size)]
        scores = _scores(split, [some for some, _ in places])
        for (some, size), mine in zip(places, scores, strict=True):
            found.append(_point(split, n, size, some, mine))
    return found


def _trials(store: Store, subsets: Sequence[tuple[int, Sequence[str]]]) -> Trials:
    found: Trials = {}
    for size, names in subsets:
        for name in names:
            record = store.get(name)
            if record is None:
                raise ResultsError(
                    f"{store.folder} lacks the record of trial {name}; run the curve again"
                )
            predictions = store.predictions(name) if record.ok else {}
            by_size = found.setdefault((record.model, record.training), {})
            by_size.setdefault(size, []).append((record, predictions))
    return found


def _splits(trials: Trials) -> dict[str, int]:
    for by_size in trials.values():
        for some in by_size.values():
            return some[0][0].splits
    raise ResultsError("a curve without trials; run it again")


def _point(split: str, n: int, size: int, trials: Sequence[Trial], scores: Scores | None) -> Point:
    records = [record for record, _ in trials]
    record = next((record for record in records if not record.ok), records[0])
    return Point(
        model=record.model,
        family=record.family,
        training=record.training,
        split=split,
        n=n,
        train=size,
        seeds=len(records),
        device=record.device,
        status=record.status,
        reason=record.reason,
        scores=scores,
    )


def _scores(split: str, places: Sequence[Sequence[Trial]]) -> list[Scores | None]:
    """The scores of the trials of each place, all of them under the same resamples."""
    correct = [
        np.array([predictions[split].correct for _, predictions in trials])
        for trials in places
        if all(record.ok for record, _ in trials)
    ]
    draws = iter(resampled_means(correct) if correct else ())
    tables = iter(correct)
    return [
        Scores(next(tables), next(draws), *_seconds(split, trials))
        if all(record.ok for record, _ in trials)
        else None
        for trials in places
    ]


def _seconds(split: str, trials: Sequence[Trial]) -> tuple[float, float]:
    """The mean times of the fit, and of features, fit and prediction."""
    fits = [record.fit_seconds or 0.0 for record, _ in trials]
    others = [r.predict_seconds.get(split, 0.0) + (r.feature_seconds or 0.0) for r, _ in trials]
    return float(np.mean(fits)), float(np.mean(fits) + np.mean(others))
