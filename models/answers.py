"""Answers: what a fitted estimator says about a split, and whether that can be believed.

This is the one contract of estimators: by it the runner refuses an answer, and the conformance
suite a model.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.contract import Estimator
from models.errors import WrongAnswer

# The methods that give scores, in the order in which they are asked, and the kind that each gives.
_KINDS = {"predict_proba": "probability", "decision_function": "decision"}


@dataclass(frozen=True)
class EstimatorAnswer:
    """What an estimator says about the n pictures of one split.

    Attributes
    ----------
    predicted : int64 (n,), class indexes.
    scores : float64 (n, n_classes), or None if it gives none.
    kind : ``probability``, ``decision`` (values of a decision function) or empty.
    """

    predicted: np.ndarray
    scores: np.ndarray | None
    kind: str


def answer(
    estimator: Estimator, inputs: np.ndarray, classes: np.ndarray
) -> tuple[EstimatorAnswer, float]:
    """What a fitted estimator says about ``inputs`` (n, ...), and the seconds of ``predict``.

    It has a column of scores for each of ``classes``, the labels that there are: for one that the
    estimator never saw, the least score.

    Raises
    ------
    WrongAnswer
        If the answer is not what scikit-learn's conventions promise.
    """
    started = time.perf_counter()
    predicted = estimator.predict(inputs)
    seconds = time.perf_counter() - started
    known = known_classes(estimator, classes)
    labels = known_labels(predicted, len(inputs), known)
    methods = scoring_methods(estimator)
    if not methods:
        return EstimatorAnswer(labels, None, ""), seconds
    kind = _KINDS[methods[0]]
    scores = checked_scores(estimator, methods[0], inputs, known)
    least = float(scores.min()) - 1.0 if kind == "decision" and scores.size else 0.0
    full = np.full((len(scores), len(classes)), least)
    full[:, known] = scores
    return EstimatorAnswer(labels, full, kind), seconds


def known_classes(estimator: Estimator, classes: np.ndarray) -> np.ndarray:
    """Labels that an estimator knows, in the order of its scores: its ``classes_``, else all.

    Raises
    ------
    WrongAnswer
        If ``classes_`` is anything but different ones of ``classes``.
    """
    known = np.asarray(getattr(estimator, "classes_", classes))
    strange = known.ndim != 1 or not np.isin(known, classes).all()
    if strange or len(np.unique(known)) < len(known):
        raise WrongAnswer(
            f"classes_ is {known.tolist()!r}; the labels given to fit were {classes.tolist()!r}"
        )
    return known.astype(np.int64)


def known_labels(predicted: Any, n: int, known: np.ndarray) -> np.ndarray:
    """What ``predict`` returned for n pictures, as int64 (n,).

    Raises
    ------
    WrongAnswer
        If it is anything but a label of ``known`` for each picture.
    """
    labels = np.asarray(predicted)
    if labels.shape != (n,):
        raise WrongAnswer(f"predict returned shape {labels.shape} for {n} pictures, not ({n},)")
    if labels.dtype.kind == "f":
        missing = int(np.isnan(labels).sum())
        if missing:
            raise WrongAnswer(f"predict returned NaN for {missing} of {n} pictures")
    # As objects, because numpy compares texts with numbers as texts: "0" would be a label.
    strange = labels[~np.isin(labels.astype(object), known)].tolist()
    if strange:
        raise WrongAnswer(
            f"predict returned the label {strange[0]!r}, which is none of {known.tolist()!r}"
        )
    return labels.astype(np.int64)


def scoring_methods(estimator: Estimator) -> list[str]:
    """Names of the methods of an estimator that give scores, the one that is asked first."""
    return [method for method in _KINDS if callable(getattr(estimator, method, None))]


def checked_scores(
    estimator: Estimator, method: str, inputs: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """What a scoring method says about ``inputs``, as float64 with a column for each of ``known``.

    Raises
    ------
    WrongAnswer
        If it is anything but finite numbers, and of ``predict_proba`` probabilities.
    """
    n = len(inputs)
    scores = np.asarray(getattr(estimator, method)(inputs))
    if method == "decision_function" and scores.ndim == 1:
        # Decision values of two classes come as (n,), positive for the second class.
        scores = np.column_stack([-scores, scores])
    if scores.shape != (n, len(known)):
        raise WrongAnswer(
            f"{method} returned shape {scores.shape} for {n} pictures and {len(known)} classes, "
            f"not ({n}, {len(known)})"
        )
    try:
        scores = scores.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise WrongAnswer(f"{method} returned {scores.dtype}, not numbers") from error
    broken = int((~np.isfinite(scores)).any(axis=1).sum())
    if broken:
        raise WrongAnswer(f"{method} returned NaN or infinity for {broken} of {n} pictures")
    if method == "predict_proba":
        _check_probabilities(scores)
    return scores


def _check_probabilities(scores: np.ndarray) -> None:
    if scores.size and (scores.min() < -1e-6 or scores.max() > 1 + 1e-6):
        raise WrongAnswer(
            f"predict_proba returned values from {scores.min():.3g} to {scores.max():.3g}, "
            "not within 0 and 1"
        )
    wrong = np.flatnonzero(np.abs(scores.sum(axis=1) - 1) > 1e-3)
    if len(wrong):
        raise WrongAnswer(
            f"predict_proba returned a row that sums to {scores[wrong[0]].sum():.3g}, not to 1"
        )
