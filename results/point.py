"""A point of a learning curve: one model, trained on so many pictures with several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from results.record import Predictions, Record, ResultsError
from results.seeds import seeds_of, spread
from results.statistics import wilson
from results.store import Store


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model scored with each seed on the n pictures of a split.

    correct: bool (seeds, n). fit_seconds, total_seconds (features, fit and prediction) are means
    over the seeds.
    """

    correct: NDArray[np.bool_]
    fit_seconds: float
    total_seconds: float

    @property
    def accuracy(self) -> float:
        """The mean accuracy."""
        return float(self.correct.mean())

    @property
    def accuracy_sd(self) -> float | None:
        """The standard deviation of the seeds' accuracies; None for one seed."""
        return spread(self.correct.mean(axis=1)) if len(self.correct) > 1 else None

    @property
    def accuracy_low(self) -> float:
        """The lower end of the 95 % interval of the mean accuracy.

        It counts seeds and pictures (`seeds_of`); of one seed the pictures alone (`wilson`).
        """
        return self._interval[0]

    @property
    def accuracy_high(self) -> float:
        """The upper end."""
        return self._interval[1]

    @cached_property
    def _interval(self) -> tuple[float, float]:
        if len(self.correct) == 1:
            return wilson(int(self.correct.sum()), self.correct.size)
        found = seeds_of(self.correct)
        return found.low, found.high


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
    return [
        _point(split, n, size, by_size[size])
        for split, n in _splits(trials).items()
        for by_size in trials.values()
        for size in sorted(by_size)
    ]


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


def _point(split: str, n: int, size: int, trials: Sequence[Trial]) -> Point:
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
        scores=_scores(split, trials),
    )


def _scores(split: str, trials: Sequence[Trial]) -> Scores | None:
    if not all(record.ok for record, _ in trials):
        return None
    correct = np.array([predictions[split].correct for _, predictions in trials])
    return Scores(correct, *_seconds(split, trials))


def _seconds(split: str, trials: Sequence[Trial]) -> tuple[float, float]:
    """The mean times of the fit, and of features, fit and prediction."""
    fits = [record.fit_seconds or 0.0 for record, _ in trials]
    others = [r.predict_seconds.get(split, 0.0) + (r.feature_seconds or 0.0) for r, _ in trials]
    return float(np.mean(fits)), float(np.mean(fits) + np.mean(others))
