"""Conformance: the checks that every model must pass, built in or plugin."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from models.answers import (
    as_array,
    check_agreement,
    checked_scores,
    known_classes,
    known_labels,
    one_each,
    scoring_methods,
)
from models.contract import Context, Estimator, Model
from models.errors import BrokenCheck, Unavailable
from models.finding import Finding, findings, reason_of

# With two, decision values are one column; with three, one class against one has as many columns
# as classes; with four it has more.
_CLASSES = (2, 3, 4)
_SIDE = 32
_SEED = 7

# Examples of each class to fit on, and others to predict, in all: pictures are dear.
_OF_A_CLASS = {"features": 20, "images": 5}
_OTHERS = {"features": 21, "images": 9}

_FITS = "builds and fits on tiny data"


@dataclass(frozen=True)
class _Fitted:
    """A model, what its ``fit`` returned, the data for that, and other examples."""

    build: Callable[[], Estimator]
    returned: Any
    train: np.ndarray
    labels: np.ndarray
    others: np.ndarray
    estimator: Estimator

    @property
    def classes(self) -> np.ndarray:
        return np.unique(self.labels)

    @property
    def unseen(self) -> np.ndarray:
        return self.others.copy()  # no check sees what a model did to its input in another


def check_model(model: Model) -> list[Finding]:
    """Fit ``model`` on a few examples of two, three and four classes, and check its contract.

    A check has passed if it holds with every number of classes. A model whose weights are not at
    hand passes with that as its reason.
    """
    fitted: dict[int, _Fitted] = {}
    for n_classes in _CLASSES:
        try:
            fitted[n_classes] = _fit(model, n_classes)
        except Unavailable as error:
            return [Finding(model.name, "says what it lacks", True, str(error))]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's model
            reason = f"with {n_classes} classes: {reason_of(error)}"
            return [Finding(model.name, _FITS, False, reason)]
    checks = {name: partial(_of_each, check) for name, check in _CHECKS.items()}
    return [Finding(model.name, _FITS, True), *findings(model.name, checks, fitted)]


def _of_each(check: Callable[[_Fitted], None], fitted: Mapping[int, _Fitted]) -> None:
    """Do a check with every number of classes; say with which it does not hold."""
    for n_classes, each in fitted.items():
        try:
            check(each)
        except BrokenCheck as error:
            raise BrokenCheck(f"with {n_classes} classes: {error}") from error


def _fit(model: Model, n_classes: int) -> _Fitted:
    context = Context(n_classes=n_classes, image_size=_SIDE, seed=_SEED, offline=True)
    generator = np.random.default_rng(_SEED)
    labels = np.arange(_OF_A_CLASS[model.inputs] * n_classes) % n_classes
    train = _examples(model, labels, generator)
    others = _examples(model, np.arange(_OTHERS[model.inputs]) % n_classes, generator)

    def build() -> Estimator:
        return model.build(context)

    estimator = build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        returned = estimator.fit(train.copy(), labels.copy())
    return _Fitted(build, returned, train, labels, others, _estimator(returned, estimator))


def _estimator(returned: Any, estimator: Estimator) -> Estimator:
    """What is asked after ``fit``, whatever that returned."""
    return returned if hasattr(returned, "predict") else estimator


def _examples(model: Model, labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    if model.inputs == "features":
        table = generator.normal(size=(len(labels), 5)) + 3.0 * labels[:, None]
        table[0, 0] = np.nan  # tables have gaps; imputing them is the model's business
        return table
    pictures = generator.integers(0, 60, size=(len(labels), _SIDE, _SIDE, 3))
    pictures += (60 * labels)[:, None, None, None]
    return pictures.astype(np.uint8)


# --- the checks ------------------------------------------------------------------------------


def _returns_itself(fitted: _Fitted) -> None:
    if not hasattr(fitted.returned, "predict"):
        raise BrokenCheck("fit must return the fitted estimator, as scikit-learn's do")


def _knows_classes(fitted: _Fitted) -> None:
    known_classes(fitted.estimator, fitted.classes)
    classes = np.asarray(getattr(fitted.estimator, "classes_", None))
    if not np.array_equal(classes, fitted.classes):
        raise BrokenCheck(f"classes_ is {classes.tolist()!r}, not {fitted.classes.tolist()!r}")


def _predicts_labels(fitted: _Fitted) -> None:
    unseen = fitted.unseen
    known_labels(fitted.estimator.predict(unseen), len(unseen), fitted.classes)


def _gives_scores(fitted: _Fitted) -> None:
    known = known_classes(fitted.estimator, fitted.classes)
    for method in scoring_methods(fitted.estimator):
        scores = checked_scores(fitted.estimator, method, fitted.unseen, known)
        predicted = _said(fitted.estimator, fitted.unseen)
        # What are no labels, the check before has seen.
        if len(predicted) == len(scores) and np.isin(predicted, fitted.classes).all():
            check_agreement(method, predicted, scores, known)


def _said(estimator: Estimator, inputs: np.ndarray) -> np.ndarray:
    """What ``predict`` says, whatever that is, in a row."""
    return as_array(estimator.predict(inputs), "predict returned").ravel()


def _is_deterministic(fitted: _Fitted) -> None:
    again = fitted.build()
    again = _estimator(again.fit(fitted.train.copy(), fitted.labels.copy()), again)
    if not _predict_alike(again, fitted):
        raise BrokenCheck("fitted twice with one seed, it predicts differently")
    for method in scoring_methods(fitted.estimator):
        said = (getattr(each, method)(fitted.unseen) for each in (again, fitted.estimator))
        one, other = (as_array(each, f"{method} returned") for each in said)
        if not np.allclose(one, other, rtol=1e-5, atol=1e-7, equal_nan=True):
            raise BrokenCheck(f"fitted twice with one seed, {method} differs")


def _predict_alike(other: Estimator, fitted: _Fitted) -> bool:
    said = [_said(estimator, fitted.unseen) for estimator in (other, fitted.estimator)]
    return np.array_equal(said[0], said[1])


def _leaves_inputs_alone(fitted: _Fitted) -> None:
    inputs = fitted.unseen
    fitted.estimator.predict(inputs)
    if not np.array_equal(inputs, fitted.unseen, equal_nan=inputs.dtype.kind == "f"):
        raise BrokenCheck("predict changes its input")


def _takes_one_picture(fitted: _Fitted) -> None:
    alone = one_each(fitted.estimator.predict(fitted.unseen[:1]), 1)
    if alone[0] != _said(fitted.estimator, fitted.unseen)[0]:
        raise BrokenCheck("a picture's prediction depends on the pictures beside it")


def _pickles(fitted: _Fitted) -> None:
    copy = pickle.loads(pickle.dumps(fitted.estimator))  # noqa: S301 - what we have just pickled
    if not _predict_alike(copy, fitted):
        raise BrokenCheck("after pickling it predicts differently")


_CHECKS: dict[str, Callable[[_Fitted], None]] = {
    "fit returns the estimator": _returns_itself,
    "classes_ holds the labels given to fit": _knows_classes,
    "predict gives one known label a picture": _predicts_labels,
    "scores have a column a class, and the largest is what predict says": _gives_scores,
    "one seed gives one result": _is_deterministic,
    "predict leaves its input alone": _leaves_inputs_alone,
    "one picture alone is predicted the same": _takes_one_picture,
    "a fitted estimator can be pickled": _pickles,
}
