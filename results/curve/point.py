"""A point of a learning curve: one model, trained on so many pictures with several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from results.errors import ResultsError
from results.records.predictions import Predictions
from results.records.record import Record
from results.records.run import SubsetTrials
from results.records.store import Store
from results.statistics.inference import wilson
from results.statistics.seeds import seeds_of, spread

_Trial = tuple[Record, Mapping[str, Predictions]]

# The trials of each model and training, then size.
_Trials = dict[tuple[str, str], dict[int, list[_Trial]]]


@dataclass(frozen=True, eq=False)
class SeedScores:
    """What a model scored with each seed on the n pictures of a split.

    Attributes
    ----------
    correct : bool (seeds, n).
    fit_seconds, total_seconds : means over the seeds; the total is features, fit and prediction.
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
        seeds = seeds_of(self.correct)
        return seeds.low, seeds.high


@dataclass(frozen=True, eq=False)
class Point:
    """One model trained on `train` pictures with each of so many seeds, asked about a split.

    Attributes
    ----------
    status, reason : of the first seed that is not ok.
    scores : None if there is such a seed.
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
    scores: SeedScores | None = None


def points_of(store: Store, subsets: Sequence[SubsetTrials]) -> list[Point]:
    """The points of a curve, split by split, model by model, in ascending order of size.

    Raises
    ------
    ResultsError
        If a record is not there.
    """
    trials = _trials(store, subsets)
    return [
        _point(split, n, size, by_size[size])
        for split, n in _splits(trials).items()
        for by_size in trials.values()
        for size in sorted(by_size)
    ]


def _trials(store: Store, subsets: Sequence[SubsetTrials]) -> _Trials:
    trials: _Trials = {}
    for subset in subsets:
        for name in subset.trials:
            record = store.get(name)
            if record is None:
                raise ResultsError(
                    f"{store.folder} lacks the record of trial {name}; run the curve again"
                )
            predictions = store.predictions(name) if record.ok else {}
            by_size = trials.setdefault((record.model, record.training), {})
            by_size.setdefault(subset.size, []).append((record, predictions))
    return trials


def _splits(trials: _Trials) -> dict[str, int]:
    for by_size in trials.values():
        for some in by_size.values():
            return some[0][0].splits
    raise ResultsError("a curve without trials; run it again")


def _point(split: str, n: int, size: int, trials: Sequence[_Trial]) -> Point:
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


def _scores(split: str, trials: Sequence[_Trial]) -> SeedScores | None:
    if not all(record.ok for record, _ in trials):
        return None
    correct = np.array([predictions[split].correct for _, predictions in trials])
    return SeedScores(correct, *_seconds(split, trials))


def _seconds(split: str, trials: Sequence[_Trial]) -> tuple[float, float]:
    """The mean times of the fit, and of features, fit and prediction."""
    fits = [record.fit_seconds or 0.0 for record, _ in trials]
    others = [r.predict_seconds.get(split, 0.0) + (r.feature_seconds or 0.0) for r, _ in trials]
    return float(np.mean(fits)), float(np.mean(fits) + np.mean(others))
