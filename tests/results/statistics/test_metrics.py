from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn.metrics as oracle

from results.board.columns import COLUMNS
from results.records.predictions import Predictions
from results.statistics.metrics import METRICS, Metric, scores_of

RNG = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        # Ours and scikit-learn's; a library's own first import may warn of its dependencies.
        for category in (RuntimeWarning, UserWarning):
            warnings.simplefilter("error", category)
        yield


def score(given, n_classes):
    scores, faults = scores_of(given, n_classes)
    assert faults == {}
    return scores


def answer(labels, scores, kind="probability", predicted=None):
    scores = np.asarray(scores, dtype=float)
    predicted = scores.argmax(axis=1) if predicted is None else predicted
    return Predictions([str(k) for k in range(len(labels))], labels, predicted, scores, kind)


def random_answer(n=200, n_classes=4):
    # Rounded, so that there are ties for the ranks to deal with.
    weights = RNG.integers(1, 9, (n, n_classes)).astype(float)
    return answer(RNG.integers(0, n_classes, n), weights / weights.sum(axis=1, keepdims=True))


def test_the_table_is_in_the_order_of_the_columns():
    assert [name for name in COLUMNS if name in METRICS] == [
        name for name in METRICS if name in COLUMNS
    ]
    assert [name for name in METRICS if name not in COLUMNS] == ["brier"]
    assert all(metric.name == name for name, metric in METRICS.items())
    assert {metric.direction for metric in METRICS.values()} == {"higher", "lower"}
    lower = [name for name, metric in METRICS.items() if metric.direction == "lower"]
    assert lower == ["log_loss", "ece", "brier"]


@pytest.mark.parametrize("n_classes", [3, 4, 7])
def test_scores_are_those_of_scikit_learn(n_classes):
    given = random_answer(n_classes=n_classes)
    y, guess, p = given.labels, given.predicted, given.scores
    found = score(given, n_classes)
    assert found["accuracy"] == pytest.approx(oracle.accuracy_score(y, guess))
    assert found["balanced_accuracy"] == pytest.approx(oracle.balanced_accuracy_score(y, guess))
    assert found["f1_weighted"] == pytest.approx(oracle.f1_score(y, guess, average="weighted"))
    assert found["f1_macro"] == pytest.approx(oracle.f1_score(y, guess, average="macro"))
    auc = oracle.roc_auc_score(y, p, multi_class="ovr", average="weighted")
    assert found["roc_auc"] == pytest.approx(auc)
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, p))
    assert found["mcc"] == pytest.approx(oracle.matthews_corrcoef(y, guess))


@pytest.mark.parametrize("n_classes", [2, 4])
def test_brier_score_is_scikit_learns_halved(n_classes):
    given = random_answer(n_classes=n_classes)
    scores = given.scores if n_classes > 2 else given.scores[:, 1]
    expected = oracle.brier_score_loss(given.labels, scores, scale_by_half=True)
    assert score(given, n_classes)["brier"] == pytest.approx(expected)


def test_two_classes_use_the_second_ones_score():
    given = random_answer(n_classes=2)
    auc = oracle.roc_auc_score(given.labels, given.scores[:, 1])
    assert score(given, 2)["roc_auc"] == pytest.approx(auc)


def test_auc_of_decision_values_depends_on_their_ranks_alone():
    given = random_answer()
    stretched = answer(given.labels, np.exp(7 * given.scores) - 50, "decision")
    assert score(stretched, 4)["roc_auc"] == pytest.approx(score(given, 4)["roc_auc"])
    assert np.isnan(score(stretched, 4)["log_loss"])
    assert np.isnan(score(stretched, 4)["ece"])


def test_a_mistake_of_ours_is_not_hidden():
    broken = Metric("broken", "Broken", lambda predictions, n_classes: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken(random_answer(), 4)


def test_auc_by_counting_pairs():
    given = random_answer(n=30, n_classes=3)
    total = 0.0
    for k in range(3):
        own, rest = given.scores[given.labels == k, k], given.scores[given.labels != k, k]
        wins = (own[:, None] > rest).mean() + 0.5 * (own[:, None] == rest).mean()
        total += wins * (given.labels == k).mean()
    assert score(given, 3)["roc_auc"] == pytest.approx(total)


def test_without_scores_only_labels_count():
    given = Predictions(["a", "b", "c"], [0, 1, 1], [0, 1, 0])
    found = score(given, 2)
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert [name for name, value in found.items() if np.isnan(value)] == [
        "roc_auc",
        "log_loss",
        "ece",
        "brier",
    ]


def test_a_class_that_the_split_lacks_weighs_nothing():
    given = random_answer(n_classes=3)
    wide = np.column_stack([given.scores * 0.9, np.full(len(given), 0.1)])
    found = score(answer(given.labels, wide), 4)
    auc = oracle.roc_auc_score(given.labels, given.scores, multi_class="ovr", average="weighted")
    assert found["roc_auc"] == pytest.approx(auc)
    assert found["balanced_accuracy"] == pytest.approx(score(given, 3)["balanced_accuracy"])
    assert found["log_loss"] == pytest.approx(score(given, 3)["log_loss"] - np.log(0.9))


def test_a_predicted_class_that_the_split_lacks_counts_as_wrong():
    given = Predictions(["a", "b"], [0, 0], [0, 2])
    found = score(given, 3)
    assert found["balanced_accuracy"] == pytest.approx(0.5)
    assert found["f1_macro"] == pytest.approx(1 / 3)


def test_a_split_of_one_class_has_no_auc():
    found = score(answer([1, 1], [[0.2, 0.8], [0.6, 0.4]]), 2)
    assert np.isnan(found["roc_auc"])
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.4]).mean())


def test_an_empty_split_has_no_scores():
    assert all(np.isnan(value) for value in score(answer([], np.zeros((0, 2))), 2).values())


def test_a_sure_mistake_costs_much_but_not_everything():
    found = score(answer([0], [[0.0, 1.0]]), 2)
    assert found["log_loss"] == pytest.approx(-np.log(np.finfo(float).eps))


def test_scores_that_are_no_numbers_are_no_scores():
    assert np.isnan(score(answer([0, 1], [[np.nan, 1], [0, 1]]), 2)["roc_auc"])


def test_calibration_error_bin_by_bin():
    given = random_answer(n=500, n_classes=3)
    confidence, correct = given.scores.max(axis=1), given.scores.argmax(axis=1) == given.labels
    total = 0.0
    for k in range(15):
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        if inside.any():
            total += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert score(given, 3)["ece"] == pytest.approx(total)


def test_calibration_error_by_hand():
    # Two at 0.9, one right: |0.5 - 0.9| of two thirds; one at 0.6, right: 0.4 of a third.
    given = answer([0, 1, 0], [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    assert score(given, 2)["ece"] == pytest.approx(0.4)
    assert score(answer([0, 1], [[1, 0], [0, 1]]), 2)["ece"] == 0
