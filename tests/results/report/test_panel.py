import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from results.leaderboard import Leaderboard
from results.records.predictions import Predictions
from results.report.panel import learning_charts, mistakes_of, panels, reliability_chart


def drawn(n_classes, n=400):
    random = np.random.default_rng(1)
    labels, predicted = random.integers(0, n_classes, (2, n))
    return Predictions([str(k) for k in range(n)], labels, predicted)


def test_a_matrix_of_few_classes_is_scikit_learn_s():
    answers = drawn(4)
    found = mistakes_of(answers, list("abcd"))
    counts = [[count for count, _ in line.cells] for line in found.lines]
    assert np.array_equal(counts, confusion_matrix(answers.labels, answers.predicted))
    precision, recall, f1, support = precision_recall_fscore_support(
        answers.labels, answers.predicted
    )
    assert found.precision == [f"{value:.3f}" for value in precision]
    assert [line.recall for line in found.lines] == [f"{value:.3f}" for value in recall]
    assert [line.f1 for line in found.lines] == [f"{value:.3f}" for value in f1]
    assert [line.support for line in found.lines] == [str(value) for value in support]


def test_of_many_classes_the_commonest_mistakes_are_listed():
    answers = drawn(30, 5000)
    found = mistakes_of(answers, [f"class {k}" for k in range(30)])
    matrix = confusion_matrix(answers.labels, answers.predicted)
    np.fill_diagonal(matrix, 0)
    assert found.lines == []
    assert [int(n) for _, _, n, _ in found.frequent] == sorted(matrix.ravel())[:-16:-1]
    true, named, n, _ = found.frequent[0]
    assert matrix[int(true[6:]), int(named[6:])] == int(n)


def test_a_model_of_several_trials_has_one_panel_and_says_so(keep, store):
    for seed, wrong in enumerate(([0, 1], [], [0])):
        keep("ResNet9", {"test": wrong}, family="deep", seed=seed, splits={"test": 6})
    keep("SVC", {"test": [0, 1, 2]}, splits={"test": 6})
    keep("SVC", status="failed", seed=1, splits={"test": 6})
    board = Leaderboard.from_store(store)
    called = {r.trial: f"{r.model} {r.seed}" for r in board.selection.records}
    deep, classical = panels(board.rows, called)
    assert (deep.name, classical.name) == ("ResNet9 1", "SVC 0")
    assert "the best of 3 trials on test" in deep.facts
    assert "trials" not in classical.facts
    assert len(deep.trials) == 3
    assert deep.by_split["test"][0] == "1.000"


def test_a_calibrated_model_lies_on_the_diagonal():
    scores = np.repeat([[0.75, 0.25]], 400, axis=0)
    labels = (np.arange(400) % 4 == 0).astype(int)
    answers = Predictions(
        [str(k) for k in range(400)], labels, np.zeros(400, int), scores, "probability"
    )
    ((x, y, _, text),) = reliability_chart(answers).points
    width, height = 230 - 8 - 42, 230 - 30 - 8
    assert x == pytest.approx(42 + 0.75 * width, abs=0.1)
    assert y == pytest.approx(200 - 0.75 * height, abs=0.1)
    assert text == "confidence 0.75, accuracy 0.75, 400 pictures"
    assert reliability_chart(drawn(3)) is None


def test_whatever_history_says_of_loss_and_accuracy_is_drawn(record):
    history = [
        {"epoch": k, "loss": 1 / k, "val_loss": 2 / k, "val_accuracy": 1 - 1 / k, "seconds": 9.0}
        for k in range(1, 501)
    ]
    loss, accuracy = learning_charts(record(provenance={"history": history}).history)
    assert [name for name, _ in loss.series] == ["train", "val"]
    assert "loss 0.002, val loss 0.004" in loss.text
    assert "val accuracy 0.998" in accuracy.text
    assert all(path.count("L") <= 200 for _, path in loss.series)


@pytest.mark.parametrize("history", [None, [], "?", [1, 2], [{"loss": float("nan")}] * 2, [{}, {}]])
def test_a_history_that_cannot_be_drawn_is_no_curve(record, history):
    made = record()
    made.provenance["history"] = history
    assert learning_charts(made.history) == []
