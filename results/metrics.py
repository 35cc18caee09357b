"""Every score that a leaderboard shows, in one table that everything else reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results.calibration import BINS, reliability
from results.classes import class_scores, confusion
from results.record import Predictions


@dataclass(frozen=True)
class Metric:
    """One score: what it is, which way is better, and what of a model's answer it needs.

    title: its name as a table's heading.
    function: (predictions of one split, number of classes) -> float, NaN where it is undefined.
    direction: 'higher' or 'lower' is better. needs: 'labels', 'scores' (probabilities or decision
    values) or 'probability'.
    """

    name: str
    title: str
    description: str
    function: Callable[[Predictions, int], float]
    direction: str
    needs: str

    def __call__(self, predictions: Predictions, n_classes: int) -> float:
        """The score of one split, NaN where the model gave too little to compute it."""
        kinds = {"labels": ("probability", "decision", ""), "scores": ("probability", "decision")}
        usable = predictions.kind in kinds.get(self.needs, ("probability",))
        if not len(predictions) or not usable:
            return float("nan")
        if self.needs != "labels" and not np.isfinite(predictions.scores).all():  # type: ignore[arg-type]
            return float("nan")
        return float(self.function(predictions, n_classes))


def score(predictions: Predictions, n_classes: int) -> dict[str, float]:
    """Every metric of one split, by name, in the table's order; NaN where one is undefined."""
    return {name: metric(predictions, n_classes) for name, metric in METRICS.items()}


def _accuracy(answer: Predictions, n_classes: int) -> float:
    return float(answer.correct.mean())


def _balanced_accuracy(answer: Predictions, n_classes: int) -> float:
    # A class that the split lacks has no recall (NaN), and counts in no mean.
    return float(np.nanmean([own.recall for own in class_scores(answer, n_classes)]))


def _f1_weighted(answer: Predictions, n_classes: int) -> float:
    scores = [own for own in class_scores(answer, n_classes) if own.support]
    return np.average([own.f1 for own in scores], weights=[own.support for own in scores])


def _f1_macro(answer: Predictions, n_classes: int) -> float:
    # A class that is neither in the split nor predicted has no F1, and counts in no mean.
    return float(np.nanmean([own.f1 for own in class_scores(answer, n_classes)]))


def _roc_auc(answer: Predictions, n_classes: int) -> float:
    from scipy.stats import rankdata

    scores: Any = answer.scores
    present, support = np.unique(answer.labels, return_counts=True)
    if len(present) < 2:
        return float("nan")
    if n_classes == 2:  # the second class against the first says it all
        present, support = present[1:], support[1:]
    own = answer.labels[:, None] == present
    ranks = (rankdata(scores[:, present], axis=0) * own).sum(axis=0)
    # Mann and Whitney's U over the number of pairs is the area.
    areas = (ranks / support - (support + 1) / 2) / (len(answer) - support)
    return np.average(areas, weights=support)


def _log_loss(answer: Predictions, n_classes: int) -> float:
    own = _normalised(answer.scores)[np.arange(len(answer)), answer.labels]
    return -np.log(own).mean()


def _normalised(probabilities: Any) -> NDArray[np.float64]:
    """Probabilities off zero, so that one sure mistake costs much and not everything."""
    clipped = np.clip(probabilities, np.finfo(np.float64).eps, 1)
    return clipped / clipped.sum(axis=1, keepdims=True)


def _brier(answer: Predictions, n_classes: int) -> float:
    scores: Any = answer.scores
    return ((scores - np.eye(n_classes)[answer.labels]) ** 2).sum(axis=1).mean() / 2


def _ece(answer: Predictions, n_classes: int) -> float:
    curve = reliability(answer)
    return curve.error if curve else float("nan")


def _mcc(answer: Predictions, n_classes: int) -> float:
    matrix = confusion(answer, n_classes).astype(np.float64)
    n, named, support = matrix.sum(), matrix.sum(axis=0), matrix.sum(axis=1)
    covariance = matrix.trace() * n - named @ support
    spread = (n**2 - named @ named) * (n**2 - support @ support)
    # No correlation where all pictures are of one class, or all are given one.
    return covariance / np.sqrt(spread) if spread > 0 else 0.0


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "accuracy",
            "Accuracy",
            "share of pictures classified correctly",
            _accuracy,
            "higher",
            "labels",
        ),
        Metric(
            "balanced_accuracy",
            "Balanced accuracy",
            "mean over the classes of the split of the share of each that is found (recall)",
            _balanced_accuracy,
            "higher",
            "labels",
        ),
        Metric(
            "f1_weighted",
            "F1, weighted",
            "F1 (harmonic mean of precision and recall) of each class, weighted by its pictures",
            _f1_weighted,
            "higher",
            "labels",
        ),
        Metric(
            "f1_macro",
            "F1, macro",
            "F1 of each class, every class weighing the same",
            _f1_macro,
            "higher",
            "labels",
        ),
        Metric(
            "roc_auc",
            "ROC AUC",
            "area under the ROC curve; of several classes each against the rest, weighted by its "
            "pictures (Fawcett 2006); from probabilities or decision values",
            _roc_auc,
            "higher",
            "scores",
        ),
        Metric(
            "log_loss",
            "Log loss",
            "mean negative natural logarithm of the probability given to the true class",
            _log_loss,
            "lower",
            "probability",
        ),
        Metric(
            "ece",
            "ECE",
            f"expected calibration error: mean gap between confidence and accuracy in {BINS} bins "
            "of equal width of the top class's probability (Guo et al. 2017)",
            _ece,
            "lower",
            "probability",
        ),
        Metric(
            "mcc",
            "MCC",
            "Matthews correlation coefficient of true and predicted class (Gorodkin 2004)",
            _mcc,
            "higher",
            "labels",
        ),
        Metric(
            "brier",
            "Brier score",
            "half the squared distance of the probabilities from the truth, 0 to 1; of two classes "
            "the squared error of the second's probability (Brier 1950)",
            _brier,
            "lower",
            "probability",
        ),
    )
}
