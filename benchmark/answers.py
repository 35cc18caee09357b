"""Answers: what an estimator says about a split, and whether that can be believed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np


class WrongAnswer(ValueError):
    """An estimator answered with the wrong shape, unknown labels or no numbers."""


@dataclass(frozen=True)
class Answer:
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


def answer(estimator: Any, inputs: np.ndarray, classes: np.ndarray) -> tuple[Answer, float]:
    """Ask a fitted estimator about ``inputs``; returns its answer and the seconds of ``predict``.

    Raises `WrongAnswer` if the answer is not what scikit-learn's conventions promise.
    """
    started = time.perf_counter()
    predicted = estimator.predict(inputs)
    seconds = time.perf_counter() - started
    known = _classes(estimator, classes)
    labels = _labels(predicted, len(inputs), known)
    if _has(estimator, "predict_proba"):
        scores = _scores("predict_proba", estimator.predict_proba(inputs), len(inputs), known)
        _check_probabilities(scores)
        return Answer(labels, _in_all_classes(scores, known, classes, 0.0), "probability"), seconds
    if _has(estimator, "decision_function"):
        values = _two_columns(estimator.decision_function(inputs))
        scores = _scores("decision_function", values, len(inputs), known)
        least = float(scores.min()) - 1.0 if scores.size else 0.0
        return Answer(labels, _in_all_classes(scores, known, classes, least), "decision"), seconds
    return Answer(labels, None, ""), seconds


def _has(estimator: Any, method: str) -> bool:
    return callable(getattr(estimator, method, None))


def _classes(estimator: Any, classes: np.ndarray) -> np.ndarray:
    known = np.asarray(getattr(estimator, "classes_", classes))
    strange = known.ndim != 1 or not np.isin(known, classes).all()
    if strange or len(np.unique(known)) < len(known):
        raise WrongAnswer(
            f"classes_ is {known.tolist()!r}; the labels given to fit were {classes.tolist()!r}"
        )
    return known.astype(np.int64)


def _labels(predicted: Any, n: int, known: np.ndarray) -> np.ndarray:
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


def _scores(method: str, returned: Any, n: int, known: np.ndarray) -> np.ndarray:
    scores = np.asarray(returned)
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


def _two_columns(values: Any) -> Any:
    """Decision values of two classes come as (n,), positive for the second class."""
    values = np.asarray(values)
    return np.column_stack([-values, values]) if values.ndim == 1 else values


def _in_all_classes(
    scores: np.ndarray, known: np.ndarray, classes: np.ndarray, fill: float
) -> np.ndarray:
    """Scores in the dataset's order of classes; ``fill`` for a class the estimator never saw."""
    full = np.full((len(scores), len(classes)), fill)
    full[:, known] = scores
    return full
