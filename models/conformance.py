"""Conformance: the checks that every model must pass, built in or plugin."""

from __future__ import annotations

import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.registry import Context, Model, Unavailable

N_CLASSES = 3
_TRAIN = {"features": 60, "images": 30}  # pictures are dear
_OTHER = 21  # pictures at predict time: another number than at fit time
_SIDE = 32
_SEED = 7


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    model : the model's name.
    check : what was checked.
    passed : whether it held.
    reason : what was seen instead, empty if it passed.
    """

    model: str
    check: str
    passed: bool
    reason: str = ""

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        return f"{verdict}  {self.model}: {self.check}" + (f" - {self.reason}" * bool(self.reason))


class _Broken(AssertionError):
    """A check that did not hold; the message says what was seen."""


@dataclass(frozen=True)
class _Subject:
    """A fitted model and the data it was fitted on."""

    build: Callable[[], Any]
    estimator: Any
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


def check(model: Model) -> list[Finding]:
    """Fit ``model`` on tiny data and check that it keeps the contract.

    The data are three classes that can be told apart, 60 rows of a table or 30 pictures to fit and
    21 others to predict.
    A model whose weights are not at hand passes with that as its reason.
    """
    try:
        subject = _fitted(model)
    except Unavailable as error:
        return [Finding(model.name, "says what it lacks", True, str(error))]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's model
        return [Finding(model.name, "builds and fits on tiny data", False, _told(error))]
    findings = [Finding(model.name, "builds and fits on tiny data", True)]
    for name, body in _CHECKS.items():
        findings.append(_finding(model, name, body, subject))
    return findings


def _finding(model: Model, name: str, body: Callable[[_Subject], None], s: _Subject) -> Finding:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body(s)
    except _Broken as broken:
        return Finding(model.name, name, False, str(broken))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's model
        return Finding(model.name, name, False, _told(error))
    return Finding(model.name, name, True)


def _told(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"


def _fitted(model: Model) -> _Subject:
    context = Context(n_classes=N_CLASSES, image_size=_SIDE, seed=_SEED, offline=True)
    generator = np.random.default_rng(_SEED)
    labels = np.arange(_TRAIN[model.inputs]) % N_CLASSES
    others = np.arange(_OTHER) % N_CLASSES
    train, unseen = _examples(model, labels, generator), _examples(model, others, generator)

    def build() -> Any:
        return model.build(context)

    estimator = build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        returned = estimator.fit(train.copy(), labels.copy())
    fitted = returned if hasattr(returned, "predict") else estimator
    return _Subject(build, fitted, returned, (train, labels, unseen))


def _examples(model: Model, labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    if model.inputs == "features":
        table = generator.normal(size=(len(labels), 5)) + 3.0 * labels[:, None]
        table[0, 0] = np.nan  # tables have gaps; imputing them is the model's business
        return table
    pictures = generator.integers(0, 60, size=(len(labels), _SIDE, _SIDE, 3))
    pictures += (80 * labels)[:, None, None, None]
    return pictures.astype(np.uint8)


# --- the checks ------------------------------------------------------------------------------


def _returns_itself(s: _Subject) -> None:
    if not hasattr(s.returned, "predict"):
        raise _Broken("fit must return the fitted estimator, as scikit-learn's do")


def _knows_classes(s: _Subject) -> None:
    classes = np.asarray(getattr(s.estimator, "classes_", None))
    if not np.array_equal(classes, np.arange(N_CLASSES)):
        raise _Broken(f"classes_ is {classes.tolist()!r}, not {list(range(N_CLASSES))!r}")


def _predicts_labels(s: _Subject) -> None:
    predicted = np.asarray(s.estimator.predict(s.unseen))
    if predicted.shape != (_OTHER,):
        raise _Broken(f"predict gave shape {predicted.shape} for {_OTHER} pictures")
    if not np.isin(predicted, np.arange(N_CLASSES)).all():
        raise _Broken(f"predict gave labels {sorted(set(predicted.tolist()))!r}")


def _scores(estimator: Any, inputs: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    for method in ("predict_proba", "decision_function"):
        if callable(getattr(estimator, method, None)):
            yield method, np.asarray(getattr(estimator, method)(inputs))


def _gives_scores(s: _Subject) -> None:
    for method, scores in _scores(s.estimator, s.unseen):
        if scores.shape != (_OTHER, N_CLASSES):
            raise _Broken(f"{method} gave shape {scores.shape}, not {(_OTHER, N_CLASSES)}")
        if not np.isfinite(scores).all():
            raise _Broken(f"{method} gave NaN or infinity")
        if method == "predict_proba":
            if scores.min() < -1e-6 or scores.max() > 1 + 1e-6:
                raise _Broken(f"probabilities go from {scores.min():.3g} to {scores.max():.3g}")
            if np.abs(scores.sum(axis=1) - 1).max() > 1e-3:
                raise _Broken("the probabilities of a picture do not sum to 1")


def _is_deterministic(s: _Subject) -> None:
    again = s.build()
    returned = again.fit(s.train, s.labels)
    again = returned if hasattr(returned, "predict") else again
    if not np.array_equal(again.predict(s.unseen), s.estimator.predict(s.unseen)):
        raise _Broken("fitted twice with one seed, it predicts differently")
    pairs = zip(_scores(again, s.unseen), _scores(s.estimator, s.unseen), strict=True)
    for (method, one), (_, other) in pairs:
        if not np.allclose(one, other, rtol=1e-5, atol=1e-7, equal_nan=True):
            raise _Broken(f"fitted twice with one seed, {method} differs")


def _leaves_inputs_alone(s: _Subject) -> None:
    given = s.unseen
    s.estimator.predict(given)
    if not np.array_equal(given, s.unseen, equal_nan=given.dtype.kind == "f"):
        raise _Broken("predict changes its input")


def _takes_one_picture(s: _Subject) -> None:
    alone = np.asarray(s.estimator.predict(s.unseen[:1]))
    if alone.shape != (1,):
        raise _Broken(f"predict gave shape {alone.shape} for one picture")
    together = np.asarray(s.estimator.predict(s.unseen))
    if alone[0] != together[0]:
        raise _Broken("a picture's prediction depends on the pictures beside it")


def _pickles(s: _Subject) -> None:
    copy = pickle.loads(pickle.dumps(s.estimator))  # noqa: S301 - what we have just pickled
    if not np.array_equal(copy.predict(s.unseen), s.estimator.predict(s.unseen)):
        raise _Broken("after pickling it predicts differently")


_CHECKS: dict[str, Callable[[_Subject], None]] = {
    "fit returns the estimator": _returns_itself,
    "classes_ holds the labels given to fit": _knows_classes,
    "predict gives one known label a picture": _predicts_labels,
    "scores have a column a class and are numbers": _gives_scores,
    "one seed gives one result": _is_deterministic,
    "predict leaves its input alone": _leaves_inputs_alone,
    "one picture alone is predicted the same": _takes_one_picture,
    "a fitted estimator can be pickled": _pickles,
}
