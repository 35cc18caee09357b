"""The registry: which models there are, by name."""

from __future__ import annotations

import difflib
import fnmatch
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from models.contract import Builder, Context, Model
from models.errors import ModelError
from models.training.recipe import RECIPES
from models.training.trained import estimator

# What each of these fields of a model may be.
_ALLOWED = {
    "family": ("classical", "deep"),
    "inputs": ("features", "images"),
    "training": ("", "random", "pretrained"),
}

_models: dict[str, Model] = {}


def register(declared: Model) -> None:
    """Add a model; raise `ModelError` if its declaration is wrong or its name is taken."""
    if not isinstance(declared.name, str) or not declared.name.strip():
        raise ModelError(f"{declared.origin}: a model's name is a text that is not empty")
    for field, allowed in _ALLOWED.items():
        value = getattr(declared, field)
        if value not in allowed:
            where = f"model {declared.name!r} in {declared.origin}"
            choices = ", ".join(repr(choice) for choice in allowed)
            raise ModelError(f"{where}: {field} is {value!r}; choose one of {choices}")
    taken = _models.get(declared.name)
    if taken is not None:
        raise ModelError(
            f"model name {declared.name!r} is used twice: in {taken.origin} and in "
            f"{declared.origin}; rename one"
        )
    _models[declared.name] = declared


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
        If the declaration is wrong, is in no file, or the name is taken.

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
    file = Path(sys._getframe(1).f_code.co_filename).resolve()
    if not file.is_file():  # a cell of a notebook, `python -c`, a prompt
        raise ModelError(
            f"model {name!r} is declared in {file.name}, which is no file: a trial has a process "
            "of its own, which can't see it; put the model into a file and name that as a plugin"
        )
    origin = str(file)

    def details(context: Context) -> dict[str, Any]:
        is_trained = family == "deep" and inputs == "images"
        return RECIPES[context.preset].parameters() if is_trained else {}

    def declare(build: Builder) -> Builder:
        made = partial(estimator, build=build)
        register(Model(name, family, inputs, made, training, origin, details))
        return build

    return declare


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
            from models.timm import timm_model  # it imports torchvision

            of_timm[pattern] = timm_model(pattern)
            continue
        matches = [pattern]
        if pattern not in _models:
            matches = [n for n in _models if fnmatch.fnmatchcase(n.lower(), pattern.lower())]
        if not matches:
            raise ModelError(f"no model is called {pattern!r}{_did_you_mean(pattern)}")
        chosen.update(matches)
    return [*(known for name, known in _models.items() if name in chosen), *of_timm.values()]


def _did_you_mean(pattern: str) -> str:
    by_lower = {name.lower(): name for name in _models}
    close = difflib.get_close_matches(pattern.lower(), by_lower, n=3, cutoff=0.5)
    if not close:
        return "; `python -m benchmark models` lists them"
    return "; did you mean " + " or ".join(by_lower[name] for name in close) + "?"
