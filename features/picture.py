"""Pictures: what is one, its grey values, and its pixels at another size."""

from __future__ import annotations

import numpy as np

from features.errors import FeatureError

# Rec. ITU-R BT.601 luma 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, as Pillow's convert("L")
# has it. Integers give every machine the same grey; the weights add up to 65536, so that a colour
# picture with equal channels is exactly its grey picture.
_WEIGHTS = (19595, 38470, 7471)
_HALF = 1 << 15


def as_picture(array: np.ndarray) -> np.ndarray:
    """``array`` as a picture: uint8, (H, W) grey or (H, W, 3) RGB. Read-only.

    Parameters
    ----------
    array : uint8 or uint16; (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA. Of 16 bits the
        upper 8 are kept, as scikit-image's ``img_as_ubyte`` and OpenCV do; transparency is dropped.

    Raises
    ------
    FeatureError
        If it has another type or shape, or no pixels.
    """
    picture = np.asarray(array)
    channels = picture.shape[2:] if picture.ndim > 2 else (1,)
    fits = picture.dtype in (np.uint8, np.uint16) and picture.ndim in (2, 3)
    if not fits or channels not in ((1,), (3,), (4,)) or picture.size == 0:
        raise FeatureError(
            f"a picture of {picture.dtype} and shape {picture.shape}; give uint8 or uint16 "
            "of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) with at least one pixel"
        )
    if picture.ndim == 3:
        picture = picture[:, :, 0] if channels == (1,) else picture[:, :, :3]
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
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


def coloured(picture: np.ndarray, side: int) -> np.ndarray:
    """``picture`` (uint8, (H, W) or (H, W, 3)) as (side, side, 3), its sides scaled apart."""
    small = resized(picture, side)
    return np.repeat(small[:, :, None], 3, axis=2) if small.ndim == 2 else small


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """``image`` (uint8, (H, W) or (H, W, 3)) as uint8, (side, side[, 3]), its sides scaled apart.

    Shrinks by area averaging, which does not alias, and enlarges bilinearly.
    """
    if image.shape[:2] == (side, side):
        return image
    import cv2

    shrinks = image.shape[0] * image.shape[1] > side * side
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (side, side), interpolation=how)
