"""The registry: which models there are, by name."""

from __future__ import annotations

import difflib
import fnmatch
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from models.network import estimator
from models.recipe import RECIPES

FAMILIES = ("classical", "deep")
INPUTS = ("features", "images")
TRAININGS = ("", "random", "pretrained")


class ModelError(ValueError):
    """A user's mistake about models: an unknown name, a name used twice, a wrong declaration."""


class Unavailable(RuntimeError):
    """Raised by a builder or by ``fit`` when what a model needs is not at hand.

    The trial's row gets the status ``unavailable`` with this message as its reason, so the
    message says what is missing and what to do about it.
    """


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
    parameters : what besides name and source decides its result in a `Context`, as plain JSON
        values; part of a trial's identity.
    """

    name: str
    family: str
    inputs: str
    build: Builder
    training: str
    origin: str
    parameters: Callable[[Context], Mapping[str, Any]]


_models: dict[str, Model] = {}


def register(declared: Model) -> None:
    """Add a model. Raises `ModelError` for a wrong declaration or a name that is taken."""
    _check(declared)
    taken = _models.get(declared.name)
    if taken is not None:
        raise ModelError(
            f"model name {declared.name!r} is used twice: in {taken.origin} and in "
            f"{declared.origin}; rename one"
        )
    _models[declared.name] = declared


def _check(declared: Model) -> None:
    where = f"model {declared.name!r} in {declared.origin}"
    if not isinstance(declared.name, str) or not declared.name.strip():
        raise ModelError(f"{declared.origin}: a model's name is a text that is not empty")
    for field, allowed in (("family", FAMILIES), ("inputs", INPUTS), ("training", TRAININGS)):
        value = getattr(declared, field)
        if value not in allowed:
            choices = ", ".join(repr(choice) for choice in allowed)
            raise ModelError(f"{where}: {field} is {value!r}; choose one of {choices}")


def model(
    name: str, *, family: str, inputs: str, training: str | None = None
) -> Callable[[Builder], Builder]:
    """Declare the decorated function as the builder of a model.

    Parameters
    ----------
    name : unique name for the leaderboard.
    family : ``classical`` or ``deep``.
    inputs : what its estimator eats, ``features`` or ``images``.
    training : ``random`` or ``pretrained``; by default ``random`` for a deep model.

    The function returns an unfitted scikit-learn classifier, or, for a deep model of images, an
    ``nn.Module`` that maps float32 pictures (n, 3, side, side), normalised as ImageNet's, to logits
    (n, n_classes): it is trained by the preset's recipe.

    Examples
    --------
    >>> @model("MostFrequent", family="classical", inputs="features")
    ... def build(context):
    ...     from sklearn.dummy import DummyClassifier
    ...     return DummyClassifier(strategy="most_frequent")
    """
    if training is None:
        training = "random" if family == "deep" else ""

    # The file that calls this: a builder may be a class or a partial of another file's function.
    origin = str(Path(sys._getframe(1).f_code.co_filename).resolve())

    def declare(build: Builder) -> Builder:
        made = partial(estimator, build=build)
        is_trained = family == "deep" and inputs == "images"
        parameters = _of_recipe if is_trained else _none
        register(Model(name, family, inputs, made, training, origin, parameters))
        return build

    return declare


def _of_recipe(context: Context) -> Mapping[str, Any]:
    return RECIPES[context.preset].parameters()


def _none(context: Context) -> Mapping[str, Any]:
    return {}


def forget(origin: str) -> None:
    """Remove every model that ``origin`` declared, so that a file can be loaded again."""
    for name in [name for name, known in _models.items() if known.origin == origin]:
        del _models[name]


def registered() -> list[Model]:
    """Every model, in the order in which they were declared."""
    return list(_models.values())


def select(patterns: Iterable[str]) -> list[Model]:
    """Models whose names match any of the patterns (names or shell globs), in registry order.

    Globs and case are looked at only where no model has exactly that name.

    Raises
    ------
    ModelError
        If a pattern matches nothing; the message suggests names that are close.
    """
    chosen: set[str] = set()
    named: dict[str, Model] = {}
    for pattern in patterns:
        if pattern.startswith("timm/") and pattern not in _models:
            named[pattern] = _of_timm(pattern)
            continue
        matches = [pattern] if pattern in _models else _matching(pattern)
        if not matches:
            raise ModelError(f"no model is called {pattern!r}{_did_you_mean(pattern)}")
        chosen.update(matches)
    return [*(known for name, known in _models.items() if name in chosen), *named.values()]


def _of_timm(name: str) -> Model:
    from models import timm  # it needs this module

    return timm.named(name)


def _matching(pattern: str) -> list[str]:
    return [name for name in _models if fnmatch.fnmatchcase(name.lower(), pattern.lower())]


def _did_you_mean(pattern: str) -> str:
    by_lower = {name.lower(): name for name in _models}
    close = difflib.get_close_matches(pattern.lower(), by_lower, n=3, cutoff=0.5)
    if not close:
        return "; `python -m benchmark models` lists them"
    return "; did you mean " + " or ".join(by_lower[name] for name in close) + "?"
