from __future__ import annotations

import numpy as np
import pytest

from results.leaderboard import Leaderboard
from results.statistics.inference import difference_interval, mcnemar, pictures_needed, wilson

SIZE = {"splits": {"val": 30, "test": 240}}


@pytest.fixture
def board(store, keep):
    """A best row, one close to it, one far below, one without scores, one that was lost."""
    keep("Best", {"test": range(12)}, **SIZE)
    keep("Close", {"test": range(100, 114)}, **SIZE)
    keep("Far", {"test": range(60)}, kind="decision", **SIZE)
    keep("Labels", {"test": range(20)}, kind="", **SIZE)
    keep("Lost", status="failed", **SIZE)
    return Leaderboard.from_store(store)


def of(table, model, split="test"):
    return table[(table.model == model) & (table.split == split)]


def test_every_scored_row_has_a_difference(board):
    test = board.differences[board.differences.split == "test"]
    assert test.model.tolist() == ["Best", "Close", "Labels", "Far"]
    assert set(test.best) == {"Best"}
    assert test["rank"].tolist() == [1, 2, 3, 4]


def test_a_difference_is_what_its_functions_say(board):
    row = of(board.differences, "Far").iloc[0]
    far, best = np.arange(240) >= 60, np.arange(240) >= 12
    assert row.difference == pytest.approx(-48 / 240)
    assert (row.only_row, row.only_best) == (0, 48)
    assert (row.low, row.high) == difference_interval(far, best)
    assert row.p == mcnemar(far, best)
    assert row.p < row.p_holm <= 3 * row.p
    assert row.pictures_needed == pictures_needed(far, best)
    assert not row.tied
    close = of(board.differences, "Close").iloc[0]
    assert close.tied
    assert close.low < close.difference < close.high


def test_the_best_row_is_compared_with_itself(board):
    row = of(board.differences, "Best").iloc[0]
    assert (row.difference, row.low, row.high, row.p, row.p_holm) == (0, 0, 0, 1, 1)
    assert row.pictures_needed is board.differences.pictures_needed.dtype.na_value


def test_ranks_hold_what_the_row_may_be(board):
    test = board.differences[board.differences.split == "test"].set_index("model")
    assert (test.rank_low <= test["rank"]).all()
    assert (test["rank"] <= test.rank_high).all()
    assert test.loc["Best", ["rank_low", "rank_high"]].tolist() == [1, 2]
    assert test.loc["Far", ["rank_low", "rank_high"]].tolist() == [4, 4]
    assert test.probability_best.sum() == pytest.approx(1)
    assert test.probability_best["Best"] > 0.5
    assert test.probability_best["Far"] == 0


def test_equal_rows_share_a_rank_and_the_chance_of_being_best(board):
    val = board.differences[board.differences.split == "val"]
    assert val["rank"].tolist() == [1] * 4
    assert val.probability_best.tolist() == [0.25] * 4
    assert val.tied.all()


def test_intervals_hold_their_values(board):
    known = board.intervals.dropna(subset=["value"])
    assert (known.low <= known.value).all()
    assert (known.value <= known.high).all()
    assert known.low.between(0, 1).all()
    assert known.high.between(0, 1).all()
    accuracy = of(board.intervals, "Far").query("metric == 'accuracy'").iloc[0]
    assert (accuracy.low, accuracy.high) == wilson(180, 240)


def test_without_scores_the_auc_has_no_interval(board):
    labels = of(board.intervals, "Labels").set_index("metric")
    assert labels.loc["roc_auc", ["value", "low", "high"]].isna().all()
    assert labels.loc["f1_macro", ["value", "low", "high"]].notna().all()


def test_the_same_records_give_the_same_numbers(board, store):
    again = Leaderboard.from_store(store, sort_by="mcc")
    for one, other in ((board.intervals, again.intervals), (board.differences, again.differences)):
        keys = ["split", "model", *(["metric"] if "metric" in one else [])]
        assert one.set_index(keys).sort_index().equals(other.set_index(keys).sort_index())


def test_pictures_in_another_order_are_the_same_pictures(board, store, record, answers):
    made = record("Far", device="cuda", **SIZE)
    given = answers(made, {"test": range(60)})
    for split, answer in given.items():
        order = np.random.default_rng(1).permutation(len(answer))
        given[split] = type(answer)(
            [answer.ids[k] for k in order],
            answer.labels[order],
            answer.predicted[order],
            answer.scores[order],
            answer.kind,
        )
    store.save(made, given)
    far = of(Leaderboard.from_store(store).differences, "Far").set_index("device")
    numbers = ["difference", "low", "high", "only_best", "p", "rank", "probability_best"]
    assert far.loc["cuda", numbers].tolist() == far.loc["cpu", numbers].tolist()


def test_classes_and_bins_of_every_row(board):
    far = of(board.per_class, "Far")
    assert far["class"].tolist() == ["box", "chevron", "rounded"]
    assert far.support.tolist() == [80, 80, 80]
    assert far.recall.mean() == pytest.approx(0.75)
    assert set(board.reliability.model) == {"Best", "Close"}
    best = of(board.reliability, "Best")
    assert best.n.tolist() == [240]
    assert best[["confidence", "accuracy"]].iloc[0].tolist() == pytest.approx([0.8, 0.95])


def test_a_board_without_a_score_has_empty_tables(store, keep):
    keep("Lost", status="failed")
    board = Leaderboard.from_store(store)
    for table in (board.differences, board.intervals, board.per_class, board.seeds):
        assert len(table) == 0
        assert "model" in table
