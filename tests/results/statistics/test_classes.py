from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as oracle

from results.records.predictions import Predictions
from results.statistics.classes import class_scores, confusion

RNG = np.random.default_rng(2)


def test_they_are_those_of_scikit_learn():
    given = Predictions([""] * 300, RNG.integers(0, 5, 300), RNG.integers(0, 5, 300))
    matrix = oracle.confusion_matrix(given.labels, given.predicted)
    assert (confusion(given, 5) == matrix).all()
    expected = oracle.precision_recall_fscore_support(given.labels, given.predicted)
    found = class_scores(given, 5)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(score, name) for score in found] == pytest.approx(list(values)), name


def test_what_is_nothing_of_nothing_is_undefined():
    found = class_scores(Predictions(["a", "b"], [0, 0], [0, 1]), 3)
    assert (found[0].precision, found[0].recall, found[0].support) == (1, 0.5, 2)
    assert (found[1].precision, found[1].f1, found[1].support) == (0, 0, 0)
    assert np.isnan(found[1].recall)
    assert np.isnan([found[2].precision, found[2].recall, found[2].f1]).all()
    assert confusion(Predictions([], [], []), 2).tolist() == [[0, 0], [0, 0]]
