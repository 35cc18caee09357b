"""Answers: what a fitted estimator says about each split, and how far that can be believed.

This is the one contract of estimators: by it the runner takes an answer or refuses it, and the
conformance suite a model. What ``predict`` says must be sound, or the trial has failed. Scores are
optional: those that can't be believed are left out, and a note says what was seen.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from models.contract import Estimator
from models.errors import WrongAnswer, on_one_line

# The methods that give scores, in the order in which they are asked, and the kind that each gives.
_KINDS = {"predict_proba": "probability", "decision_function": "decision"}

# Scores mean classes where the largest is what `predict` says for this share of the pictures. Over
# LazyPredict's suite on 14 datasets of 2, 3 and 10 classes, two splits each, what means classes
# agrees on .867 and more: least `NearestCentroid`, whose probabilities know the classes' spreads
# and whose `predict` does not, and the votes of `NuSVC` over ten classes. Platt's probabilities
# agree on .875 and more wherever there is something to be learnt (on noise, on any share). Decision
# values of one class against one, which for three classes have the shape of scores, on .33 at most.
_NEARLY_EVERY = 0.85

# ... and for this share of the pictures called by each name, if they are not few: in the same runs
# at least .67 where scores mean classes. Two columns that changed places are none of the rest.
_OF_A_CLASS = 0.5
_FEW = 5

# What rounding makes of two scores that are the same.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class EstimatorAnswer:
    """What an estimator says about the n pictures of one split.

    Attributes
    ----------
    predicted : int64 (n,), class indexes.
    scores : float64 (n, n_classes), or None if it gives none that can be believed.
    kind : ``probability``, ``decision`` (values of a decision function) or empty.
    """

    predicted: np.ndarray
    scores: np.ndarray | None
    kind: str


@dataclass(frozen=True)
class EstimatorAnswers:
    """What an estimator says about every split that it was asked about.

    Attributes
    ----------
    splits : the answer about each.
    predict_seconds : the seconds of ``predict`` on each.
    notes : a sentence for each method whose scores are not believed.
    """

    splits: Mapping[str, EstimatorAnswer]
    predict_seconds: Mapping[str, float]
    notes: tuple[str, ...] = ()


def ask(
    estimator: Estimator, inputs: Mapping[str, np.ndarray], classes: np.ndarray
) -> EstimatorAnswers:
    """What a fitted estimator says about the inputs (n, ...) of each split.

    Scores have a column for each of ``classes``, the labels that there are: for one that the
    estimator never saw, the least score. Those of all splits are of one method, and judged
    together.

    Raises
    ------
    WrongAnswer
        If ``predict`` does not give one of ``classes`` for each picture.
    """
    predicted, seconds = {}, {}
    for split, given in inputs.items():
        started = time.perf_counter()
        said = estimator.predict(given)
        seconds[split] = time.perf_counter() - started
        predicted[split] = known_labels(said, len(given), classes)
    reasons = []
    for method, kind in _KINDS.items():
        try:
            if not has_method(estimator, method):
                continue
            known = known_classes(estimator, classes)
            scores = {s: checked_scores(estimator, method, inputs[s], known) for s in inputs}
            check_agreement(
                method,
                np.concatenate([np.empty(0, np.int64), *predicted.values()]),
                np.concatenate([np.empty((0, len(known))), *scores.values()]),
                known,
            )
        except WrongAnswer as error:
            reasons.append(str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - scores are optional
            reasons.append(f"{method} raised {on_one_line(f'{type(error).__name__}: {error}')}")
        else:
            full = _in_all_columns(scores, kind, known, len(classes))
            found = {s: EstimatorAnswer(predicted[s], full[s], kind) for s in inputs}
            taken = f"the scores are those of {method}"
            return EstimatorAnswers(found, seconds, tuple(f"{r}; {taken}" for r in reasons))
    found = {split: EstimatorAnswer(labels, None, "") for split, labels in predicted.items()}
    notes = dict.fromkeys(f"{reason}; its scores are left out" for reason in reasons)
    return EstimatorAnswers(found, seconds, tuple(notes))


def _in_all_columns(
    scores: Mapping[str, np.ndarray], kind: str, known: np.ndarray, n_classes: int
) -> dict[str, np.ndarray]:
    """The scores with a column for every class, in the classes' order."""
    least = 0.0
    if kind == "decision":
        least = min((float(each.min()) for each in scores.values() if each.size), default=0.0) - 1.0
    full = {split: np.full((len(each), n_classes), least) for split, each in scores.items()}
    for split, each in scores.items():
        full[split][:, known] = each
    return full


def known_classes(estimator: Estimator, classes: np.ndarray) -> np.ndarray:
    """Labels that an estimator knows, in the order of its scores: its ``classes_``, else all.

    Raises
    ------
    WrongAnswer
        If ``classes_`` is anything but different ones of ``classes``.
    """
    said = getattr(estimator, "classes_", None)
    known = classes if said is None else as_array(said, "classes_ is")
    strange = known.ndim != 1 or not np.isin(known, classes).all()
    if strange or len(np.unique(known)) < len(known):
        raise WrongAnswer(
            f"classes_ is {known.tolist()!r}; the labels given to fit were {classes.tolist()!r}"
        )
    return known.astype(np.int64)


def known_labels(predicted: Any, n: int, classes: np.ndarray) -> np.ndarray:
    """What ``predict`` returned for n pictures, (n,) or in a column, as int64 (n,).

    Raises
    ------
    WrongAnswer
        If it is anything but a label of ``classes`` for each picture.
    """
    labels = one_each(predicted, n)
    if labels.dtype.kind == "f":
        missing = int(np.isnan(labels).sum())
        if missing:
            raise WrongAnswer(f"predict returned NaN for {missing} of {n} pictures")
    strange = _strange(labels, classes)
    if strange:
        raise WrongAnswer(
            f"predict returned the label {strange[0]!r}, which is none of {classes.tolist()!r}"
        )
    return labels.astype(np.int64)


def one_each(predicted: Any, n: int) -> np.ndarray:
    """What ``predict`` returned for n pictures as an array (n,); `WrongAnswer` if it is none."""
    labels = as_array(predicted, "predict returned")
    if labels.shape not in ((n,), (n, 1)):
        raise WrongAnswer(f"predict returned shape {labels.shape} for {n} pictures, not ({n},)")
    return labels.reshape(n)


def _strange(labels: np.ndarray, classes: np.ndarray) -> list[Any]:
    """Those of the labels that are none of the classes."""
    if labels.dtype.kind in "biuf":
        strange: list[Any] = labels[~np.isin(labels, classes)].tolist()
        return strange
    # Numbers alone: numpy compares texts with numbers as texts, and "0" would be a label.
    known = set(classes.tolist())
    return [label for label in labels.tolist() if not (isinstance(label, Real) and label in known)]


def as_array(values: Any, which: str) -> np.ndarray:
    """What an estimator gave as an array, a tensor of torch's on any device too."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        # numpy has no bfloat16.
        return np.asarray(values.double() if values.is_floating_point() else values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise WrongAnswer(
            f"{which} a {type(values).__name__}, which is no array ({on_one_line(error)})"
        ) from error
    if np.ma.is_masked(values):
        raise WrongAnswer(f"{which} an array with masked values")
    return array


def has_method(estimator: Estimator, method: str) -> bool:
    """Whether an estimator has a method of this name."""
    return callable(getattr(estimator, method, None))


def scoring_methods(estimator: Estimator) -> list[str]:
    """Names of the methods of an estimator that give scores, the one that is asked first."""
    return [method for method in _KINDS if has_method(estimator, method)]


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
    scores = as_array(getattr(estimator, method)(inputs), f"{method} returned")
    if method == "decision_function" and scores.shape in ((n,), (n, 1)) and len(known) == 2:
        # Decision values of two classes come as (n,), positive for the second class.
        scores = scores.reshape(n)
        scores = np.column_stack([-scores, scores])
    if scores.shape != (n, len(known)):
        raise WrongAnswer(
            f"{method} returned shape {scores.shape} for {n} pictures and {len(known)} classes, "
            f"not ({n}, {len(known)}){_pairs(scores.shape[1:], len(known))}"
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


def _pairs(columns: tuple[int, ...], n_classes: int) -> str:
    is_pairs = columns == (n_classes * (n_classes - 1) // 2,)
    return ": a column for each pair of classes, as one-vs-one decisions have" if is_pairs else ""


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


def check_agreement(
    method: str, predicted: np.ndarray, scores: np.ndarray, known: np.ndarray
) -> None:
    """The scores (n, len(known)) of a method mean the classes that ``predict`` chooses among.

    The largest, or one as large, is what ``predict`` says for nearly every picture, and for most of
    those of each class. With two classes it may be chosen by another threshold than the one at
    which both scores are the same.

    Raises
    ------
    WrongAnswer
        If that does not hold; with what holds instead.
    """
    own = np.where(predicted[:, None] == known, scores, -np.inf).max(axis=1, initial=-np.inf)
    most = scores.max(axis=1, initial=-np.inf)
    agrees = own >= most - _ROUNDING * np.abs(most)
    of_each = {label: agrees[predicted == label] for label in np.unique(predicted)}
    for_most = all(a.mean() >= _OF_A_CLASS for a in of_each.values() if len(a) >= _FEW)
    if not len(agrees) or (agrees.mean() >= _NEARLY_EVERY and for_most):
        return
    if len(known) == 2 and set(of_each) == set(known) and _ordered(predicted == known[1], scores):
        return
    raise WrongAnswer(
        f"the largest of {method} is what predict says for only {int(agrees.sum())} of "
        f"{len(agrees)} pictures, so that it means something else"
    )


def _ordered(is_second: np.ndarray, scores: np.ndarray) -> bool:
    """Whether what is called by the second of two names has the greater scores for it."""
    from scipy.stats import rankdata

    ranks, n, m = rankdata(scores[:, 1] - scores[:, 0]), is_second.sum(), (~is_second).sum()
    # The share of pairs in the right order: Mann and Whitney's U.
    return bool((ranks[is_second].sum() - n * (n + 1) / 2) / (n * m) >= _NEARLY_EVERY)
