"""Pictures: what is one, and its grey values."""

from __future__ import annotations

import numpy as np

from features.errors import FeatureError

# Rec. ITU-R BT.601 luma 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, as Pillow's convert("L")
# has it. Integers give every machine the same grey; the weights add up to 65536, so that a colour
# picture with equal channels is exactly its grey picture.
_WEIGHTS = (19595, 38470, 7471)
_HALF = 1 << 15


def as_picture(array: np.ndarray) -> np.ndarray:
    """``array`` as a picture: uint8, (H, W) or (H, W, 3) RGB; (H, W, 1) becomes (H, W). Read-only.

    Raises
    ------
    FeatureError
        If it has another type or shape, or no pixels.
    """
    picture = np.asarray(array)
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    colour = picture.ndim == 3 and picture.shape[2] == 3
    if picture.dtype != np.uint8 or not (picture.ndim == 2 or colour) or picture.size == 0:
        raise FeatureError(
            f"a picture of {picture.dtype} and shape {picture.shape}; give uint8 of shape (H, W), "
            "(H, W, 1) or (H, W, 3) with at least one pixel"
        )
    return read_only(picture)


def read_only(image: np.ndarray) -> np.ndarray:
    """The same pixels, not to be written to: several views and measures look at them."""
    image = image.view()
    image.flags.writeable = False
    return image


def grey(picture: np.ndarray) -> np.ndarray:
    """Grey values of a picture: uint8, (H, W), from uint8, (H, W) or (H, W, 3) RGB."""
    if picture.ndim == 2:
        return picture
    red, green, blue = np.moveaxis(picture.astype(np.uint32), -1, 0)
    luma = _WEIGHTS[0] * red + _WEIGHTS[1] * green + _WEIGHTS[2] * blue
    return ((luma + _HALF) >> 16).astype(np.uint8)
