"""Encoding: pixels to the bytes of a file."""

from __future__ import annotations

import numpy as np


def encode(picture: np.ndarray, suffix: str = ".png", quality: int = 95) -> bytes:
    """Encode uint8 (H, W) grey or (H, W, 3) RGB as ``.png``, or as ``.jpg`` of some quality."""
    import cv2

    bgr = np.ascontiguousarray(picture[:, :, ::-1] if picture.ndim == 3 else picture)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix == ".jpg" else []
    _, encoded = cv2.imencode(suffix, bgr, options)
    return encoded.tobytes()
