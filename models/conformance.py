"""Conformance: the checks that every model must pass, built in or plugin."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.answers import checked_scores, known_classes, known_labels, scoring_methods
from models.contract import Context, Estimator, Model
from models.errors import BrokenCheck, Unavailable
from models.finding import Finding, findings, reason_of

_CLASSES = np.arange(3)
_SIDE = 32
_SEED = 7

# Examples to fit on, pictures being dear; and another number of them at predict time.
_TRAIN = {"features": 60, "images": 30}
_OTHER = 21

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
    def unseen(self) -> np.ndarray:
        return self.others.copy()  # no check sees what a model did to its input in another


def check_model(model: Model) -> list[Finding]:
    """Fit ``model`` on a few examples of three classes, and check that it keeps the contract.

    A model whose weights are not at hand passes with that as its reason.
    """
    try:
        fitted = _fit(model)
    except Unavailable as error:
        return [Finding(model.name, "says what it lacks", True, str(error))]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's model
        return [Finding(model.name, _FITS, False, reason_of(error))]
    return [Finding(model.name, _FITS, True), *findings(model.name, _CHECKS, fitted)]


def _fit(model: Model) -> _Fitted:
    context = Context(n_classes=len(_CLASSES), image_size=_SIDE, seed=_SEED, offline=True)
    generator = np.random.default_rng(_SEED)
    labels = np.arange(_TRAIN[model.inputs]) % len(_CLASSES)
    train = _examples(model, labels, generator)
    others = _examples(model, np.arange(_OTHER) % len(_CLASSES), generator)

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
    pictures += (80 * labels)[:, None, None, None]
    return pictures.astype(np.uint8)


# --- the checks ------------------------------------------------------------------------------


def _returns_itself(fitted: _Fitted) -> None:
    if not hasattr(fitted.returned, "predict"):
        raise BrokenCheck("fit must return the fitted estimator, as scikit-learn's do")


def _knows_classes(fitted: _Fitted) -> None:
    known_classes(fitted.estimator, _CLASSES)
    classes = np.asarray(getattr(fitted.estimator, "classes_", None))
    if not np.array_equal(classes, _CLASSES):
        raise BrokenCheck(f"classes_ is {classes.tolist()!r}, not {_CLASSES.tolist()!r}")


def _predicts_labels(fitted: _Fitted) -> None:
    known_labels(fitted.estimator.predict(fitted.unseen), _OTHER, _CLASSES)


def _gives_scores(fitted: _Fitted) -> None:
    for method in scoring_methods(fitted.estimator):
        checked_scores(fitted.estimator, method, fitted.unseen, _CLASSES)


def _is_deterministic(fitted: _Fitted) -> None:
    again = fitted.build()
    again = _estimator(again.fit(fitted.train.copy(), fitted.labels.copy()), again)
    both = (again, fitted.estimator)
    if not np.array_equal(*(each.predict(fitted.unseen) for each in both)):
        raise BrokenCheck("fitted twice with one seed, it predicts differently")
    for method in scoring_methods(fitted.estimator):
        one, other = (np.asarray(getattr(each, method)(fitted.unseen)) for each in both)
        if not np.allclose(one, other, rtol=1e-5, atol=1e-7, equal_nan=True):
            raise BrokenCheck(f"fitted twice with one seed, {method} differs")


def _leaves_inputs_alone(fitted: _Fitted) -> None:
    inputs = fitted.unseen
    fitted.estimator.predict(inputs)
    if not np.array_equal(inputs, fitted.unseen, equal_nan=inputs.dtype.kind == "f"):
        raise BrokenCheck("predict changes its input")


def _takes_one_picture(fitted: _Fitted) -> None:
    alone = np.asarray(fitted.estimator.predict(fitted.unseen[:1]))
    if alone.shape != (1,):
        raise BrokenCheck(f"predict gave shape {alone.shape} for one picture")
    together = np.asarray(fitted.estimator.predict(fitted.unseen))
    if alone[0] != together[0]:
        raise BrokenCheck("a picture's prediction depends on the pictures beside it")


def _pickles(fitted: _Fitted) -> None:
    copy = pickle.loads(pickle.dumps(fitted.estimator))  # noqa: S301 - what we have just pickled
    if not np.array_equal(copy.predict(fitted.unseen), fitted.estimator.predict(fitted.unseen)):
        raise BrokenCheck("after pickling it predicts differently")


_CHECKS: dict[str, Callable[[_Fitted], None]] = {
    "fit returns the estimator": _returns_itself,
    "classes_ holds the labels given to fit": _knows_classes,
    "predict gives one known label a picture": _predicts_labels,
    "scores have a column a class and are numbers": _gives_scores,
    "one seed gives one result": _is_deterministic,
    "predict leaves its input alone": _leaves_inputs_alone,
    "one picture alone is predicted the same": _takes_one_picture,
    "a fitted estimator can be pickled": _pickles,
}
