"""The contract: what a model is, what its builder is told, and what it must return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Context:
    """What a builder is told about the trial that it builds an estimator for.

    Attributes
    ----------
    n_classes : number of classes; labels are the integers ``0 .. n_classes - 1``.
    image_size : side in pixels of the square pictures that an image model gets.
    seed : seed of every random choice.
    threads : processor threads that the trial has to itself.
    device : ``cpu`` or ``cuda``.
    preset : name of the preset: ``quick``, ``published`` or ``thorough``.
    offline : whether downloads are forbidden.
    weights_dir : folder of weights files that is looked into first, empty for none.
    precision : ``float32`` if deep models are to be trained in it, ``auto`` for bfloat16 where the
        device computes in it natively.
    checkpoint : file for the state of a long training, from which the trial goes on if it is there;
        empty for none. The runner removes it when the trial is done.
    validation : inputs and labels of ``val``, to be looked at while training; None without them.
        What chooses anything on them says so in ``notes_``.
    """

    n_classes: int
    image_size: int = 32
    seed: int = 42
    threads: int = 1
    device: str = "cpu"
    preset: str = "quick"
    offline: bool = False
    weights_dir: str = ""
    precision: str = "auto"
    checkpoint: str = ""
    validation: tuple[Any, Any] | None = None


class Estimator(Protocol):
    """A scikit-learn classifier, as far as the runner knows one.

    Two methods are all that it must have. What there is of the following is used once it is fitted.

    Attributes
    ----------
    predict_proba : inputs to probabilities (n, n_classes).
    decision_function : inputs to decision values; asked where there are no probabilities.
    classes_ : labels in the order of the columns of both, by default all of them.
    notes_ : sentences for the record.
    history_ : a dict per epoch.
    clock_ : ``aside_seconds`` of ``fit`` that were no fitting, and ``earlier_seconds`` of fitting
        before this process.
    precision_ : name of the type that it was trained in.
    n_parameters_ : number of trained parameters.
    """

    def fit(self, inputs: np.ndarray, labels: np.ndarray, /) -> Any:
        """Learn from ``inputs`` (n, ...) and ``labels`` (n,); returns the fitted estimator."""

    def predict(self, inputs: np.ndarray, /) -> Any:
        """Labels (n,) of ``inputs`` (n, ...)."""


# What is declared as a model: makes an unfitted `Estimator`, or an ``nn.Module`` to be trained.
Builder = Callable[[Context], Any]


@dataclass(frozen=True)
class Model:
    """A named recipe for a scikit-learn classifier.

    Attributes
    ----------
    name : unique name, the ``model`` column of the leaderboard.
    family : ``classical`` or ``deep``.
    inputs : ``features`` (float64 table) or ``images`` (uint8, (n, side, side, 3), RGB).
    build : makes an unfitted classifier from a `Context`.
    training : ``random`` or ``pretrained`` for a deep model, empty for a classical one.
    origin : file or distribution that declared it.
    details : what besides name and source decides its result in a `Context`, as plain JSON values.
    """

    name: str
    family: str
    inputs: str
    build: Callable[[Context], Estimator]
    training: str
    origin: str
    details: Callable[[Context], Mapping[str, Any]]

    def parameters(self, context: Context) -> dict[str, Any]:
        """All that decides its result in a context; part of a trial's identity and its record."""
        parameters = dict(self.details(context))
        if self.family == "deep" and context.precision != "auto":
            parameters["precision"] = context.precision
        return parameters
