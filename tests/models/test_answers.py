"""Which answers of an estimator are taken at its word, which are refused, which scores left out."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.neighbors import NearestCentroid
from sklearn.svm import SVC, NuSVC

from models import answers
from models.errors import WrongAnswer

INPUTS = np.zeros((4, 2))
NAN = float("nan")
EVEN = [[1 / 3] * 3] * 4


class Says:
    """An estimator that gives the answers it was made with, or raises those that are errors."""

    def __init__(self, predict=(0, 1, 2, 0), classes=(0, 1, 2), **methods):
        self.classes_ = np.array(classes)
        self.predict = lambda inputs: predict
        for name, returned in methods.items():
            setattr(self, name, lambda inputs, returned=returned: self._say(returned))

    def _say(self, returned):
        if isinstance(returned, BaseException):
            raise returned
        return returned


def ask_all(estimator, n_classes=3):
    return answers.ask(estimator, {"val": INPUTS}, np.arange(n_classes))


def ask(estimator, n_classes=3):
    found = ask_all(estimator, n_classes)
    assert found.notes == ()
    return found.splits["val"]


# --- labels -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predict", "reason"),
    [
        ([0, 1, 2], r"predict returned shape \(3,\) for 4 pictures, not \(4,\)"),
        ([[0, 1, 2, 0]], r"predict returned shape \(1, 4\)"),
        (np.zeros((4, 3)), r"predict returned shape \(4, 3\)"),
        (None, r"predict returned shape \(\)"),
        ([0, NAN, NAN, 1], "predict returned NaN for 2 of 4 pictures"),
        ([[NAN], [1], [2], [1]], "predict returned NaN for 1 of 4 pictures"),
        ([0, 1, 2, 3], "predict returned the label 3, which is none of"),
        ([0, 1, 2, -1], "predict returned the label -1"),
        ([0, 1, 2, 0.5], "predict returned the label 0.5"),
        ([0, 1, 2, float("inf")], "predict returned the label inf"),
        (["0", "1", "2", "0"], "predict returned the label '0'"),
        (["box", "box", "box", "box"], "predict returned the label 'box'"),
        ([None, 1, 2, 0], "predict returned the label None"),
        (pd.Series([0, 1, None, 2], dtype="Int64"), "predict returned NaN for 1 of 4"),
        (np.array([0, 1, 2, 0], "m8[s]"), "predict returned the label datetime.timedelta"),
        (np.array([0, 1, 2, 0], complex), r"predict returned the label 0j"),
        (([0, 1, 2, 0], [0.5, 0.5]), "predict returned a tuple, which is no array"),
        (np.ma.masked_equal([0, 1, 2, 0], 0), "predict returned an array with masked values"),
    ],
)
def test_labels_that_are_none_are_refused(predict, reason):
    with pytest.raises(WrongAnswer, match=reason):
        ask(Says(predict))


@pytest.mark.parametrize(
    "predict",
    [
        np.array([0.0, 1.0, 2.0, 0.0]), np.array([0, 1, 2, 0], dtype=np.uint8),
        np.array([0, 1, 2, 0], dtype=object), [0, 1, 2, 0], (0, 1, 2, 0), [[0], [1], [2], [0]],
        np.array([[0.0], [1.0], [2.0], [0.0]]), pd.Series([0, 1, 2, 0], index=[3, 2, 1, 0]),
        pd.Series([0, 1, 2, 0], dtype="Int64"), pd.Series([0, 1, 2, 0], dtype="category"),
        pd.DataFrame({"label": [0, 1, 2, 0]}),
    ],
    ids=lambda value: f"{type(value).__name__}-{getattr(value, 'dtype', '')}",
)  # fmt: skip
def test_whole_numbers_of_any_type_are_labels(predict):
    given = ask(Says(predict))
    assert given.predicted.tolist() == [0, 1, 2, 0]
    assert given.predicted.dtype == np.int64


def test_truth_values_are_the_labels_of_two_classes():
    said = ask(Says(np.array([True, False, True, True]), (0, 1)), n_classes=2)
    assert said.predicted.tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32", "bfloat16"])
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_tensors_are_arrays(dtype, shape):
    torch = pytest.importorskip("torch")
    labels = torch.tensor([0, 1, 2, 0]).to(getattr(torch, dtype)).reshape(shape)
    if labels.is_floating_point():
        labels.requires_grad_()
    scores = torch.nn.functional.one_hot(torch.tensor([0, 1, 2, 0])).float().requires_grad_()
    said = ask(Says(labels, torch.arange(3), predict_proba=scores))
    assert said.predicted.tolist() == [0, 1, 2, 0]
    np.testing.assert_array_equal(said.scores, np.eye(3)[[0, 1, 2, 0]])


def test_labels_alone_come_without_scores():
    given = ask(Says())
    assert given.scores is None
    assert given.kind == ""


# --- scores that are no scores ----------------------------------------------------------------

PAIRS = "a column for each pair of classes, as one-vs-one decisions have"


@pytest.mark.parametrize(
    ("method", "scores", "reason"),
    [
        ("predict_proba", EVEN[:3], "returned shape (3, 3) for 4 pictures and 3 classes"),
        ("predict_proba", [[0.5, 0.5]] * 4, "returned shape (4, 2)"),
        ("predict_proba", [0.1, 0.2, 0.3, 0.4], "returned shape (4,)"),
        ("predict_proba", [[[1.0, 0.0]] * 4] * 3, "returned shape (3, 4, 2)"),
        ("predict_proba", None, "returned shape ()"),
        ("predict_proba", [[0.5, 0.5, NAN], *EVEN[1:]], "returned NaN or infinity for 1 of 4"),
        ("predict_proba", [[0.2, 0.2, 0.2]] * 4, "returned a row that sums to 0.6, not to 1"),
        ("predict_proba", [[1.5, -0.5, 0.0]] * 4, "values from -0.5 to 1.5, not within 0 and 1"),
        ("predict_proba", [["a", "b", "c"]] * 4, "not numbers"),
        ("predict_proba", NotImplementedError("no\nscores"), "raised NotImplementedError: no sco"),
        ("predict_proba", SystemExit(3), "raised SystemExit: 3"),
        ("predict_proba", MemoryError(), "raised MemoryError"),
        ("decision_function", [[NAN, 0.0, 0.0]] * 4, "returned NaN or infinity for 4 of 4"),
        ("decision_function", [0.1, 0.2, 0.3, 0.4], "returned shape (4,)"),
        ("decision_function", [[9.0, 0.0, 0.0]] * 4, "is what predict says for only 2 of 4"),
    ],
)
def test_scores_that_are_none_are_left_out_with_what_was_seen(method, scores, reason):
    found = ask_all(Says(**{method: scores}))
    said = found.splits["val"]
    assert said.predicted.tolist() == [0, 1, 2, 0]
    assert (said.scores, said.kind) == (None, "")
    (note,) = found.notes
    assert method in note
    assert reason in note
    assert note.endswith("; its scores are left out")
    assert "\n" not in note


@pytest.mark.parametrize("columns", [6, 10, 45])
def test_one_against_one_is_called_by_its_name(columns):
    n_classes = {6: 4, 10: 5, 45: 10}[columns]
    values = Says(classes=range(n_classes), decision_function=np.ones((4, columns)))
    (note,) = ask_all(values, n_classes).notes
    assert PAIRS in note


@pytest.mark.parametrize("classes", [(0, 1, 5), ("a", "b", "c"), (0, 1, 1), [[0, 1, 2]]])
def test_classes_that_were_not_given_to_fit_cost_the_scores_alone(classes):
    found = ask_all(Says([0, 1, 0, 1], classes, predict_proba=EVEN))
    assert found.splits["val"].scores is None
    (note,) = found.notes
    assert "classes_ is" in note


def test_a_scoring_method_that_can_t_even_be_asked_for_is_none():
    class Moody(Says):
        @property
        def predict_proba(self):
            raise ValueError("not fitted for that")

    (note,) = ask_all(Moody()).notes
    assert "predict_proba raised ValueError: not fitted for that" in note


def test_decision_values_stand_in_for_probabilities_that_are_none():
    values = [[-1.0, -2.0, -3.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0], [4.0, 0.0, 0.0]]
    found = ask_all(Says(predict_proba=[[NAN] * 3] * 4, decision_function=values))
    assert found.splits["val"].kind == "decision"
    np.testing.assert_array_equal(found.splits["val"].scores, values)
    (note,) = found.notes
    assert note.endswith("for 4 of 4 pictures; the scores are those of decision_function")


# --- what scores mean -------------------------------------------------------------------------


def hard(n_classes, seed=0, **kwargs):
    """A problem with pictures that are hard to tell apart: train and others."""
    X, y = make_classification(
        800, 12, n_informative=6, n_classes=n_classes, n_clusters_per_class=1, class_sep=0.6,
        flip_y=0.2, random_state=seed, **kwargs,
    )  # fmt: skip
    return (X[:400], y[:400]), X[400:], y[400:]


def about(estimator, X, n_classes):
    found = answers.ask(estimator, {"test": X}, np.arange(n_classes))
    return found.splits["test"], found.notes


@pytest.mark.parametrize("maker", [SVC, NuSVC])
@pytest.mark.parametrize("n_classes", [3, 4])
def test_one_against_one_decisions_are_no_scores_and_one_against_rest_are(maker, n_classes):
    train, X, _y = hard(n_classes)
    kind = {"nu": 0.3} if maker is NuSVC else {}
    said, notes = about(maker(decision_function_shape="ovo", **kind).fit(*train), X, n_classes)
    assert said.scores is None
    assert len(notes) == 1
    estimator = maker(**kind).fit(*train)
    said, notes = about(estimator, X, n_classes)
    assert notes == ()
    np.testing.assert_array_equal(said.scores, estimator.decision_function(X))


@pytest.mark.filterwarnings("ignore:The `probability`:FutureWarning")
@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_platt_s_probabilities_are_taken_though_they_differ_on_a_few(n_classes):
    X, y = load_digits(return_X_y=True)
    X, y = X[y < n_classes], y[y < n_classes]
    X = X + np.random.default_rng(0).normal(0, 8, X.shape)
    estimator = SVC(probability=True, random_state=0).fit(X[::2], y[::2])
    said, notes = about(estimator, X[1::2], n_classes)
    assert notes == ()
    assert said.kind == "probability"
    if n_classes > 2:
        assert (said.scores.argmax(axis=1) != said.predicted).any()


def test_a_classifier_of_the_suite_whose_probabilities_know_more_than_predict_keeps_them():
    train, X, _y = hard(3, seed=1)
    estimator = NearestCentroid().fit(*train)
    said, notes = about(estimator, X, 3)
    assert notes == ()
    np.testing.assert_array_equal(said.scores, estimator.predict_proba(X))


@pytest.mark.parametrize("threshold", [0.03, 0.2, 0.8, 0.95])
def test_two_classes_may_have_any_threshold(threshold):
    train, X, y = hard(2, weights=[0.8])
    estimator = FixedThresholdClassifier(LogisticRegression(), threshold=threshold).fit(*train)
    said, notes = about(estimator, X, 2)
    assert 0 < said.predicted.mean() < 1
    assert notes == ()
    np.testing.assert_array_equal(said.scores, estimator.predict_proba(X))
    assert roc_auc_score(y, said.scores[:, 1]) > 0.7


@pytest.mark.parametrize("threshold", [0.03, 0.5, 0.95])
def test_two_columns_that_changed_places_are_no_scores(threshold):
    train, X, _y = hard(2)
    estimator = FixedThresholdClassifier(LogisticRegression(), threshold=threshold).fit(*train)
    probabilities = estimator.predict_proba(X)[:, ::-1]
    said, notes = about(Says(estimator.predict(X), (0, 1), predict_proba=probabilities), X, 2)
    assert said.scores is None
    assert len(notes) == 1


@given(st.permutations(range(12)), st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_columns_in_any_order_but_that_of_the_classes_are_no_scores(order, seed):
    """Two columns of twelve that changed places too, though most pictures are of the other ten."""
    random = np.random.default_rng(seed)
    X, values = np.zeros((300, 1)), random.normal(size=(300, 12))
    estimator = Says(values.argmax(axis=1), range(12), decision_function=values[:, order])
    found = answers.ask(estimator, {"test": X}, np.arange(12))
    assert (found.splits["test"].scores is not None) == (order == sorted(order))
    named = Says(values.argmax(axis=1), order, decision_function=values[:, order])
    said = answers.ask(named, {"test": X}, np.arange(12)).splits["test"]
    np.testing.assert_array_equal(said.scores, values)


def test_all_splits_are_judged_together_and_have_scores_of_one_kind():
    """On the first split alone one in three would differ, which is too many."""
    values = np.eye(3)[np.arange(99) % 3]
    few = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    class Both:
        def predict(self, X):
            return np.arange(len(X)) % 3

        def predict_proba(self, X):
            return few if len(X) == 3 else values

    found = answers.ask(Both(), {"val": np.zeros((3, 1)), "test": np.zeros((99, 1))}, np.arange(3))
    assert [said.kind for said in found.splits.values()] == ["probability"] * 2
    alone = answers.ask(Both(), {"val": np.zeros((3, 1))}, np.arange(3))
    assert alone.splits["val"].scores is None


def test_a_split_without_pictures_is_no_reason_to_disbelieve():
    found = answers.ask(
        Says((), predict_proba=np.empty((0, 3))), {"val": np.empty((0, 2))}, np.arange(3)
    )
    assert found.notes == ()
    assert found.splits["val"].scores.shape == (0, 3)


def test_equal_scores_are_as_good_as_the_largest():
    given = ask(Says(predict_proba=EVEN, decision_function=[[9.0] * 3] * 4))
    assert given.kind == "probability"
    np.testing.assert_array_equal(given.scores, EVEN)


def test_decision_values_of_three_classes_are_kept_as_they_are():
    values = [[-1.0, 2.0, 0.5], [3.0, 0.0, -8.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    given = ask(Says([1, 0, 2, 0], decision_function=values))
    assert given.kind == "decision"
    np.testing.assert_array_equal(given.scores, values)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_decision_values_of_two_classes_become_a_column_each(shape):
    values = np.array([-2.0, 1.0, 0.5, -0.1]).reshape(shape)
    given = ask(Says([0, 1, 1, 0], (0, 1), decision_function=values), n_classes=2)
    np.testing.assert_array_equal(given.scores, [[2, -2], [-1, 1], [-0.5, 0.5], [0.1, -0.1]])


def test_columns_follow_the_estimator_s_own_order_of_classes():
    said = [[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.2, 0.1, 0.7], [0.1, 0.8, 0.1]]
    given = ask(Says([2, 0, 1, 0], (2, 0, 1), predict_proba=said))
    np.testing.assert_array_equal(given.scores, np.array(said)[:, [1, 2, 0]])


def test_a_class_that_the_estimator_never_saw_has_no_probability_and_the_least_decision():
    said = [[0.75, 0.25], [0.25, 0.75]] * 2
    sure = ask(Says([0, 2, 0, 2], (0, 2), predict_proba=said))
    np.testing.assert_array_equal(sure.scores, np.insert(said, 1, 0.0, axis=1))
    decided = ask(Says([0, 2, 0, 2], (0, 2), decision_function=[-1.0, 1.0, -2.0, 2.0]))
    assert (decided.scores[:, 1] < decided.scores[:, [0, 2]].min()).all()


def test_only_predict_is_on_the_clock():
    estimator = Says()
    estimator.predict_proba = lambda inputs: time.sleep(0.2) or EVEN
    assert ask_all(estimator).predict_seconds["val"] < 0.1
