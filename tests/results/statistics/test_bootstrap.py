from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as oracle
from scipy import stats

from results.records.predictions import Predictions
from results.statistics import bootstrap
from results.statistics.bootstrap import RESAMPLED, auc_influence, resample
from results.statistics.metrics import METRICS

RNG = np.random.default_rng(8)
ORACLES = {
    "balanced_accuracy": lambda y, guess, p: oracle.recall_score(y, guess, average="macro"),
    "f1_weighted": lambda y, guess, p: oracle.f1_score(y, guess, average="weighted"),
    "f1_macro": lambda y, guess, p: oracle.f1_score(y, guess, average="macro"),
    "roc_auc": lambda y, guess, p: oracle.roc_auc_score(
        y, p, multi_class="ovr", average="weighted"
    ),
}


def answer(mix, lift=1.5, kind="probability"):
    labels = np.repeat(np.arange(len(mix)), mix)
    scores = RNG.normal(size=(len(labels), len(mix)))
    scores[np.arange(len(labels)), labels] += lift
    scores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Predictions([""] * len(labels), labels, scores.argmax(axis=1), scores, kind)


def test_errors_are_those_of_resampling_pictures_by_hand():
    mix = (80, 50, 30)
    given = answer(mix)
    found = resample([given], len(mix)).errors
    drawn: dict[str, list[float]] = {name: [] for name in RESAMPLED}
    for _ in range(200):
        rows = np.concatenate(
            [RNG.choice(np.flatnonzero(given.labels == k), n) for k, n in enumerate(mix)]
        )
        for name, score in ORACLES.items():
            drawn[name].append(score(given.labels[rows], given.predicted[rows], given.scores[rows]))
    for name, values in drawn.items():
        # Ours is larger by about n / (n - 1) in each class, 1 % here; 200 draws give 5 %.
        assert found[name][0] == pytest.approx(np.std(values), rel=0.18), name


def test_the_error_of_balanced_accuracy_in_closed_form():
    given = answer((40, 25, 15))
    recalls = [given.correct[given.labels == k] for k in range(3)]
    variance = sum(r.var(ddof=1) / len(r) for r in recalls) / 9
    found = resample([given], 3, resamples=20_000).errors["balanced_accuracy"]
    assert found[0] == pytest.approx(np.sqrt(variance), rel=0.02)


def test_the_influence_on_the_auc_is_delongs():
    given = answer((50, 70))
    phi = auc_influence(given, 2)
    own, rest = given.scores[given.labels == 1, 1], given.scores[given.labels == 0, 1]
    wins = (own[:, None] > rest) + 0.5 * (own[:, None] == rest)
    assert phi[given.labels == 1] == pytest.approx(wins.mean(axis=1) / 70)
    assert phi[given.labels == 0] == pytest.approx(wins.mean(axis=0) / 50)
    delong = wins.mean(axis=1).var(ddof=1) / 70 + wins.mean(axis=0).var(ddof=1) / 50
    found = resample([given], 2, resamples=20_000).errors["roc_auc"]
    assert found[0] == pytest.approx(np.sqrt(delong), rel=0.02)


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_with_every_picture_once_the_scores_are_the_table_s(n_classes, monkeypatch):
    # Resamples in which each picture counts one: what is resampled is what is shown.
    monkeypatch.setattr(
        bootstrap, "_weights", lambda labels, size, rng: np.ones((len(labels), size))
    )
    seen = []
    scores = bootstrap._scores
    monkeypatch.setattr(
        bootstrap, "_scores", lambda *counts: seen.append(scores(*counts)) or seen[-1]
    )
    for n in (1, 5, 40, 300):
        # Few pictures of many classes: some are in no picture, or in no answer, or in neither.
        labels = RNG.integers(n_classes, size=n)
        rows = [
            Predictions([""] * n, labels, RNG.integers(n_classes, size=n) if k else labels)
            for k in range(4)
        ]
        accuracies = resample(rows, n_classes, resamples=2).accuracies
        named = dict(zip(("accuracy", *RESAMPLED), seen.pop(), strict=False))
        np.testing.assert_array_equal(accuracies.T, named["accuracy"])
        for name, found in named.items():
            expected = [METRICS[name](row, n_classes) for row in rows]
            assert found[:, 0] == pytest.approx(expected, abs=1e-12), (name, n)


def test_all_rows_see_the_same_pictures():
    one = answer((30, 30, 30))
    wrong = np.where(one.correct, (one.labels + 1) % 3, one.labels)
    opposite = Predictions(one.ids, one.labels, wrong)
    accuracies = resample([one, one, opposite], 3).accuracies
    assert accuracies.shape == (1000, 3)
    assert (accuracies[:, 0] == accuracies[:, 1]).all()
    assert accuracies[:, 0] + accuracies[:, 2] == pytest.approx(np.ones(1000))
    assert accuracies[:, 0].mean() == pytest.approx(METRICS["accuracy"](one, 3), abs=0.01)


def test_a_row_is_resampled_alike_whatever_stands_beside_it():
    one, other = answer((20, 20)), answer((20, 20))
    alone, beside = resample([one], 2), resample([other, one], 2)
    assert alone.accuracies[:, 0] == pytest.approx(beside.accuracies[:, 1])
    for name in RESAMPLED:
        assert alone.errors[name][0] == pytest.approx(beside.errors[name][1])


def test_batches_change_nothing_but_the_draws(monkeypatch):
    given = answer((40, 40))
    whole = resample([given], 2, resamples=4000).errors
    monkeypatch.setattr("results.statistics.bootstrap._CELLS", 80 * 7)
    parts = resample([given], 2, resamples=4000)
    assert parts.accuracies.shape == (4000, 1)
    for name in RESAMPLED:
        assert parts.errors[name] == pytest.approx(whole[name], rel=0.06)


def test_without_scores_there_is_no_error_of_the_auc():
    given = answer((10, 10))
    bare = Predictions(given.ids, given.labels, given.predicted)
    errors = resample([bare, given], 2).errors
    assert np.isnan(errors["roc_auc"]).tolist() == [True, False]
    assert not np.isnan(errors["f1_macro"]).any()


def test_classes_without_pictures_and_of_one_are_no_trouble():
    labels = np.array([0] * 12 + [2])
    guess = np.array([0] * 9 + [1, 1, 1, 2])
    errors = resample([Predictions([""] * 13, labels, guess)], 4).errors
    assert errors["balanced_accuracy"][0] == pytest.approx(np.sqrt(0.75 * 0.25 / 11) / 2, rel=0.1)


def test_decision_values_are_resampled_by_their_ranks():
    given = answer((30, 30, 30))
    stretched = Predictions(
        given.ids, given.labels, given.predicted, stats.rankdata(given.scores, axis=0), "decision"
    )
    assert auc_influence(stretched, 3) == pytest.approx(auc_influence(given, 3))
