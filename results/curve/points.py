"""The points of a learning curve, and what they answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from results.board.naming import distinct_names
from results.curve.crossover import crossover
from results.errors import ResultsError
from results.records.predictions import Predictions
from results.records.record import Record
from results.records.run import CurveRun, SubsetTrials
from results.records.store import Store
from results.statistics.inference import wilson
from results.statistics.seeds import seeds_of, spread

if TYPE_CHECKING:
    import pandas as pd

_Trial = tuple[Record, Mapping[str, Predictions]]

# The trials of each model and training, then size.
_Trials = dict[tuple[str, str], dict[int, list[_Trial]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Point:
    """One model trained on `train` pictures with each of so many seeds, asked about a split.

    Attributes
    ----------
    name : what its model is called: with its training, where the model has several.
    accuracy, accuracy_sd : mean and standard deviation over the seeds, the latter NaN for one.
    accuracy_low, accuracy_high : the 95 % interval of the mean accuracy, see `band`.
    fit_seconds, total_seconds : means over the seeds; the total is features, fit and prediction.
    status, reason : of the first seed that is not ok; all of the above is NaN if there is one.
    correct : bool (seeds, n), right or wrong; empty if there is a seed that is not ok.
    """

    model: str
    family: str
    training: str
    split: str
    n: int
    train: int
    seeds: int
    accuracy: float = math.nan
    accuracy_sd: float = math.nan
    accuracy_low: float = math.nan
    accuracy_high: float = math.nan
    fit_seconds: float = math.nan
    total_seconds: float = math.nan
    device: str
    status: str
    reason: str
    name: str
    correct: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))

    @property
    def ok(self) -> bool:
        """Whether it has a score."""
        return self.status == "ok"


CURVE_COLUMNS = tuple(each.name for each in fields(Point) if each.name not in ("name", "correct"))


class Points:
    """The points of every model, split and size, in that order, and where deep overtakes.

    Attributes
    ----------
    split : the one that the figure and the answer are about, test where there is one.
    crossover : None if one of the families has no whole curve.
    """

    def __init__(self, points: Sequence[Point], about: CurveRun) -> None:
        self.points = tuple(points)
        self.about = about
        splits = dict.fromkeys(point.split for point in points)
        self.split = "test" if "test" in splits else next(iter(splits))
        deep, classical = self._best("deep"), self._best("classical")
        self.crossover = None
        pairs = list(zip(deep, classical, strict=False))
        # Where one of them lacks a seed, as damage can make it, nothing is set against each other.
        if pairs and all(mine.correct.shape == other.correct.shape for mine, other in pairs):
            differences = [mine.correct * 1.0 - other.correct for mine, other in pairs]
            models = deep[-1].name, classical[-1].name
            self.crossover = crossover(self.sizes, *models, differences)

    @classmethod
    def from_store(cls, store: Store) -> Self:
        """The last curve in a store's folder.

        Raises
        ------
        ResultsError
            If there is none, or records that it needs are not there.
        """
        about = store.curve()
        if not about.subsets:
            raise ResultsError(
                f"{store.folder} holds no curve that can be read; make it with `benchmark curve`"
            )
        return cls(_points(store, about.subsets), about)

    @property
    def shown(self) -> list[Point]:
        """The points of the split that the figure is about."""
        return [point for point in self.points if point.split == self.split]

    @property
    def label(self) -> str:
        """What it is called: its dataset and preset."""
        return f"{self.about.dataset}-{self.about.preset}"

    @property
    def sizes(self) -> list[int]:
        """The numbers of training pictures that were tried."""
        return sorted({point.train for point in self.points})

    @property
    def text(self) -> str:
        """What the curve answers, in sentences."""
        first = self.shown[0]
        least, most = f"{self.sizes[0]:,}", f"{self.sizes[-1]:,}"
        seeds = f"{first.seeds} seeds"
        if first.seeds == 1:
            seeds = "1 seed, so that intervals count the test pictures alone"
        parts = [
            f"Accuracy on {self.split} ({first.n:,} pictures) after training on "
            f"{least if least == most else f'{least} to {most}'}, {seeds}."
        ]
        parts += self.crossover.sentences if self.crossover else [self._no_crossover()]
        if self.about.preset == "quick" and any(p.family == "deep" for p in self.points):
            parts.append("The preset quick under-trains the deep models.")
        return " ".join(parts)

    def _no_crossover(self) -> str:
        families = {point.family for point in self.shown if point.ok}
        lacking = {"deep", "classical"} - families
        if lacking:
            return f"No {' and no '.join(sorted(lacking))} model has a score to compare."
        return "At some sizes no deep or no classical model has a score, so no crossover is sought."

    def _best(self, family: str) -> list[Point]:
        """The most accurate model of a family at each size; none if a size lacks one."""
        best = []
        for size in self.sizes:
            mine = [p for p in self.shown if (p.family, p.train, p.ok) == (family, size, True)]
            if not mine:
                return []
            best.append(max(mine, key=lambda point: point.accuracy))
        return best

    def to_frame(self) -> pd.DataFrame:
        """The columns of `CURVE_COLUMNS`, a line per model, split and size."""
        import pandas as pd

        return pd.DataFrame([vars(point) for point in self.points], columns=list(CURVE_COLUMNS))


def band(correct: NDArray[np.bool_]) -> tuple[float, float]:
    """The 95 % interval of a mean accuracy from right or wrong, bool (seeds, n).

    It counts seeds and pictures (`seeds_of`); of one seed the pictures alone (`wilson`).
    """
    if len(correct) == 1:
        return wilson(int(correct.sum()), correct.size)
    seeds = seeds_of(correct)
    return seeds.low, seeds.high


def _points(store: Store, subsets: Sequence[SubsetTrials]) -> list[Point]:
    """Split by split, model by model, in ascending order of size."""
    trials = _trials(store, subsets)
    first = next((some[0] for by_size in trials.values() for some in by_size.values()), None)
    if first is None:
        raise ResultsError("a curve without trials; run it again")
    names = distinct_names([model for model, _ in trials], [(way,) for _, way in trials])
    return [
        _point(name, split, n, size, by_size[size])
        for split, n in first[0].splits.items()
        for name, by_size in zip(names, trials.values(), strict=True)
        for size in sorted(by_size)
    ]


def _trials(store: Store, subsets: Sequence[SubsetTrials]) -> _Trials:
    trials: _Trials = {}
    splits: dict[str, int] = {}
    for subset in subsets:
        for name in subset.trials:
            record = store.get(name)
            if record is None:
                raise ResultsError(
                    f"{store.folder} lacks the record of trial {name}; run the curve again"
                )
            splits = splits or record.splits
            if record.splits != splits:
                raise ResultsError(
                    f"{store.folder}: trial {name} of the curve is about other splits than those "
                    "before it; run the curve again"
                )
            predictions = store.predictions(name) if record.ok else {}
            by_size = trials.setdefault((record.model, record.training), {})
            by_size.setdefault(subset.size, []).append((record, predictions))
    return trials


def _point(name: str, split: str, n: int, size: int, trials: Sequence[_Trial]) -> Point:
    records = [record for record, _ in trials]
    record = next((record for record in records if not record.ok), records[0])
    return Point(
        name=name,
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
        **(_scores(split, trials) if record.ok else {}),
    )


def _scores(split: str, trials: Sequence[_Trial]) -> dict[str, Any]:
    records = [record for record, _ in trials]
    correct = np.array([predictions[split].correct for _, predictions in trials])
    low, high = band(correct)
    fit = np.mean([record.fit_seconds or 0.0 for record in records])
    others = [r.predict_seconds.get(split, 0.0) + (r.feature_seconds or 0.0) for r in records]
    return {
        "accuracy": float(correct.mean()),
        "accuracy_sd": spread(correct.mean(axis=1)) if len(correct) > 1 else math.nan,
        "accuracy_low": low,
        "accuracy_high": high,
        "fit_seconds": float(fit),
        "total_seconds": float(fit + np.mean(others)),
        "correct": correct,
    }
