"""The views ``lab_a`` and ``lab_b``: hue, apart from brightness.

The third channel of CIE L*a*b*, the lightness, is close to the view ``original``.
"""

from __future__ import annotations

import numpy as np

from features.registry import view
from features.views.colour import colour


@view("lab_a")
def lab_a(picture: np.ndarray) -> np.ndarray:
    """Green to red: a* + 128, uint8, (H, W). A grey picture is 128 everywhere.

    Source: CIE 15:2004, "Colorimetry", section 8.2.1; of sRGB with the white point D65, by
    `cv2.cvtColor`.
    """
    return _lab(picture, 1)


@view("lab_b")
def lab_b(picture: np.ndarray) -> np.ndarray:
    """Blue to yellow: b* + 128, uint8, (H, W). A grey picture is 128 everywhere.

    Source: as for `lab_a`.
    """
    return _lab(picture, 2)


def _lab(picture: np.ndarray, channel: int) -> np.ndarray:
    import cv2

    lab = cv2.cvtColor(np.ascontiguousarray(colour(picture)), cv2.COLOR_RGB2LAB)
    return cv2.extractChannel(lab, channel)
