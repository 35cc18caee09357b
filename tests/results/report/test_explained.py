import pytest

from results.leaderboard import Leaderboard
from results.records.provenance import PermutationImportance
from results.report.explained import looks, needs, unexplained

NEEDS = {
    "method": "permutation",
    **{"split": "val", "rows": 4, "accuracy": 0.5, "groups": 2, "columns": 2},
    "losses": [["f1", 0.1, 0.2], ["f2", 0.0, 0.1]],
}


@pytest.fixture
def said(keep, store):
    """What is said of the test rows: (why not, of whom the importance is)."""

    def of():
        rows = [s.row for s in Leaderboard.from_store(store).standings if s.row.split == "test"]
        called = {row.record.trial: row.record.model for row in rows}
        found = needs(rows, called)
        return unexplained(rows, called, PermutationImportance), found.name if found else ""

    return of


def test_the_best_row_needs_no_excuse(keep, said):
    keep("Top", provenance={"explanation": NEEDS})
    keep("Second", {"test": [0, 1]})
    assert said() == ("", "Top")


def test_who_is_shown_instead_of_the_best_is_named_with_the_reason(keep, said):
    keep("Top", provenance={"explanation": {"error": "MemoryError: no room"}})
    keep("Second", {"test": [0, 1, 2]}, provenance={"explanation": NEEDS})
    assert said() == (
        "The best classical row, Top (accuracy 1.000), has no permutation importance: it failed "
        "(MemoryError: no room). Shown is the best classical row that has one, Second (accuracy "
        "0.500).",
        "Second",
    )


def test_without_any_the_reason_stands_alone(keep, said):
    keep("Top", inputs="images", feature_set="")
    keep("Second", {"test": [0]})
    why, name = said()
    assert name == ""
    assert "has no permutation importance: the model is fed pictures, not features. Nor" in why


def test_a_row_that_is_equal_but_slower_is_shown_with_the_reason(keep, said):
    keep("Quick", fit_seconds=0.1)
    keep("Slow", fit_seconds=9.0, provenance={"explanation": NEEDS})
    why, name = said()
    assert name == "Slow"
    assert why.startswith("The best classical row, Quick (accuracy 1.000)")
    assert "its record holds none" in why


def test_each_family_is_asked_in_its_own_way(keep, store):
    keep("ResNet9", family="deep", provenance={"explanation": NEEDS})
    rows = Leaderboard.from_store(store).rows
    called = {row.record.trial: row.record.model for row in rows}
    assert needs(rows, called) is None
    assert looks(rows, called) is None
    assert unexplained(rows, called, PermutationImportance) == "", "there is no classical row"
