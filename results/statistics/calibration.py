"""Whether a probability can be taken at its word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.records.predictions import Predictions

BINS = 15


@dataclass(frozen=True, eq=False)
class _Reliability:
    edges: NDArray[np.float64]
    n: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The mean gap between confidence and accuracy, weighted by pictures (Guo et al. 2017)."""
        filled = self.n > 0
        gaps = np.abs(self.accuracy - self.confidence)[filled]
        return float(np.average(gaps, weights=self.n[filled])) if filled.any() else float("nan")


def reliability(predictions: Predictions, bins: int = BINS) -> _Reliability | None:
    """The reliability curve: confidence (the top class's probability) against accuracy.

    Returns
    -------
    curve : None without probabilities, else of `bins` bins of equal width, each with its upper
        edge: the `edges`, float (bins + 1,) over [0, 1]; `n` pictures in each; their mean
        `confidence` and `accuracy`, NaN in an empty bin; the calibration `error`.
    """
    scores = predictions.scores
    if predictions.kind != "probability" or scores is None or not np.isfinite(scores).all():
        return None
    confidence = scores.max(axis=1)
    correct = scores.argmax(axis=1) == predictions.labels
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(confidence, edges[1:-1], right=True)
    n = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, weights=w, minlength=bins) / n for w in (confidence, correct)]
    return _Reliability(edges, n, *means)
