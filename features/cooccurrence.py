"""The grey-level co-occurrence matrix: how often two values are neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# (rows, columns) to the neighbour: right, below right, below, below left. The matrix is symmetric,
# so the opposite four are in it as well.
DIRECTIONS = ((0, 1), (1, 1), (1, 0), (1, -1))


@dataclass(frozen=True)
class Cooccurrence:
    """The entries of a symmetric co-occurrence matrix that are not zero.

    Attributes
    ----------
    first, second : the two values of each entry, intp, (n,).
    share : each entry's share of all pairs, float64, (n,), adding up to 1.
    levels : the matrix has ``levels`` rows: the image's maximum plus one.
    """

    first: np.ndarray
    second: np.ndarray
    share: np.ndarray
    levels: int


def cooccurrence(image: np.ndarray, direction: tuple[int, int]) -> Cooccurrence | None:
    """Count the neighbours in one direction, at a distance of one pixel.

    Parameters
    ----------
    image : uint8, (H, W).
    direction : one of `DIRECTIONS`.

    Returns
    -------
    The matrix, or None if the image is too thin to have such a pair.

    Source: Haralick, Shanmugam and Dinstein, "Textural features for image classification", IEEE
    Transactions on Systems, Man and Cybernetics 3 (1973) 610-621.
    """
    here, there = _neighbours(image, direction)
    if here.size == 0:
        return None
    levels = int(image.max()) + 1
    codes = here.astype(np.intp) * levels + there
    counts = np.bincount(codes.ravel(), minlength=levels * levels).reshape(levels, levels)
    counts += counts.T.copy()
    first, second = np.nonzero(counts)
    return Cooccurrence(first, second, counts[first, second] / (2 * here.size), levels)


def _neighbours(image: np.ndarray, direction: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of one shape: pixels that have the neighbour, and the neighbours."""
    down, right = direction
    height, width = image.shape
    top, bottom = image[: height - down], image[down:]
    if right < 0:
        return top[:, -right:], bottom[:, : width + right]
    return top[:, : width - right], bottom[:, right:]
