import numpy as np
import pytest

from results.board.naming import machine_letters
from results.leaderboard import Leaderboard
from results.report.table import board_tables
from results.statistics.metrics import METRICS

LAPTOP, NODE = {"processor": "Laptop CPU"}, {"processor": "Node CPU"}
SPLITS = {"splits": {"test": 60}, "predict_seconds": {"test": 0.5}}


@pytest.fixture
def board(keep, store):
    random = np.random.default_rng(0)
    for k in range(8):
        wrong = random.choice(60, 5 + 5 * k, replace=False).tolist()
        keep(f"Model{k}", {"test": wrong}, provenance=NODE if k % 2 else LAPTOP, **SPLITS)
    return Leaderboard.from_store(store)


def table_of(board):
    """The only table, as heading -> cell for each line."""
    (table,) = board_tables(board)
    headings = [column.heading for column in table.columns]
    return table, [dict(zip(headings, line.cells, strict=True)) for line in table.lines]


def test_what_the_board_knows_of_each_row_is_in_its_table(board):
    known = board.differences.set_index("model")
    intervals = board.intervals.set_index(["model", "metric"])
    _, lines = table_of(board)
    assert lines[0]["To best"].text == "best"
    for line in lines:
        model = line["Model"].text
        row = known.loc[model]
        assert line["Ranks"].text == f"{row.rank_low}–{row.rank_high}"
        assert float(line["P (best)"].text) == pytest.approx(row.probability_best, abs=0.005)
        for heading, p in (("p", row.p), ("p (Holm)", row.p_holm)):
            assert line[heading].key == p
            text = line[heading].text
            assert p < 0.001 if text == "< 0.001" else float(text) == pytest.approx(p, abs=5e-4)
        if model != lines[0]["Model"].text:
            assert float(line["To best"].text) == pytest.approx(100 * row.difference, abs=0.06)
            low, high = map(float, line["To best"].small.split(" to "))
            assert (low, high) == pytest.approx((100 * row.low, 100 * row.high), abs=0.06)
        for metric in ("balanced_accuracy", "roc_auc", "f1_weighted"):
            heading = METRICS[metric].title
            ends = [float(end) for end in line[heading].small.split("–")]
            wanted = intervals.loc[model, metric]
            assert ends == pytest.approx([wanted.low, wanted.high], abs=6e-4)
        assert line[METRICS["mcc"].title].small == ""


def test_a_time_has_its_machine_s_mark_and_is_sorted_as_a_number(board):
    _, lines = table_of(board)
    marked = machine_letters(board.selection.records)
    for line in lines:
        at = NODE if int(line["Model"].text[-1]) % 2 else LAPTOP
        mark = marked[at["processor"]]
        assert line["Total s"].text == f"3.50 ({mark})"
        assert line["Total s"].key == 3.5
        assert line["Fit s"].text == f"2.00 ({mark})"


def test_what_lies_left_of_the_drawing_is_said_and_not_drawn(keep, store):
    keep("SVC", {"test": [0]}, **SPLITS)
    table, _ = table_of(Leaderboard.from_store(store))
    assert table.common == "0.333"
    assert table.chance is None
    keep("Poor", {"test": range(45)}, **SPLITS)
    table, _ = table_of(Leaderboard.from_store(store))
    assert table.chance is not None


def test_a_status_stands_where_nothing_can_be_drawn(keep, store):
    keep("SVC", **SPLITS)
    table, _ = table_of(Leaderboard.from_store(store))
    assert "Status" not in [column.heading for column in table.columns]
    keep("Broken", status="failed", reason="?", splits={"test": 60})
    table, lines = table_of(Leaderboard.from_store(store))
    assert (table.lines[1].whisker, table.lines[1].record.status) == (None, "failed")
    assert lines[1]["Reason"].text == "?"
    assert lines[1]["To best"].key is None
