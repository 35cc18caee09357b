"""Conformance: the checks that every view and measure must pass, built in or plugin."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from features import Measure, View
from models import BrokenCheck, Finding, findings

_SEED = 7


def _pictures() -> Iterator[np.ndarray]:
    """Pictures of awkward kinds: tiny, thin, of one value, grey and in colour."""
    generator = np.random.default_rng(_SEED)
    shapes = ((1, 1), (1, 9), (2, 2, 3), (5, 40), (32, 32), (33, 47, 3), (64, 64, 3))
    for shape in shapes:
        yield generator.integers(0, 256, shape, dtype=np.uint8)
    yield np.zeros((16, 16), np.uint8)
    yield np.full((16, 16, 3), 255, np.uint8)


def check_view(view: View) -> list[Finding]:
    """Draw a view of awkward pictures and check that it keeps the contract."""
    return findings(f"view {view.name}", _OF_VIEWS, view)


def _draws_images(view: View) -> None:
    for picture in _pictures():
        view.image(picture)  # which says what is wrong with it


def _draws_the_same_again(view: View) -> None:
    for picture in _pictures():
        if not np.array_equal(view.image(picture), view.image(picture.copy())):
            raise BrokenCheck(f"another image of the same picture of shape {picture.shape}")


def _leaves_the_picture(view: View) -> None:
    for picture in _pictures():
        before = picture.copy()
        view.image(picture)
        if not np.array_equal(picture, before):
            raise BrokenCheck("it changes the picture that it is given")


_OF_VIEWS: dict[str, Callable[[View], None]] = {
    "an image of every picture": _draws_images,
    "the same picture gives the same image": _draws_the_same_again,
    "the picture is left alone": _leaves_the_picture,
    "it can be sent to other processes": lambda view: _check_travels(view),
}


def check_measure(measure: Measure) -> list[Finding]:
    """Take a measure of awkward images and check that it keeps the contract.

    One that is fitted is fitted on them first.
    """
    name = f"measure {measure.name}"
    if measure.fit is None:
        return findings(name, _OF_MEASURES, _Taken(measure, measure))
    fits = "is fitted on images of train pictures"
    try:
        fitted, again = (measure.fitted(iter(list(_images(measure))), _SEED) for _ in range(2))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's code
        return [Finding(name, fits, False, f"{type(error).__name__}: {error}")]
    return [Finding(name, fits, True), *findings(name, _OF_MEASURES, _Taken(fitted, again))]


@dataclass(frozen=True)
class _Taken:
    """A measure that can be taken; and the same one, fitted again where it is fitted."""

    measure: Measure
    again: Measure


def _images(measure: Measure) -> Iterator[np.ndarray]:
    """Images with as many channels as it is taken of."""
    for picture in _pictures():
        grey = picture if picture.ndim == 2 else picture[:, :, 0]
        yield grey if measure.channels == 1 else np.repeat(grey[:, :, None], measure.channels, 2)


def _gives_numbers(taken: _Taken) -> None:
    for image in _images(taken.measure):
        taken.measure.values(image)  # which says what is wrong with them


def _gives_the_same_again(taken: _Taken) -> None:
    for image in _images(taken.measure):
        pair = taken.measure.values(image), taken.again.values(image.copy())
        if not np.array_equal(*pair, equal_nan=True):
            raise BrokenCheck(f"other numbers for the same image of shape {image.shape}")


def _leaves_the_image(taken: _Taken) -> None:
    for image in _images(taken.measure):
        before = image.copy()
        taken.measure.values(image)
        if not np.array_equal(image, before):
            raise BrokenCheck("it changes the image that it is given")


_OF_MEASURES: dict[str, Callable[[_Taken], None]] = {
    "a number for each name, of every image": _gives_numbers,
    "the same image gives the same numbers": _gives_the_same_again,
    "the image is left alone": _leaves_the_image,
    "it can be sent to other processes": lambda taken: _check_travels(taken.measure),
}


def _check_travels(declared: View | Measure) -> None:
    try:
        pickle.dumps(declared)
    except Exception as error:
        raise BrokenCheck(f"pickle: {error}") from error
