"""leaderboard.csv written again by pandas or a spreadsheet: read where its meaning is sure."""

from __future__ import annotations

import csv
import io
import time
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results import Leaderboard, compare_boards, load_board
from results.board import spreadsheet
from results.errors import ResultsError


@pytest.fixture
def board(store, keep, tmp_path):
    """A leaderboard.csv with rows that lack most columns, and the table that it is of."""
    keep("SVC", {"test": [0]}, parameter_count=11_173_962)
    keep("nan", {"test": [0, 1]}, kind="", fit_seconds=1e-5, seed=2**40)
    keep("bad", status="failed", reason='quote " and, comma;\nand line', threads=None)
    made = Leaderboard.from_store(store)
    made.write(tmp_path)
    return tmp_path / "leaderboard.csv", made.to_frame()


def same(path, expected):
    pd.testing.assert_frame_equal(load_board(path), expected, check_exact=True)


def again(path, **given):
    """Through pandas, whose float columns hold what were whole numbers."""
    frame = pd.read_csv(path, keep_default_na=False, na_values={"threads": "", "parameters": ""})
    frame["threads"] = frame["threads"].astype("float64")
    frame.to_csv(path, **{"index": False, **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"index": True},
        {"sep": ";"},
        {"sep": "\t"},
        {"sep": ";", "decimal": ","},
        {"na_rep": "NaN"},
        {"na_rep": "NA"},
        {"quoting": csv.QUOTE_ALL},
        {"encoding": "utf-8-sig"},
        {"lineterminator": "\r\n"},
        {
            "lineterminator": "\r\n",
            "encoding": "utf-8-sig",
            "sep": ";",
            "decimal": ",",
            "index": True,
        },
    ],
    ids=str,
)
def test_through_pandas(board, given):
    path, expected = board
    again(path, **given)
    if "na_rep" in given:  # which stands in words too, and one of them is a reason
        expected["reason"] = expected["reason"].where(expected["reason"] != "", "")
    same(path, expected)


def test_through_pandas_with_its_own_reading_of_what_is_missing(store, keep, tmp_path):
    keep("SVC", {"test": [0]})
    keep("bad", status="failed", reason="ValueError: no")
    made = Leaderboard.from_store(store)
    made.write(tmp_path)
    path = tmp_path / "leaderboard.csv"
    pd.read_csv(path).to_csv(path, index=False)
    assert "1.0" in path.read_text()
    same(path, made.to_frame())
    assert "same" in str(compare_boards(store.folder, path))


def rewritten(path, change):
    rows = list(csv.DictReader(io.StringIO(path.read_text(), newline="")))
    rows = change(rows) or rows
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(sink.getvalue())


@pytest.mark.parametrize(
    "words",
    [("TRUE", "FALSE"), ("true", "false"), ("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("1", "0")],
)
def test_true_and_false_as_spreadsheets_write_them(board, words):
    path, expected = board

    def change(rows):
        for row in rows:
            row["tied"] = {"True": words[0], "False": words[1], "": ""}[row["tied"]]

    rewritten(path, change)
    same(path, expected)


def test_columns_in_another_order_and_more_of_them(board):
    path, expected = board
    rewritten(
        path, lambda rows: [{"mine": "x", **dict(reversed(row.items())), "": ""} for row in rows]
    )
    same(path, expected)


def test_empty_lines_at_the_end(board):
    path, expected = board
    path.write_text(path.read_text() + "," * 28 + "\n\n")
    same(path, expected)


def test_a_great_many_columns_are_passed_over_in_no_time(board):
    path, expected = board
    lines = path.read_text().split("\n", 1)
    path.write_text(lines[0] + ("," + "a" * 999) * 30_000 + "\n" + lines[1])
    started = time.monotonic()
    same(path, expected)
    assert time.monotonic() - started < 5


def cell(name, text, place=0):
    return lambda rows: rows[place].update({name: text})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (cell("accuracy", "Jan 85", 1), "row 2, column accuracy: 'Jan 85' is no number"),
        (cell("accuracy", "833333333333333", 1), "row 2, column accuracy: .* between 0 and 1"),
        (cell("accuracy", "1,234"), "row 1, column accuracy: '1,234' is no number"),
        (cell("n", "6.5"), "row 1, column n: '6.5' is no whole number"),
        (cell("n", "06.Jan"), "row 1, column n: '06.Jan' is no whole number"),
        (cell("parameters", "1.12E+07"), "row 1, column parameters: '1.12E.07' has lost its last"),
        (cell("seed", "9" * 30), "row 1, column seed: .* is no whole number"),
        (cell("tied", "maybe"), "row 1, column tied: 'maybe' is neither True nor False"),
        (cell("status", "OK"), "row 1 has the status 'OK'"),
        (cell("total_seconds", "#####"), "row 1, column total_seconds: '#####' is no number"),
        (cell("fit_seconds", "1" + "0" * 400), "column fit_seconds: .* is too large"),
    ],
)
def test_what_is_not_sure_is_refused_by_row_and_column(board, change, message):
    path, _ = board
    rewritten(path, change)
    with pytest.raises(ResultsError, match=message) as caught:
        load_board(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda text: text.encode("utf-16"), "save it as CSV UTF-8"),
        (lambda text: text.replace("SVC", "SVÇ").encode("cp1252"), "save it as CSV UTF-8"),
        (lambda text: text.replace("family", "model", 1).encode(), "no column family"),
        (lambda text: text.replace("rank,", "rank,rank,", 1).encode(), "two columns rank"),
        (lambda text: text.replace("\n", ",".join("x" * 9) + ",\n").encode(), "not a leaderboard"),
        (lambda text: text.encode() + b'1,"', "unexpected end of data"),
        (lambda text: ("x," * 10**6 + "\n" + text).encode(), "no column rank"),
    ],
)
def test_what_is_no_table_of_ours_is_refused(board, content, message):
    path, _ = board
    path.write_bytes(content(path.read_text()))
    with pytest.raises(ResultsError, match=message) as caught:
        load_board(path)
    assert "\n" not in str(caught.value)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_whole_number_reads_back_however_it_is_written(number):
    assert spreadsheet.whole(str(number)) == number
    assert spreadsheet.whole(f"{number}.0") == number
    digits = len(str(abs(number))) - 1
    assert spreadsheet.whole(f"{Decimal(number):.{digits}e}") == number


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_however_it_is_written(number):
    assert spreadsheet.number(repr(number)) == number
    assert spreadsheet.number(spreadsheet.with_point(repr(number).replace(".", ","))) == number
