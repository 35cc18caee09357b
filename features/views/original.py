"""The view ``original``: the grey picture itself."""

from __future__ import annotations

import numpy as np

from features.picture import grey
from features.registry import view


@view("original")
def original(picture: np.ndarray) -> np.ndarray:
    """Grey values 0..255 of the picture, uint8, (H, W)."""
    return grey(picture)
