"""Which answers of an estimator are taken at its word, and which are refused and why."""

import numpy as np
import pytest

from models.answers import answer
from models.errors import WrongAnswer

INPUTS = np.zeros((4, 2))
NAN = float("nan")
EVEN = [[1 / 3] * 3] * 4


class Says:
    """An estimator that gives the answers it was made with."""

    def __init__(self, predict=(0, 1, 2, 0), classes=(0, 1, 2), **methods):
        self.classes_ = np.array(classes)
        self.predict = lambda inputs: predict
        for name, returned in methods.items():
            setattr(self, name, lambda inputs, returned=returned: returned)


def ask(estimator, n_classes=3):
    return answer(estimator, INPUTS, np.arange(n_classes))[0]


@pytest.mark.parametrize(
    ("predict", "reason"),
    [
        ([0, 1, 2], r"predict returned shape \(3,\) for 4 pictures, not \(4,\)"),
        ([[0], [1], [2], [0]], r"predict returned shape \(4, 1\)"),
        (None, r"predict returned shape \(\)"),
        ([0, NAN, NAN, 1], "predict returned NaN for 2 of 4 pictures"),
        ([0, 1, 2, 3], "predict returned the label 3, which is none of"),
        ([0, 1, 2, -1], "predict returned the label -1"),
        ([0, 1, 2, 0.5], "predict returned the label 0.5"),
        ([0, 1, 2, float("inf")], "predict returned the label inf"),
        (["0", "1", "2", "0"], "predict returned the label '0'"),
        (["box", "box", "box", "box"], "predict returned the label 'box'"),
        ([None, 1, 2, 0], "predict returned the label None"),
    ],
)
def test_labels_that_are_none_are_refused(predict, reason):
    with pytest.raises(WrongAnswer, match=reason):
        ask(Says(predict))


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        (EVEN[:3], r"predict_proba returned shape \(3, 3\) for 4 pictures and 3 classes"),
        ([[0.5, 0.5]] * 4, r"predict_proba returned shape \(4, 2\)"),
        ([0.1, 0.2, 0.3, 0.4], r"predict_proba returned shape \(4,\)"),
        ([[0.5, 0.5, NAN], *EVEN[1:]], "predict_proba returned NaN or infinity for 1 of 4"),
        ([[0.2, 0.2, 0.2]] * 4, "a row that sums to 0.6, not to 1"),
        ([[1.5, -0.5, 0.0]] * 4, "values from -0.5 to 1.5, not within 0 and 1"),
        ([["a", "b", "c"]] * 4, "not numbers"),
    ],
)
def test_probabilities_that_are_none_are_refused(scores, reason):
    with pytest.raises(WrongAnswer, match=reason):
        ask(Says(predict_proba=scores))


@pytest.mark.parametrize(
    ("classes", "reason"),
    [((0, 1, 5), "classes_ is"), (("a", "b", "c"), "classes_ is"), ((0, 1, 1), "classes_ is")],
)
def test_classes_that_were_not_given_to_fit_are_refused(classes, reason):
    with pytest.raises(WrongAnswer, match=reason):
        ask(Says([0, 1, 0, 1], classes, predict_proba=EVEN))


def test_decision_values_that_are_no_numbers_are_refused():
    with pytest.raises(WrongAnswer, match="decision_function returned NaN or infinity for 4 of 4"):
        ask(Says(decision_function=[[NAN, 0.0, 0.0]] * 4))


@pytest.mark.parametrize(
    "predict",
    [np.array([0.0, 1.0, 2.0, 0.0]), np.array([0, 1, 2, 0], dtype=np.uint8),
     np.array([0, 1, 2, 0], dtype=object), [0, 1, 2, 0]],
)  # fmt: skip
def test_whole_numbers_of_any_type_are_labels(predict):
    given = ask(Says(predict))
    assert given.predicted.tolist() == [0, 1, 2, 0]
    assert given.predicted.dtype == np.int64


def test_labels_alone_come_without_scores():
    given = ask(Says())
    assert given.scores is None
    assert given.kind == ""


def test_probabilities_go_before_decision_values():
    given = ask(Says(predict_proba=EVEN, decision_function=[[9.0] * 3] * 4))
    assert given.kind == "probability"
    np.testing.assert_array_equal(given.scores, EVEN)


def test_decision_values_of_three_classes_are_kept_as_they_are():
    values = [[-1.0, 2.0, 0.5], [3.0, 0.0, -8.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    given = ask(Says(decision_function=values))
    assert given.kind == "decision"
    np.testing.assert_array_equal(given.scores, values)


def test_decision_values_of_two_classes_become_a_column_each():
    given = ask(Says([0, 1, 1, 0], (0, 1), decision_function=[-2.0, 1.0, 0.5, -0.1]), n_classes=2)
    np.testing.assert_array_equal(given.scores, [[2, -2], [-1, 1], [-0.5, 0.5], [0.1, -0.1]])


def test_columns_follow_the_estimator_s_own_order_of_classes():
    given = ask(Says(classes=(2, 0, 1), predict_proba=[[0.7, 0.2, 0.1]] * 4))
    np.testing.assert_array_equal(given.scores, [[0.2, 0.1, 0.7]] * 4)


def test_a_class_that_the_estimator_never_saw_has_no_probability_and_the_least_decision():
    sure = ask(Says([0, 2, 0, 2], (0, 2), predict_proba=[[0.25, 0.75]] * 4))
    np.testing.assert_array_equal(sure.scores, [[0.25, 0.0, 0.75]] * 4)
    decided = ask(Says([0, 2, 0, 2], (0, 2), decision_function=[-1.0, 1.0, -2.0, 2.0]))
    assert (decided.scores[:, 1] < decided.scores[:, [0, 2]].min()).all()


def test_only_predict_is_on_the_clock():
    import time

    estimator = Says()
    estimator.predict_proba = lambda inputs: time.sleep(0.2) or EVEN
    assert answer(estimator, INPUTS, np.arange(3))[1] < 0.1
