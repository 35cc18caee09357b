"""leaderboard.csv: whatever a board holds, it reads back the same."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from results.board.ranking import ranked
from results.board.row import rows_of
from results.comparison.sources import load_board
from results.leaderboard import Leaderboard
from results.records.selection import Selection

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SECONDS = st.floats(0, 1e9, allow_subnormal=False)
TRIAL = st.fixed_dictionaries(
    {
        "model": TEXT.filter(bool),
        "reason": TEXT,
        "status": st.sampled_from(["ok", "failed", "timeout"]),
        "fit_seconds": SECONDS | st.none(),
        "feature_seconds": SECONDS | st.none(),
        "peak_memory_mb": SECONDS | st.none(),
        "parameter_count": st.integers(0, 2**60) | st.none(),
        "threads": st.integers(1, 64) | st.none(),
        "seed": st.integers(0, 2**32 - 1),
        "device": st.sampled_from(["cpu", "cuda", ""]),
    }
)
RETURNS = {"model": "a\rb", "reason": "\r", "seed": 1, "status": "ok", "device": "cpu"}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(trials=[(RETURNS, set())])
@given(trials=st.lists(st.tuples(TRIAL, st.sets(st.integers(0, 5))), min_size=1, max_size=4))
def test_a_board_reads_back_the_same(tmp_path, record, answers, trials):
    rows = []
    for values, wrong in trials:
        made = record(**values)
        rows += rows_of(made, answers(made, {"test": wrong}) if made.ok else {})
    records = tuple(row.record for row in rows)
    board = Leaderboard(ranked(rows, "accuracy"), Selection(records, 0))
    path = tmp_path / "leaderboard.csv"
    path.write_bytes(board.to_csv().encode())
    pd.testing.assert_frame_equal(load_board(path), board.to_frame(), check_exact=True)
