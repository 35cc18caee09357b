import time

import numpy as np
import pytest
from sklearn.inspection import permutation_importance as sklearn_importance
from sklearn.linear_model import LogisticRegression

from models.explanation.importance import grouped, permutation_importance


@pytest.fixture
def fitted():
    """A model of five columns: the first decides, the second helps, the others are noise."""
    random = np.random.default_rng(0)
    table = random.normal(size=(600, 5))
    labels = (3 * table[:, 0] + table[:, 1] > 0).astype(int)
    return LogisticRegression().fit(table[:300], labels[:300]), table[300:], labels[300:]


def test_it_agrees_with_scikit_learn(fitted):
    model, table, labels = fitted
    found = permutation_importance(model, table, labels, grouped("abcde"), 60.0, seed=0)
    theirs = sklearn_importance(model, table, labels, n_repeats=200, random_state=1)
    ours = [found.losses[name].mean() for name in "abcde"]
    assert found.n == 300
    assert found.accuracy == pytest.approx(model.score(table, labels))
    assert ours == pytest.approx(theirs.importances_mean, abs=0.03)
    assert ours[0] > ours[1] > max(ours[2:])


def test_columns_of_a_group_are_shuffled_together():
    class Equal:
        """Right as long as its two columns belong together."""

        def predict(self, table):
            return (table[:, 0] == table[:, 1]).astype(int)

    table = np.repeat(np.arange(200.0)[:, None], 2, axis=1)
    labels = np.ones(200, int)
    alone = permutation_importance(Equal(), table, labels, {"a": [0]}, 9.0, seed=0)
    both = permutation_importance(Equal(), table, labels, {"ab": [0, 1]}, 9.0, seed=0)
    assert alone.losses["a"].min() > 0.9
    assert both.losses["ab"].max() == 0


def test_a_slow_model_is_asked_less_or_not_at_all():
    class Slow:
        def predict(self, table):
            time.sleep(len(table) * 1e-5)
            return np.zeros(len(table), int)

    table, labels = np.zeros((1000, 3)), np.zeros(1000, int)
    groups = grouped(["a", "b", "c"])  # one look at everything takes at least 0.03 s
    some = permutation_importance(Slow(), table, labels, groups, 0.02, seed=0)
    assert some is None or 100 <= some.n <= 667
    assert permutation_importance(Slow(), table, labels, groups, 0.001, seed=0) is None


def test_many_columns_are_grouped_by_what_stands_before_their_number():
    assert grouped(["edge_h_1", "edge_h_2"]) == {"edge_h_1": [0], "edge_h_2": [1]}
    names = [f"edge_h_{k}" for k in range(60)] + [f"grey_{k}" for k in range(60)] + ["mean", "7"]
    groups = grouped(names)
    assert list(groups) == ["edge_h", "grey", "mean", "7"]
    assert sorted(column for columns in groups.values() for column in columns) == list(range(122))
