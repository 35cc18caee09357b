from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from results.records.predictions import Predictions
from results.statistics.calibration import reliability

RNG = np.random.default_rng(4)


def answer(n=400, n_classes=3, kind="probability"):
    scores = RNG.dirichlet(np.ones(n_classes), n)
    labels = RNG.integers(0, n_classes, n)
    return Predictions([""] * n, labels, scores.argmax(axis=1), scores, kind)


@pytest.mark.parametrize("bins", [5, 15])
def test_the_curve_is_that_of_scikit_learn(bins):
    given = answer()
    curve = reliability(given, bins)
    accuracy, confidence = calibration_curve(
        given.correct, given.scores.max(axis=1), n_bins=bins, strategy="uniform"
    )
    filled = curve.n > 0
    assert curve.accuracy[filled] == pytest.approx(accuracy)
    assert curve.confidence[filled] == pytest.approx(confidence)
    assert np.isnan(curve.accuracy[~filled]).all()
    assert curve.n.sum() == 400
    assert curve.edges == pytest.approx(np.arange(bins + 1) / bins)


def test_a_bin_holds_its_upper_edge():
    scores = [[0.6, 0.4], [0.61, 0.39], [1.0, 0.0]]
    curve = reliability(
        Predictions(["a", "b", "c"], [0, 0, 0], [0, 0, 0], scores, "probability"), 5
    )
    assert curve.n.tolist() == [0, 0, 1, 1, 1]


def test_decision_values_have_no_curve():
    assert reliability(answer(kind="decision")) is None
    assert reliability(Predictions(["a"], [0], [0])) is None
