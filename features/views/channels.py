"""The views ``red``, ``green`` and ``blue``: one colour channel each."""

from __future__ import annotations

import numpy as np

from features.registry import view


@view("red")
def red(picture: np.ndarray) -> np.ndarray:
    """The red channel, 0..255: uint8, (H, W). A grey picture is its own."""
    return _channel(picture, 0)


@view("green")
def green(picture: np.ndarray) -> np.ndarray:
    """The green channel, 0..255: uint8, (H, W). A grey picture is its own."""
    return _channel(picture, 1)


@view("blue")
def blue(picture: np.ndarray) -> np.ndarray:
    """The blue channel, 0..255: uint8, (H, W). A grey picture is its own."""
    return _channel(picture, 2)


def _channel(picture: np.ndarray, number: int) -> np.ndarray:
    return picture if picture.ndim == 2 else picture[:, :, number]
