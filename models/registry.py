"""The registry: which models there are, by name."""

from __future__ import annotations

import difflib
import fnmatch
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from models.contract import FAMILIES, INPUTS, TRAININGS, Builder, Context, Model
from models.errors import ModelError
from models.training.recipe import RECIPES
from models.training.trained import estimator

_models: dict[str, Model] = {}


def register(declared: Model) -> None:
    """Add a model.

    Raises
    ------
    ModelError
        If the declaration is wrong or the name is taken.
    """
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

    The function returns an unfitted scikit-learn classifier, or, for a deep model of images, an
    ``nn.Module`` that maps float32 pictures (n, 3, side, side), normalised as ImageNet's, to logits
    (n, n_classes): it is trained by the preset's recipe.

    Parameters
    ----------
    name : unique name for the leaderboard.
    family : ``classical`` or ``deep``.
    inputs : what its estimator takes, ``features`` or ``images``.
    training : ``random`` or ``pretrained``; by default ``random`` for a deep model.

    Raises
    ------
    ModelError
        If the declaration is wrong or the name is taken.

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
        details = _recipe_details if is_trained else _no_details
        register(Model(name, family, inputs, made, training, origin, details))
        return build

    return declare


def _recipe_details(context: Context) -> Mapping[str, Any]:
    return RECIPES[context.preset].parameters()


def _no_details(context: Context) -> Mapping[str, Any]:
    return {}


def forget_models(origin: str) -> None:
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
    of_timm: dict[str, Model] = {}
    for pattern in patterns:
        if pattern.startswith("timm/") and pattern not in _models:
            of_timm[pattern] = _of_timm(pattern)
            continue
        matches = [pattern] if pattern in _models else _matching(pattern)
        if not matches:
            raise ModelError(f"no model is called {pattern!r}{_did_you_mean(pattern)}")
        chosen.update(matches)
    return [*(known for name, known in _models.items() if name in chosen), *of_timm.values()]


def _of_timm(name: str) -> Model:
    from models.timm import timm_model  # it imports torchvision

    return timm_model(name)


def _matching(pattern: str) -> list[str]:
    return [name for name in _models if fnmatch.fnmatchcase(name.lower(), pattern.lower())]


def _did_you_mean(pattern: str) -> str:
    by_lower = {name.lower(): name for name in _models}
    close = difflib.get_close_matches(pattern.lower(), by_lower, n=3, cutoff=0.5)
    if not close:
        return "; `python -m benchmark models` lists them"
    return "; did you mean " + " or ".join(by_lower[name] for name in close) + "?"
