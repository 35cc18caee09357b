"""The board's data, which every page and text is made of."""

from __future__ import annotations

import pytest

from results.board.standings import Standings
from results.leaderboard import Leaderboard
from results.records.run import Run
from results.report.page import report_page
from results.statistics.inference import wilson
from results.text.latex import board_latex
from results.text.markdown import board_markdown, board_text


@pytest.fixture
def board(store, keep):
    splits = {"night": 3, "test": 6, "val": 4, "void": 0}
    keep("SVC", {"test": [0]}, splits=splits)
    keep("KNN", {"test": [0, 1]}, splits=splits, seed=1)
    keep("KNN", splits=splits)
    keep("Net", status="failed", family="deep", splits=splits)
    return Standings.from_store(store)


def test_rows_are_grouped_by_split_in_the_board_s_order(board):
    assert list(board.by_split) == ["val", "test", "night", "void"]
    assert [s for group in board.by_split.values() for s in group] == list(board.standings)
    assert all(s.row.split == split for split, group in board.by_split.items() for s in group)
    assert len(board) == 4 * 4


def test_an_interval_is_wilsons_and_there_is_none_without_a_score(board):
    for row in board.rows:
        if row.record.ok and row.n:
            assert row.interval == wilson(int(row.correct.sum()), row.n)
        else:
            assert row.interval is None
    frame = board.to_frame()
    known = frame[frame.accuracy_low.notna()]
    assert set(known.split) == {"val", "test", "night"}
    assert set(known.model) == {"SVC", "KNN"}


def test_names_tell_trials_apart(board):
    assert sorted(board.names.values()) == ["KNN (seed 0)", "KNN (seed 1)", "Net", "SVC"]


def test_a_board_without_a_run_file_knows_nothing_of_its_run(board):
    assert board.run == Run()
    assert not board.run


def test_the_leaderboard_shows_what_the_standings_hold(board, store):
    face = Leaderboard.from_store(store)
    assert isinstance(face, Standings)
    assert str(face) == board_text(board)
    assert face.to_markdown() == board_markdown(board)
    assert face.to_latex() == board_latex(board)
    assert face.compare(board)._repr_html_() == face.compare(face)._repr_html_()
    assert report_page(face) == report_page(board)
