"""Conformance: the checks that every model must pass, built in or plugin."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator
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

# Examples to fit on; pictures are dear.
_TRAIN = {"features": 60, "images": 30}

# Examples at predict time: another number than at fit time.
_OTHER = 21

_FITS = "builds and fits on tiny data"


@dataclass(frozen=True)
class _Fitted:
    """A fitted model, and the data that it was fitted on."""

    build: Callable[[], Estimator]
    estimator: Estimator
    returned: Any  # by fit
    examples: tuple[np.ndarray, np.ndarray, np.ndarray]

    @property
    def train(self) -> np.ndarray:
        """What it was fitted on; a copy, so that no check sees what a model did to its input."""
        return self.examples[0].copy()

    @property
    def labels(self) -> np.ndarray:
        """The labels it was fitted on; a copy."""
        return self.examples[1].copy()

    @property
    def unseen(self) -> np.ndarray:
        """Other examples; a copy."""
        return self.examples[2].copy()


def check_model(model: Model) -> list[Finding]:
    """Fit ``model`` on tiny data and check that it keeps the contract.

    The data are three classes that can be told apart, 60 examples of a table or 30 pictures to fit
    and 21 others to predict.
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
    labels, others = (np.arange(n) % len(_CLASSES) for n in (_TRAIN[model.inputs], _OTHER))
    train, unseen = (_examples(model, each, generator) for each in (labels, others))

    def build() -> Estimator:
        return model.build(context)

    estimator = build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        returned = estimator.fit(train.copy(), labels.copy())
    return _Fitted(build, _estimator(returned, estimator), returned, (train, labels, unseen))


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
    again = _estimator(again.fit(fitted.train, fitted.labels), again)
    if not np.array_equal(again.predict(fitted.unseen), fitted.estimator.predict(fitted.unseen)):
        raise BrokenCheck("fitted twice with one seed, it predicts differently")
    pairs = zip(_scores(again, fitted), _scores(fitted.estimator, fitted), strict=True)
    for (method, one), (_, other) in pairs:
        if not np.allclose(one, other, rtol=1e-5, atol=1e-7, equal_nan=True):
            raise BrokenCheck(f"fitted twice with one seed, {method} differs")


def _scores(estimator: Estimator, fitted: _Fitted) -> Iterator[tuple[str, np.ndarray]]:
    for method in scoring_methods(estimator):
        yield method, np.asarray(getattr(estimator, method)(fitted.unseen))


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
