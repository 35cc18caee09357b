"""What a row does class by class: the confusion matrix, and the scores that are read from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from results.records.predictions import Predictions


class _ClassScore(NamedTuple):
    precision: float
    recall: float
    f1: float
    support: int


def confusion(predictions: Predictions, n_classes: int) -> NDArray[np.int64]:
    """How many pictures of each true class (row) were given each class (column), (k, k)."""
    cells = predictions.labels * n_classes + predictions.predicted
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def class_scores(predictions: Predictions, n_classes: int) -> list[_ClassScore]:
    """Precision, recall, F1 and support of each class; scores in [0, 1], NaN where they are 0/0.

    Of the pictures given the class, precision is the share that are of it; of the class's pictures
    (their number is the support), recall is the share given it; F1 is the harmonic mean of both.
    """
    matrix = confusion(predictions, n_classes)
    right, named, support = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore"):
        shares = right / named, right / support, 2 * right / (named + support)
    columns = (values.tolist() for values in (*shares, support))
    return [_ClassScore(*values) for values in zip(*columns, strict=True)]
