from __future__ import annotations

import pandas as pd
import pytest

from results.board.columns import COLUMNS, column_kinds
from results.comparison.sources import label_for, load_board
from results.errors import ResultsError
from results.leaderboard import Leaderboard


def test_a_folder_its_csv_and_its_board_are_the_same_table(store, keep):
    keep("SVC", {"test": [0]})
    keep("NA", status="failed", reason='quote " and, comma\nand line')
    board = Leaderboard.from_store(store)
    board.write(store.folder)
    expected = board.to_frame()
    pd.testing.assert_frame_equal(load_board(store.folder), expected, check_exact=True)
    pd.testing.assert_frame_equal(
        load_board(store.folder / "leaderboard.csv"), expected, check_exact=True
    )
    for path in (store.folder / "records").iterdir():
        path.unlink()
    pd.testing.assert_frame_equal(load_board(str(store.folder)), expected, check_exact=True)


def test_the_published_board():
    board = load_board("published")
    assert list(board) == list(COLUMNS)
    assert board.dtypes.astype(str).to_dict() == column_kinds()
    assert board[board.family == "classical"].model.nunique() == 27
    deep = {
        "ResNet9": 0.690,
        "ResNet9-grey": 0.617,
        "ResNet34": 0.426,
        "ResNet34-pretrained": 0.630,
        "ResNet50": 0.338,
        "ResNet50-pretrained": 0.750,
        "ResNet101": 0.397,
        "ResNet101-pretrained": 0.617,
        "ResNet152": 0.338,
        "ResNet152-pretrained": 0.662,
    }
    test = board[(board.family == "deep") & (board.split == "test") & (board.device == "cpu")]
    assert dict(zip(test.model, test.accuracy, strict=True)) == deep
    assert (test.training == "pretrained").tolist() == [
        m.endswith("pretrained") for m in test.model
    ]
    grey = board.query("model == 'ResNet9-grey' and split == 'val' and device == 'cuda'").iloc[0]
    assert (grey.accuracy, grey.total_seconds, grey.n, grey.training) == (
        0.557,
        1235,
        300,
        "random",
    )
    forest = board.query("model == 'RandomForestClassifier' and split == 'val'").iloc[0]
    assert (forest.accuracy, forest.total_seconds, forest.training) == (0.64, 3.3, "")


def write(path, without=None, **cells):
    """A leaderboard.csv of one row, with changes."""
    row = {"model": "A", "split": "test", "accuracy": "1.0", "status": "ok", **cells}
    columns = [name for name in COLUMNS if name != without]
    pd.DataFrame([row]).reindex(columns=columns).to_csv(path, index=False)


def cut(path, where):
    """The same, cut off before some text."""
    write(path)
    whole = path.read_text()
    path.write_text(whole[: whole.rindex(where)])


def test_the_row_that_is_cut_off_is_whole_before(tmp_path):
    write(tmp_path / "whole.csv")
    assert load_board(tmp_path / "whole.csv").loc[0, "model"] == "A"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, "is not there"),
        (lambda p: p.mkdir(), "not a run folder"),
        (lambda p: p.write_text(""), "not a leaderboard.csv"),
        (lambda p: p.write_text("a,b\n1,2\n"), r"\(no column rank, tied, model, family, \.\.\.\)"),
        (lambda p: write(p, without="seed"), r"\(no column seed\)"),
        (lambda p: write(p, accuracy="high"), "not a leaderboard.csv"),
        (lambda p: write(p, tied="x"), "neither True nor False"),
        (lambda p: write(p, model=""), "row 1 has no model"),
        (lambda p: write(p, split=""), "row 1 has no split"),
        (lambda p: write(p, status=""), "row 1 has the status ''"),
        (lambda p: write(p, status="o"), "row 1 has the status 'o'"),
        (lambda p: cut(p, "ok"), "row 1 has the status ''"),
        (lambda p: cut(p, "test"), "row 1 has no split"),
        (lambda p: p.write_bytes(b"\x89PNG\xff\xfe\x00\x01"), "not a leaderboard.csv"),
    ],
)
def test_what_is_not_a_board_is_one_clear_line(tmp_path, make, message):
    path = tmp_path / "thing"
    make(path)
    with pytest.raises(ResultsError, match=message) as caught:
        load_board(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_labels_are_short_and_all_different():
    assert label_for("published", {}) == "published"
    assert label_for("runs/photos-quick/", {}) == "photos-quick"
    assert label_for("runs/photos-quick/leaderboard.csv", {}) == "photos-quick"
    assert label_for("b/run", {"run": 1, "run (2)": 1}) == "run (3)"
