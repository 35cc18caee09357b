"""Modelled folds: pictures of layered rock, sorted by the shape of the fold hinge.

Box, chevron and rounded folds as in the study of Abdallah, Butler and Bond (2021): most training
pictures are drawn cleanly, as by modelling software; the rest, and everything that is scored, looks
like outcrops.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.drawing import draw_clean, draw_outcrop
from benchmark.datasets.folds.draws import ORDER, Draws
from benchmark.datasets.folds.section import Fold, draw_fold
from benchmark.datasets.folds.shapes import CLASSES

__all__ = ["CLASSES", "Fold", "fold_table", "modelled_folds"]

Split = tuple[NDArray[np.uint8], NDArray[np.int64]]


def modelled_folds(sizes: Mapping[str, int], seed: int, size: int = 96) -> dict[str, Split]:
    """Make labelled pictures of folds.

    Parameters
    ----------
    sizes : pictures per split, such as `{"train": 3913, "val": 300, "test": 68}`. Of `train`,
        three in four are clean drawings; every other split is all outcrops.
    seed : 0 or more; another seed gives other pictures.
    size : width and height in pixels, 16 or more.

    Returns
    -------
    For each split its pictures, uint8 (n, size, size, 3) RGB, and labels, int64 (n,), indexes
    into `CLASSES`. Labels are shuffled and their counts differ by 1 at most.

    A picture depends on seed, size, split name and its index in the split alone: a larger split
    begins with the pictures of the smaller one. Numbers come from Philox's raw bits; pictures are
    computed from them with sums, products, quotients and square roots, element by element, and the
    few sines and cosines are series or are rounded. No thread, BLAS or SIMD width has a say, so the
    same bytes come out wherever numpy rounds these operations as IEEE 754 asks (it does on x86-64;
    a compiler that fuses products and sums elsewhere could change a value of a pixel by 1).

    Raises
    ------
    ValueError
        A negative seed or number of pictures, or a size below 16.
    """
    if seed < 0 or size < 16 or any(count < 0 for count in sizes.values()):
        raise ValueError(
            "modelled folds need a seed and counts of 0 or more, and a size of 16 or more; "
            f"got seed={seed}, size={size}, sizes={dict(sizes)}"
        )
    return {split: _make_split(split, count, seed, size) for split, count in sizes.items()}


def fold_table(split: str, count: int, seed: int) -> list[Fold]:
    """The parameters of the first `count` pictures of a split, in order."""
    return [
        draw_fold(seed, split, index, label, clean)
        for index, (label, clean) in enumerate(_plan(split, count, seed))
    ]


def _plan(split: str, count: int, seed: int) -> list[tuple[int, bool]]:
    """Label and cleanness of every picture.

    Each three pictures hold every class once, and each four of `train` one outcrop, both at random
    places: balanced at every length, and free of one another.
    """
    labels: list[int] = []
    clean: list[bool] = []
    for block in range(-(-count // 3)):
        draws = Draws(seed, split, block, ORDER)
        labels += draws.order(len(CLASSES))
        place = draws.below(4)
        clean += [split == "train" and k != place for k in range(4)]
    return list(zip(labels, clean, strict=False))[:count]


def _make_split(split: str, count: int, seed: int, size: int) -> Split:
    pictures = np.empty((count, size, size, 3), np.uint8)
    table = fold_table(split, count, seed)
    for index, fold in enumerate(table):
        draw = draw_clean if fold.clean else draw_outcrop
        pictures[index] = np.rint(255 * np.clip(draw(fold, seed, split, index, size), 0, 1))
    return pictures, np.array([fold.label for fold in table], np.int64)
