from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from results import over_splits
from results.errors import ResultsError
from results.leaderboard import Leaderboard
from results.records.store import Store
from results.statistics.inference import corrected_resampled_t

SIZE = {"splits": {"test": 100}}


@pytest.fixture
def split_board(tmp_path, record, answers):
    """A board of a folder of its own: split_board('a', SVC=10, KNN=20), wrong answers by model."""

    def make(fingerprint, train=400, dataset="photos", **wrong):
        store = Store(tmp_path / fingerprint)
        for model, count in wrong.items():
            made = record(model, fingerprint=fingerprint, dataset=dataset, **SIZE)
            store.save(made, answers(made, {"test": range(count)}))
        sizes = {"train": train, "test": 100} if train else {"test": 100}
        (store.folder / "run.json").write_text(json.dumps({"splits": sizes}))
        return Leaderboard.from_store(store)

    return make


def test_where_nothing_is_tested_twice_it_is_students_test():
    given = [0.02, -0.01, 0.03, 0.015, 0.04]
    low, high, p = corrected_resampled_t(given, n_train=1, n_test=0)
    expected = stats.ttest_1samp(given, 0)
    assert p == pytest.approx(expected.pvalue)
    assert (low, high) == pytest.approx(tuple(expected.confidence_interval()))


def test_the_correction_by_its_formula():
    given = np.array([0.02, -0.01, 0.03, 0.015, 0.04])
    error = np.sqrt((1 / 5 + 100 / 400) * given.var(ddof=1))
    low, high, p = corrected_resampled_t(given, n_train=400, n_test=100)
    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, 4) * error)
    assert p == pytest.approx(2 * stats.t.sf(given.mean() / error, 4))


def test_differences_that_never_vary():
    assert corrected_resampled_t([0.0, 0.0], 4, 1) == (0, 0, 1)
    assert corrected_resampled_t([0.1, 0.1], 4, 1) == pytest.approx((0.1, 0.1, 0))
    assert np.isnan(corrected_resampled_t([0.1], 4, 1)).all()


def test_boards_of_several_splits(split_board):
    wrong = {"a": (10, 20, 12), "b": (14, 23, 12), "c": (8, 21, 12)}
    boards = [split_board(name, SVC=s, KNN=k, NB=n) for name, (s, k, n) in wrong.items()]
    found = over_splits(boards).set_index("model")
    assert found.index.tolist() == ["SVC", "NB", "KNN"]
    assert found.splits.tolist() == [3, 3, 3]
    assert found.accuracy["KNN"] == pytest.approx(1 - 64 / 300)
    assert found.sd["SVC"] == pytest.approx(np.std([10, 14, 8], ddof=1) / 100)
    low, high, p = corrected_resampled_t([-0.10, -0.09, -0.13], 400, 100)
    assert found.loc["KNN", ["difference", "low", "high", "p", "p_holm"]].tolist() == (
        pytest.approx([-0.32 / 3, low, high, p, 2 * p])
    )
    assert found.tied.tolist() == [True, True, False]


def test_a_model_that_one_board_lacks_is_left_out(split_board):
    found = over_splits([split_board("a", SVC=1, KNN=2), split_board("b", SVC=3)])
    assert found.model.tolist() == ["SVC"]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"fingerprint": "a", "SVC": 1}, "no two of the same split"),
        ({"fingerprint": "b", "SVC": 1, "dataset": "folds"}, r"different datasets \(folds, photos"),
        ({"fingerprint": "b", "SVC": 1, "train": None}, "does not say how many"),
        ({"fingerprint": "b", "KNN": 1}, "no model has a score"),
    ],
)
def test_boards_that_are_no_splits_of_one_dataset_are_refused(split_board, second, said):
    first = split_board("a", SVC=1)
    with pytest.raises(ResultsError, match=said):
        over_splits([first, split_board(**second)])
