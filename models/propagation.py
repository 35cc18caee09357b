"""Label propagation that answers for pictures far from everything it was fitted on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.semi_supervised import LabelPropagation, LabelSpreading


class _Answering:
    """Gives a picture that no training picture has any influence on equal probabilities.

    The kernel of `LabelPropagation` and `LabelSpreading`, exp(-20 d^2), is zero in float64 from a
    distance d of about 6 on, and scikit-learn then divides zero by zero. What it predicts for such
    a picture, the first class, stays; its probabilities say that nothing is known.
    """

    classes_: np.ndarray
    notes_: list[str]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities (n, n_classes) of ``X`` (n, d)."""
        with np.errstate(invalid="ignore"):
            probabilities = super().predict_proba(X)  # type: ignore[misc]
        unknown = np.isnan(probabilities).any(axis=1)
        probabilities[unknown] = 1.0 / len(self.classes_)
        if unknown.any():
            self.notes_ = [
                "equal probabilities for pictures that are too far from all training pictures"
            ]
        return probabilities


class AnsweringLabelPropagation(_Answering, LabelPropagation):
    """scikit-learn's `LabelPropagation` without NaN."""


class AnsweringLabelSpreading(_Answering, LabelSpreading):
    """scikit-learn's `LabelSpreading` without NaN."""
