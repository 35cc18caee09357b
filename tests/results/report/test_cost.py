from itertools import combinations

import numpy as np
import pytest

from results.board.naming import machine_letters
from results.leaderboard import Leaderboard
from results.report.cost import cost_chart, front_lines, fronts, pareto
from results.statistics.inference import wilson

LAPTOP, NODE = {"processor": "Laptop CPU"}, {"processor": "Node CPU"}


@pytest.fixture
def rows(keep, store):
    """Thirty rows of test with drawn accuracies and times, and one without either."""
    random = np.random.default_rng(0)
    for k in range(30):
        wrong = random.choice(60, random.integers(0, 40), replace=False)
        keep(
            f"Model{k}",
            {"test": wrong.tolist()},
            splits={"test": 60},
            predict_seconds={"test": 0.5},
            fit_seconds=float(10 ** random.uniform(-1, 3)),
        )
    keep("Broken", splits={"test": 60}, status="failed")
    return [standing.row for standing in Leaderboard.from_store(store).standings]


def test_the_front_is_what_no_other_row_dominates(rows):
    known = [row for row in rows if row.record.ok]

    def dominated(row):
        return any(
            other.total_seconds <= row.total_seconds
            and other.scores["accuracy"] >= row.scores["accuracy"]
            and other is not row
            for other in known
        )

    assert {row.record.model for row in pareto(rows)} == {
        row.record.model for row in known if not dominated(row)
    }


def test_marks_lie_within_and_labels_cover_no_mark_and_no_label(rows):
    names = {row.record.trial: row.record.model for row in rows}
    chart = cost_chart(rows, names, {}, 760, 430, "wide-0")
    assert len(chart.marks) == 30
    for mark in chart.marks:
        assert chart.left <= mark.x <= chart.right
        assert chart.top <= mark.high <= mark.y <= mark.low <= chart.bottom
    boxes = [
        (x.x - 3.2 * len(x.text), x.y - 13, x.x + 3.2 * len(x.text), x.y) for x in chart.labels
    ]
    assert len(boxes) > 3
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for mark in chart.marks:
        assert not any(a[0] < mark.x < a[2] and a[1] < mark.y < a[3] for a in boxes)


def test_nothing_is_drawn_of_no_row(rows):
    assert (
        cost_chart([row for row in rows if not row.record.ok], {}, {}, 760, 430, "wide-0") is None
    )


def test_each_machine_has_a_front_of_its_own(keep, store):
    alone = {"splits": {"test": 60}, "predict_seconds": {"test": 0.5}}
    keep("Slow", {"test": [0]}, fit_seconds=90.0, provenance=LAPTOP, **alone)
    keep("Quick", {"test": range(9)}, fit_seconds=9.0, provenance=LAPTOP, **alone)
    keep("Beaten", {"test": range(9)}, fit_seconds=99.0, provenance=LAPTOP, **alone)
    # Quicker and better than all of them, on a larger machine.
    keep("Far", fit_seconds=1.0, provenance=NODE, **alone)
    board = Leaderboard.from_store(store)
    rows, marked = board.rows, machine_letters(board.selection.records)
    called = {row.record.trial: row.record.model for row in rows}
    found = {m: [r.record.model for r in each] for m, each in fronts(rows, marked).items()}
    here, there = marked["Laptop CPU"], marked["Node CPU"]
    assert found == {here: ["Quick", "Slow"], there: ["Far"]}
    assert [(line.letter, line.name) for line in front_lines(rows, called, marked)] == [
        (mark, name) for mark, each in found.items() for name in each
    ]
    chart = cost_chart(rows, called, marked, 760, 430, "wide-0")
    assert [each.letter for each in chart.fronts] == list(found)
    a, b = (each.label for each in chart.fronts)
    assert abs(a - b) >= 13
    assert {mark.text[-5:] for mark in chart.marks} == {" on a", " on b"}
    assert list(fronts(rows, {})) == [""]


def test_labels_keep_off_the_ticks(rows):
    names = {row.record.trial: "QuadraticDiscriminantAnalysis" for row in rows}
    chart = cost_chart(rows, names, {}, 760, 430, "wide-0")
    assert chart.labels
    assert all(x.x - 3.55 * len(x.text) > chart.left for x in chart.labels)


def test_times_of_the_front_are_told_apart(keep, store):
    alone = {"splits": {"test": 60}, "predict_seconds": {"test": 0.0}, "feature_seconds": None}
    for k, seconds in enumerate((3.8571, 3.8574, 3.9)):
        keep(f"Model{k}", {"test": range(9 - k)}, fit_seconds=seconds, **alone)
    rows = Leaderboard.from_store(store).rows
    lines = front_lines(rows, {row.record.trial: "?" for row in rows}, {})
    assert [line.time for line in lines] == ["3.8571 s", "3.8574 s", "3.9000 s"]
    low, high = wilson(53, 60)
    assert lines[2].interval == f"{low:.3f}–{high:.3f}"
