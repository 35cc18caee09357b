"""The sums from which mean and standard deviation follow."""

from __future__ import annotations

import numpy as np

from features.kernels.kernel import IMAGE, kernel


@kernel(IMAGE)
def sums(image: np.ndarray) -> tuple[int, int]:
    """Sum of the values and of their squares, exact."""
    height, width = image.shape
    total = np.int64(0)
    squares = np.int64(0)
    for y in range(height):
        row = image[y]
        # A row of 32-bit sums, which fit up to 66,000 columns at a time, fills wider vectors.
        for start in range(0, width, 65536):
            row_total = np.uint32(0)
            row_squares = np.uint32(0)
            for x in range(start, min(start + 65536, width)):
                value = np.uint32(row[x])
                row_total += value
                row_squares += value * value
            total += np.int64(row_total)
            squares += np.int64(row_squares)
    return total, squares
