"""What a row does class by class: the confusion matrix, and the scores that are read from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.records.predictions import Predictions


@dataclass(frozen=True)
class _ClassScore:
    """One class of a split; scores in [0, 1], NaN where they are 0/0.

    Attributes
    ----------
    precision : share of the pictures given the class that are of it.
    recall : share of the class's pictures given the class.
    f1 : harmonic mean of both.
    support : the class's pictures.
    """

    precision: float
    recall: float
    f1: float
    support: int


def confusion(predictions: Predictions, n_classes: int) -> NDArray[np.int64]:
    """How many pictures of each true class (row) were given each class (column), (k, k)."""
    cells = predictions.labels * n_classes + predictions.predicted
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def class_scores(predictions: Predictions, n_classes: int) -> list[_ClassScore]:
    """Precision, recall, F1 and support of each class, in the order of the classes."""
    matrix = confusion(predictions, n_classes)
    right, named, support = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    return [
        _ClassScore(_ratio(hits, given), _ratio(hits, own), _ratio(2 * hits, given + own), int(own))
        for hits, given, own in zip(right, named, support, strict=True)
    ]


def _ratio(part: int, whole: int) -> float:
    return float(part / whole) if whole else float("nan")
