from __future__ import annotations

import pytest

from results.leaderboard import Leaderboard


def tables(page):
    """The tables of a page, each a list of rows, each a list of cells."""
    found, rows = [], []
    for line in [*page.splitlines(), ""]:
        if line.startswith("|"):
            cells = line.replace("\\|", "\0").strip("|").split("|")
            rows.append([cell.strip().replace("\0", "|") for cell in cells])
        elif rows:
            found.append([rows[0], *rows[2:]])
            rows = []
    return found


@pytest.fixture
def page_of(store, tmp_path):
    def page():
        Leaderboard.from_store(store).write(tmp_path)
        return (tmp_path / "leaderboard.md").read_text("utf-8")

    return page


def test_it_opens_with_the_answer_then_the_summary(keep, page_of):
    keep("SVC")
    keep("ResNet9", {"test": [0]}, family="deep")
    page = page_of()
    assert page.startswith("# Leaderboard: folds, preset quick\n\n**Do I need deep learning for")
    order = [page.index(text) for text in ("Not shown:", "> ", "| Learning", "| Model")]
    assert order == sorted(order)


def test_the_summary_has_the_studys_shape(keep, page_of):
    for k in range(7):
        keep(f"C{k}", {"test": range(k)}, splits={"val": 10, "test": 10})
    keep("ResNet9", family="deep", splits={"val": 10, "test": 10})
    keep(
        "R-pre", family="deep", training="pretrained", device="cuda", splits={"val": 10, "test": 10}
    )
    summary = tables(page_of())[0]
    assert summary[0] == [
        "Learning",
        "Model",
        "Training",
        "Accuracy (val)",
        "Accuracy (test)",
        "CPU Time",
        "GPU Time",
    ]
    assert [row[1] for row in summary[1:]] == ["C0", "C1", "C2", "C3", "C4", "R-pre", "ResNet9"]
    assert summary[2] == ["shallow", "C1", "", "1.000", "0.900", "3.50", ""]
    assert summary[6] == ["transfer", "R-pre", "pretrained", "1.000", "1.000", "", "2.50"]
    assert summary[7][0] == "deep"


def test_splits_have_lazypredicts_columns(keep, page_of):
    keep("SVC", {"test": [0]})
    keep("NuSVC", {"test": [0, 1, 2]}, kind="")
    _, val, test = tables(page_of())
    lazypredict = ["Model", "Accuracy", "Balanced Accuracy", "ROC AUC", "F1 Score", "Time Taken"]
    assert val[0] == test[0] == lazypredict
    assert [row[0] for row in test[1:]] == ["SVC", "NuSVC"]
    assert test[1][1] == "0.833"
    assert test[1][5] == "2.50", "fit and prediction, as LazyPredict times them"
    assert test[2][3] == ""


def test_rows_that_are_not_ok_keep_status_and_reason(keep, page_of):
    keep("SVC")
    keep("ResNet9", family="deep", status="unavailable", reason="no weights")
    page = page_of()
    summary, _, test = tables(page)
    assert test[0][-1] == "Status"
    assert test[2] == ["ResNet9", "", "", "", "", "", "unavailable"]
    assert summary[-1][-1] == "unavailable"
    assert page.count("- ResNet9: unavailable, no weights") == 1


def test_no_name_breaks_a_table(keep, page_of):
    keep("a|b\nc", status="failed", reason="x | y\n<b>z</b> `code` *so*", dataset="<img src=x>")
    keep("SVC", dataset="<img src=x>")
    page = page_of()
    assert "<b>" not in page
    assert "<img" not in page
    _, val, _ = tables(page)
    assert all(len(row) == len(val[0]) for row in val)
    assert val[2][0] == "a|b c"
    assert "x | y &lt;b>z&lt;/b> \\`code\\` \\*so\\*".replace("|", "\\|") in page


def test_provenance_is_named(keep, page_of):
    keep("SVC", provenance={"versions": {"numpy": "2.4.6"}})
    last = page_of().splitlines()[-1]
    for fact in ("dataset folds", "fingerprint f00d", "preset quick", "seed 0", "numpy 2.4.6"):
        assert fact in last
