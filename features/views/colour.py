"""The view ``colour``: the picture itself, for measures that look at all channels at once."""

from __future__ import annotations

import numpy as np

from features.registry import view


@view("colour", channels=3)
def colour(picture: np.ndarray) -> np.ndarray:
    """Red, green and blue, 0..255: uint8, (H, W, 3). A grey picture has equal channels."""
    if picture.ndim == 3:
        return picture
    return np.repeat(picture[:, :, None], 3, axis=2)
