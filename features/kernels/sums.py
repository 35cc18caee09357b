"""The sums from which mean and standard deviation follow."""

from __future__ import annotations

import numpy as np

from features.kernels.kernel import IMAGE, kernel


@kernel(IMAGE)
def sums(image: np.ndarray) -> tuple[int, int]:
    """Sum of the values of an image, uint8 (H, W), and of their squares, exact."""
    pixels = image.reshape(image.size)
    total = np.int64(0)
    squares = np.int64(0)
    # 32-bit sums fill vectors with twice as many, and 65,536 times 255 squared fits.
    for start in range(0, pixels.size, 65536):
        part = pixels[start : start + 65536]
        part_total = np.uint32(0)
        part_squares = np.uint32(0)
        for index in range(part.size):
            value = np.uint32(part[index])
            part_total = np.uint32(part_total + value)
            part_squares = np.uint32(part_squares + np.uint32(value * value))
        total += np.int64(part_total)
        squares += np.int64(part_squares)
    return int(total), int(squares)
