"""The registry: which views and which measures there are, by name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.errors import FeatureError
from features.picture import read_only

Draw = Callable[[np.ndarray], np.ndarray]
Take = Callable[[np.ndarray], Sequence[float] | np.ndarray]

# A column is VIEW_NAME, and a set may be written as shell globs parted by commas: other
# characters would make either ambiguous.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class View:
    """One way to look at a picture.

    Attributes
    ----------
    name : unique name, the first part of its columns' names.
    draw : makes the view's image from a picture.
    version : goes up by one when the same picture no longer gives the same image.
    origin : file that declared it.
    """

    name: str
    draw: Draw
    version: int
    origin: str

    def image(self, picture: np.ndarray) -> np.ndarray:
        """The view of a picture, uint8, (H, W) or (H, W, 3): uint8 of two dimensions, read-only.

        Raises
        ------
        FeatureError
            If the declared function returns anything else.
        """
        image = np.asarray(self.draw(picture))
        if image.ndim != 2 or image.size == 0 or image.dtype != np.uint8:
            raise FeatureError(
                f"view {self.name!r} in {self.origin} returned {image.dtype} of shape "
                f"{image.shape}; return a uint8 array of shape (H, W)"
            )
        return read_only(image)


@dataclass(frozen=True)
class Measure:
    """One or more numbers that describe an image.

    Attributes
    ----------
    name : unique name.
    names : names of its numbers in order, the last part of its columns' names.
    take : computes the numbers from a view's image.
    version : goes up by one when the same image no longer gives the same numbers.
    origin : file that declared it.
    """

    name: str
    names: tuple[str, ...]
    take: Take
    version: int
    origin: str

    def values(self, image: np.ndarray) -> np.ndarray:
        """The numbers for ``image`` (uint8, (H, W)): float64, (len(names),).

        Raises
        ------
        FeatureError
            If the declared function does not return one number per name.
        """
        returned = self.take(image)
        try:
            values = np.asarray(returned, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise FeatureError(
                f"{self._where} returned something other than numbers: {error}"
            ) from error
        if values.shape != (len(self.names),):
            raise FeatureError(
                f"{self._where} returned shape {values.shape}; return {len(self.names)} numbers, "
                "one per name"
            )
        return values

    @property
    def _where(self) -> str:
        return f"measure {self.name!r} in {self.origin}"


_views: dict[str, View] = {}
_measures: dict[str, Measure] = {}


def view(name: str, *, version: int = 1) -> Callable[[Draw], Draw]:
    """Declare the decorated function as a view.

    The function gets a picture, uint8 of shape (H, W) or (H, W, 3) (RGB), read-only, and returns a
    uint8 array of two dimensions.

    Parameters
    ----------
    name : unique name: letters, digits and underscores.
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
        declared = View(name, draw, version, _origin(draw))
        _check_name("view", name, declared.origin)
        _check_free("view", name, declared.origin, _views.get(name))
        _views[name] = declared
        return draw

    return declare


def measure(name: str, *, names: Sequence[str], version: int = 1) -> Callable[[Take], Take]:
    """Declare the decorated function as a measure.

    The function gets a view's image, uint8 of shape (H, W), read-only, and returns one float per
    name. NaN says that a number is undefined for this image; an infinite number is turned into NaN.

    Parameters
    ----------
    name : unique name: letters, digits and underscores.
    names : names of the numbers, in the order in which the function returns them.
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
        declared = Measure(name, _name_tuple(name, names), take, version, _origin(take))
        _check_name("measure", name, declared.origin)
        _check_numbers(declared)
        _check_free("measure", name, declared.origin, _measures.get(name))
        _measures[name] = declared
        return take

    return declare


def forget(origin: str) -> None:
    """Remove every view and measure that ``origin`` declared: a file can then be loaded again."""
    for name in [name for name, known in _views.items() if known.origin == origin]:
        del _views[name]
    for name in [name for name, known in _measures.items() if known.origin == origin]:
        del _measures[name]


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


def _check_name(kind: str, name: object, origin: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise FeatureError(
            f"{origin}: {name!r} cannot name a {kind}; use letters, digits and underscores, "
            "a letter first"
        )


def _check_numbers(declared: Measure) -> None:
    if not declared.names:
        raise FeatureError(f"measure {declared.name!r} in {declared.origin} names no number")
    for name in declared.names:
        _check_name("number", name, declared.origin)
        if declared.names.count(name) > 1:
            raise FeatureError(
                f"measure {declared.name!r} in {declared.origin} names {name!r} twice"
            )


def _check_free(kind: str, name: str, origin: str, taken: View | Measure | None) -> None:
    if taken is not None:
        raise FeatureError(
            f"{kind} name {name!r} is used twice: in {taken.origin} and in {origin}; rename one"
        )
