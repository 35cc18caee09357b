"""The contract: what a view and a measure are, and what they must return."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from features.errors import FeatureError
from features.picture import read_only

Draw = Callable[[np.ndarray], np.ndarray]
Take = Callable[[np.ndarray], Sequence[float] | np.ndarray]
Fit = Callable[[Iterator[np.ndarray], int], Take]


def _called(declared: View | Measure, function: Callable[..., Any], *arguments: Any) -> Any:
    """Raise `FeatureError` if a plugin's function raises; what ours raises is a bug of ours."""
    try:
        return function(*arguments)
    except Exception as error:
        if isinstance(error, FeatureError) or is_built_in(declared.origin):
            raise
        what = f"{type(declared).__name__.lower()} {declared.name!r} in {declared.origin}"
        raise FeatureError(f"{what} raised {type(error).__name__}: {error}") from error


def is_built_in(origin: str) -> bool:
    """Whether what ``origin`` declares came with this package."""
    return Path(origin).is_relative_to(Path(__file__).resolve().parent)


@dataclass(frozen=True)
class View:
    """One way to look at a picture.

    Attributes
    ----------
    name : unique name, the first part of its columns' names.
    draw : makes the view's image from a picture.
    version : goes up by one when the same picture no longer gives the same image.
    origin : file that declared it.
    channels : 1 for images (H, W), more for images (H, W, channels).
    """

    name: str
    draw: Draw
    version: int
    origin: str
    channels: int = 1

    def image(self, picture: np.ndarray) -> np.ndarray:
        """The view of a picture, uint8 (H, W) or (H, W, 3): uint8 (H, W) or (H, W, channels).

        It is read-only.

        Raises
        ------
        FeatureError
            If the declared function returns anything else, or if a plugin's raises.
        """
        image = _called(self, lambda: np.asarray(self.draw(picture)))
        shape = image.shape[:2] if self.channels == 1 else (*image.shape[:2], self.channels)
        if image.ndim < 2 or image.shape != shape or image.size == 0 or image.dtype != np.uint8:
            expected = "(H, W)" if self.channels == 1 else f"(H, W, {self.channels})"
            raise FeatureError(
                f"view {self.name!r} in {self.origin} returned {image.dtype} of shape "
                f"{image.shape}; return a uint8 array of shape {expected}"
            )
        return read_only(image)


@dataclass(frozen=True)
class Measure:
    """One or more numbers that describe an image.

    Attributes
    ----------
    name : unique name.
    names : names of its numbers in order, the last part of its columns' names.
    take : computes the numbers from a view's image; None as long as it must be fitted first.
    version : goes up by one when the same image no longer gives the same numbers.
    origin : file that declared it.
    channels : it is taken of the views that have as many.
    fit : makes ``take`` from images of the train split; None if nothing is fitted.
    """

    name: str
    names: tuple[str, ...]
    take: Take | None
    version: int
    origin: str
    channels: int = 1
    fit: Fit | None = None

    def fitted(self, images: Iterator[np.ndarray], seed: int) -> Measure:
        """A copy that has learnt from a view's images of train pictures.

        Raises
        ------
        FeatureError
            If the declared function does not return a function, returns one that can't be pickled
            and so can't travel to other processes, or if a plugin's raises.
        """
        assert self.fit is not None
        take = _called(self, self.fit, images, seed)
        if not callable(take):
            raise FeatureError(
                f"{self._where} returned {type(take).__name__} when it was fitted; "
                "return a function of an image"
            )
        try:
            pickle.dumps(take)
        except Exception as error:
            raise FeatureError(
                f"{self._where} returned what can't be sent to other processes when it was fitted "
                f"({error}); return a functools.partial of a function of the file, or an instance "
                "of a class with __call__, not a lambda or an inner function"
            ) from error
        return replace(self, take=take)

    def values(self, image: np.ndarray) -> np.ndarray:
        """The numbers of an image, uint8 (H, W) or (H, W, channels): float64 (len(names),).

        Raises
        ------
        FeatureError
            If it must be fitted first, does not return one number per name, or if a plugin's
            raises.
        """
        if self.take is None:
            raise FeatureError(f"{self._where} has to be fitted on train pictures first")
        returned = _called(self, self.take, image)
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
