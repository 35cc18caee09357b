"""Every score that a leaderboard shows, in one table that everything else reads."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from results.errors import ResultsError
from results.records.predictions import Predictions
from results.statistics.calibration import reliability
from results.statistics.classes import class_scores, confusion

DIRECTIONS = ("higher", "lower")

# What a metric may need, and the kinds of scores that serve it.
NEEDS = {
    "labels": ("probability", "decision", ""),
    "scores": ("probability", "decision"),
    "probability": ("probability",),
}
_BUILT_IN = "built in"

# Characters of what went wrong with a plugin's metric.
_MOST_TEXT = 300


@dataclass(frozen=True)
class Metric:
    """One score: what it is, which way is better, and what of a model's answer it needs.

    Attributes
    ----------
    title : its name as a table's heading.
    function : takes the predictions of one split and the number of classes, returns a float, NaN
        where it is undefined. The first line of its docstring says what it is.
    direction : which way is better, 'higher' or 'lower'.
    needs : 'labels', 'scores' (probabilities or decision values) or 'probability'.
    """

    name: str
    title: str
    function: Callable[[Predictions, int], float]
    direction: str = "higher"
    needs: str = "labels"
    origin: str = _BUILT_IN

    @property
    def description(self) -> str:
        """What it is, in words."""
        first, *_ = (self.function.__doc__ or "").strip().splitlines() or [self.title]
        return " ".join(first.split()).removesuffix(".")

    @property
    def is_built_in(self) -> bool:
        """Whether it is one of ours; the others come from plugins."""
        return self.origin == _BUILT_IN

    def __call__(self, predictions: Predictions, n_classes: int) -> float:
        """The score of one split, NaN where the model gave too little to compute it."""
        if not len(predictions) or predictions.kind not in NEEDS[self.needs]:
            return float("nan")
        if self.needs != "labels" and not np.isfinite(predictions.scores).all():  # type: ignore[arg-type]
            return float("nan")
        if self.is_built_in:
            return float(self.function(predictions, n_classes))
        return self._guarded(predictions, n_classes)

    def _guarded(self, predictions: Predictions, n_classes: int) -> float:
        """A plugin's score; a ResultsError if the function raises, or returns no number."""
        scores = predictions.scores
        # A copy: what a function does to it in place must not reach the other scores.
        given = replace(predictions, scores=None if scores is None else scores.copy())
        try:
            value = self.function(given, n_classes)
            if not isinstance(value, Real):
                raise TypeError(f"it returned {value!r}, which is no number")
            return float(value)
        except Exception as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_TEXT]
            raise ResultsError(f"metric {self.name!r} in {self.origin} raised {what}") from error


def scores_of(predictions: Predictions, n_classes: int) -> tuple[dict[str, float], dict[str, str]]:
    """Every metric of one split.

    Returns
    -------
    scores : by name, in the table's order; NaN where one is undefined.
    faults : what went wrong with those of plugins that failed, by name.
    """
    scores, faults = dict.fromkeys(METRICS, float("nan")), {}
    for name, metric in METRICS.items():
        try:
            scores[name] = metric(predictions, n_classes)
        except ResultsError as error:
            faults[name] = str(error)
    return scores, faults


def check_metric(name: str) -> None:
    """Raise ResultsError, with a suggestion, unless a metric has this name."""
    if name in METRICS:
        return
    close = difflib.get_close_matches(name, METRICS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(METRICS)}"
    raise ResultsError(f"no metric {name!r} to sort by; {hint}")


def _accuracy(answer: Predictions, n_classes: int) -> float:
    """share of pictures classified correctly"""
    return float(answer.correct.mean())


def _balanced_accuracy(answer: Predictions, n_classes: int) -> float:
    """mean over the classes of the split of the share of each that is found (recall)"""
    # A class that the split lacks has no recall (NaN), and counts in no mean.
    return float(np.nanmean([own.recall for own in class_scores(answer, n_classes)]))


def _f1_weighted(answer: Predictions, n_classes: int) -> float:
    """F1 (harmonic mean of precision and recall) of each class, weighted by its pictures"""
    scores = [own for own in class_scores(answer, n_classes) if own.support]
    return np.average([own.f1 for own in scores], weights=[own.support for own in scores])


def _f1_macro(answer: Predictions, n_classes: int) -> float:
    """F1 of each class, every class weighing the same"""
    # A class that is neither in the split nor predicted has no F1, and counts in no mean.
    return float(np.nanmean([own.f1 for own in class_scores(answer, n_classes)]))


def _roc_auc(answer: Predictions, n_classes: int) -> float:
    """area under the ROC curve; of several classes each against the rest, weighted by its \
    pictures (Fawcett 2006); from probabilities or decision values"""
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
    """mean negative natural logarithm of the probability given to the true class"""
    # Off zero, so that one sure mistake costs much and not everything.
    clipped = np.clip(answer.scores, np.finfo(np.float64).eps, 1)  # type: ignore[arg-type]
    own = clipped / clipped.sum(axis=1, keepdims=True)
    return -np.log(own[np.arange(len(answer)), answer.labels]).mean()


def _brier(answer: Predictions, n_classes: int) -> float:
    """half the squared distance of the probabilities from the truth, 0 to 1; of two classes \
    the squared error of the second's probability (Brier 1950)"""
    scores: Any = answer.scores
    return ((scores - np.eye(n_classes)[answer.labels]) ** 2).sum(axis=1).mean() / 2


def _ece(answer: Predictions, n_classes: int) -> float:
    """expected calibration error: mean gap between confidence and accuracy in 15 bins of equal \
    width of the top class's probability (Guo et al. 2017)"""
    curve = reliability(answer)
    return curve.error if curve else float("nan")


def _mcc(answer: Predictions, n_classes: int) -> float:
    """Matthews correlation coefficient of true and predicted class (Gorodkin 2004)"""
    matrix = confusion(answer, n_classes).astype(np.float64)
    n, named, support = matrix.sum(), matrix.sum(axis=0), matrix.sum(axis=1)
    covariance = matrix.trace() * n - named @ support
    spread = (n**2 - named @ named) * (n**2 - support @ support)
    # No correlation where all pictures are of one class, or all are given one.
    return covariance / np.sqrt(spread) if spread > 0 else 0.0


# Every metric by its name: these, then those of plugins (see `results.board.metric`).
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "Accuracy", _accuracy),
        Metric("balanced_accuracy", "Balanced accuracy", _balanced_accuracy),
        Metric("f1_weighted", "F1, weighted", _f1_weighted),
        Metric("f1_macro", "F1, macro", _f1_macro),
        Metric("roc_auc", "ROC AUC", _roc_auc, needs="scores"),
        Metric("log_loss", "Log loss", _log_loss, "lower", "probability"),
        Metric("ece", "ECE", _ece, "lower", "probability"),
        Metric("mcc", "MCC", _mcc),
        Metric("brier", "Brier score", _brier, "lower", "probability"),
    )
}


def plugin_metrics(metrics: Mapping[str, Metric] = METRICS) -> tuple[str, ...]:
    """The names of those metrics that plugins declare, in the order in which they did."""
    return tuple(name for name, metric in metrics.items() if not metric.is_built_in)
