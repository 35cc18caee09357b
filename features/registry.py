"""The registry: which views and which measures there are, by name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from features.contract import Draw, Fit, Measure, Take, View
from features.errors import FeatureError

# A column is VIEW_NAME, and a set may be written as shell globs parted by commas: other
# characters would make either ambiguous.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_views: dict[str, View] = {}
_measures: dict[str, Measure] = {}


def view(name: str, *, channels: int = 1, version: int = 1) -> Callable[[Draw], Draw]:
    """Declare the decorated function as a view.

    The function gets a picture, uint8 of shape (H, W) or (H, W, 3) (RGB), read-only, and returns a
    uint8 array of shape (H, W), or (H, W, channels) if it has several channels.

    Parameters
    ----------
    name : unique name: letters, digits and underscores.
    channels : the measures for as many channels are taken of this view.
    version : raise it whenever the function's result changes, so that no stale table is used.

    Raises
    ------
    FeatureError
        If the name is malformed or taken; the message names both files.

    Examples
    --------
    >>> @view("negative")
    ... def negative(picture):
    ...     return 255 - grey(picture)
    """

    def declare(draw: Draw) -> Draw:
        declared = View(name, draw, version, _origin(draw), channels)
        _check_name("view", name, declared.origin)
        _check_free("view", name, declared.origin, _views.get(name))
        _views[name] = declared
        return draw

    return declare


def measure(
    name: str, *, names: Sequence[str], channels: int = 1, version: int = 1
) -> Callable[[Take], Take]:
    """Declare the decorated function as a measure.

    The function gets a view's image, uint8 of shape (H, W) or (H, W, channels), read-only, and
    returns one float per name. NaN says that a number is undefined for this image; an infinite
    number is turned into NaN.

    Parameters
    ----------
    name : unique name: letters, digits and underscores.
    names : names of the numbers, in the order in which the function returns them.
    channels : the measure is taken of every view that has as many.
    version : raise it whenever the function's result changes, so that no stale table is used.

    Raises
    ------
    FeatureError
        If a name is malformed, repeated or taken; the message names both files.

    Examples
    --------
    >>> @measure("brightest", names=("max",))
    ... def brightest(image):
    ...     return [image.max()]
    """

    def declare(take: Take) -> Take:
        numbers = _name_tuple(name, names)
        _declare_measure(Measure(name, numbers, take, version, _origin(take), channels))
        return take

    return declare


def fitted_measure(
    name: str, *, names: Sequence[str], channels: int = 1, version: int = 1
) -> Callable[[Fit], Fit]:
    """Declare the decorated function as what fits a measure.

    The function gets an iterator over a view's images of train pictures (of at most 2,000 of them,
    chosen by the seed; see `FeatureSet.fit`) and the seed, an int. It returns the measure itself: a
    function as `measure` has it. That function travels to other processes, so it must be picklable:
    an instance of a class with ``__call__``, or a `functools.partial` of a function of the module.
    The same images and seed must give the same function.

    Parameters
    ----------
    name, names, channels, version : as for `measure`.

    Raises
    ------
    FeatureError
        As for `measure`.

    Examples
    --------
    >>> @fitted_measure("brighter", names=("brighter",))
    ... def brighter(images, seed):
    ...     return functools.partial(_above, np.mean([image.mean() for image in images]))
    """

    def declare(fit: Fit) -> Fit:
        numbers = _name_tuple(name, names)
        _declare_measure(Measure(name, numbers, None, version, _origin(fit), channels, fit))
        return fit

    return declare


def forget_features(origin: str) -> None:
    """Remove every view and measure that ``origin`` declared: a file can then be loaded again."""
    registries: tuple[dict[str, Any], ...] = (_views, _measures)
    for registry in registries:
        for name in [name for name, known in registry.items() if known.origin == origin]:
            del registry[name]


def registered_views() -> list[View]:
    """Every view, in the order in which they were declared."""
    return list(_views.values())


def registered_measures() -> list[Measure]:
    """Every measure, in the order in which they were declared."""
    return list(_measures.values())


def _origin(declared: Callable[..., Any]) -> str:
    return str(Path(inspect.getsourcefile(declared) or declared.__code__.co_filename).resolve())


def _name_tuple(name: str, names: Sequence[str]) -> tuple[str, ...]:
    # A bare text is a sequence of letters, and names="max" would declare three numbers.
    if isinstance(names, str):
        raise FeatureError(f"measure {name!r}: names is a text; write names=({names!r},)")
    return tuple(names)


def _declare_measure(declared: Measure) -> None:
    where = f"measure {declared.name!r} in {declared.origin}"
    _check_name("measure", declared.name, declared.origin)
    if not declared.names:
        raise FeatureError(f"{where} names no number")
    for name in declared.names:
        _check_name("number", name, declared.origin)
        if declared.names.count(name) > 1:
            raise FeatureError(f"{where} names {name!r} twice")
    _check_free("measure", declared.name, declared.origin, _measures.get(declared.name))
    _measures[declared.name] = declared


def _check_name(kind: str, name: object, origin: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise FeatureError(
            f"{origin}: {name!r} cannot name a {kind}; use letters, digits and underscores, "
            "a letter first"
        )


def _check_free(kind: str, name: str, origin: str, taken: View | Measure | None) -> None:
    if taken is not None:
        raise FeatureError(
            f"{kind} name {name!r} is used twice: in {taken.origin} and in {origin}; rename one"
        )
