"""scikit-learn's classifiers, mended where they fail or answer with NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

# Shrinkage of each class's covariance towards the identity, tried from none upwards.
GRID = (0.0, *(float(f"{digit}e{power}") for power in range(-6, 0) for digit in (1, 2, 5)), 1.0)


class LeastRegularisedQDA(ClassifierMixin, BaseEstimator):
    """`QuadraticDiscriminantAnalysis` with the least ``reg_param`` of `GRID` that works.

    Without regularisation QDA needs every class's covariance to be of full rank, which real
    feature tables often break (two columns that carry the same information are enough). Where a
    class has fewer rows than there are features no ``reg_param`` helps, and the covariances are
    shrunk as Ledoit and Wolf do (2004, Journal of Multivariate Analysis 88:365): towards a multiple
    of the identity, so that a feature which is constant within a class does no harm.

    Attributes
    ----------
    classes_ : the labels.
    reg_param_ : the regularisation that was needed, 0 where none was, None for shrinkage.
    notes_ : says in words what was needed, if anything; the runner copies it into the record.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> LeastRegularisedQDA:
        """Fit on (n, d); raise `LinAlgError` if no covariance can be inverted, even shrunk."""
        self.classes_ = unique_labels(y)
        for reg_param in GRID:
            try:
                self.qda_ = QuadraticDiscriminantAnalysis(reg_param=reg_param).fit(X, y)
            except np.linalg.LinAlgError:
                continue
            self.reg_param_: float | None = reg_param
            note = f"reg_param={reg_param:g}: the least regularisation with which every class's "
            self.notes_ = [note + "covariance is invertible"] if reg_param else []
            return self
        shrunk = QuadraticDiscriminantAnalysis(solver="eigen", covariance_estimator=LedoitWolf())
        self.qda_ = shrunk.fit(X, y)
        self.reg_param_ = None
        self.notes_ = ["Ledoit-Wolf shrinkage: a class has fewer rows than there are features"]
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Labels (n,) of ``X`` (n, d)."""
        check_is_fitted(self)
        return self.qda_.predict(X)

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Posterior probabilities (n, n_classes) of ``X`` (n, d)."""
        check_is_fitted(self)
        return self.qda_.predict_proba(X)

    def __sklearn_tags__(self) -> Any:
        return QuadraticDiscriminantAnalysis().__sklearn_tags__()


class _Answering:
    """Gives a picture that no training picture has any influence on equal probabilities."""

    classes_: np.ndarray
    notes_: list[str]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        # The kernel, exp(-20 d^2), is zero in float64 from a distance d of about 6 on, and
        # scikit-learn then divides zero by zero. What it predicts, the first class, stays.
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
