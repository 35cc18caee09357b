from __future__ import annotations

import pytest

from results.leaderboard import Leaderboard
from results.text.markdown import markdown_escaped


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
    shape = ["Learning", "Model", "Training", "Split", "Accuracy", "CPU Time", "GPU Time"]
    assert summary[0] == shape
    assert [row[3] for row in summary[1:]] == ["val", "test"] * 7
    models = ["C0", "C1", "C2", "C3", "C4", "R-pre", "ResNet9"]
    assert [row[1] for row in summary[1::2]] == [row[1] for row in summary[2::2]] == models
    assert summary[3] == ["shallow", "C1", "", "val", "1.000", "3.25", ""]
    assert summary[4] == ["shallow", "C1", "", "test", "0.900", "3.50", ""]
    assert summary[12] == ["transfer", "R-pre", "pretrained", "test", "1.000", "", "2.50"]
    assert summary[14][0] == "deep"


def test_the_summary_counts_models_and_not_their_seeds_and_devices(keep, page_of):
    size = {"splits": {"test": 10}}
    for seed in (1, 2, 3):
        keep("Best", {"test": range(seed)}, seed=seed, fit_seconds=float(seed), **size)
        keep("ResNet9", {"test": range(seed)}, family="deep", device="cuda", seed=seed, **size)
    keep("ResNet9", {"test": [0]}, family="deep", seed=1, **size)
    for k in range(5):
        keep(f"C{k}", {"test": range(3 + k)}, **size)
    for seed in (1, 2):
        keep("ResNet34", status="timeout", family="deep", seed=seed, **size)
    summary = tables(page_of())[0]
    assert summary[1][1:6] == ["Best (mean of 3 seeds)", "", "test", "0.800", "3.50"]
    assert [row[1] for row in summary[2:6]] == ["C0", "C1", "C2", "C3"]
    assert summary[6][1] == "ResNet9 (mean of 1 / 3 seeds)"
    assert summary[6][4:] == ["0.900 / 0.800", "2.50", "2.50", "ok"]
    assert summary[7:] == [["deep", "ResNet34", "random", "", "", "", "", "timeout"]]


def test_the_summary_is_by_accuracy_whatever_ranks_the_board(keep, store):
    keep("Sure", {"test": [0]})
    keep("Best", kind="")
    page = Leaderboard.from_store(store, sort_by="log_loss").to_markdown()
    summary, _, test = tables(page)
    assert [row[1] for row in summary[1::2]] == ["Best", "Sure"]
    assert [row[0] for row in test[1:]] == ["Sure", "Best"]


LAZYPREDICT = ["Model", "Accuracy", "Balanced Accuracy", "ROC AUC", "F1 Score", "Time Taken"]


def test_splits_have_lazypredicts_columns_first(keep, page_of):
    keep("SVC", {"test": [0]})
    keep("NuSVC", {"test": [0, 1, 2]}, kind="")
    _, val, test = tables(page_of())
    assert val[0] == test[0] == [*LAZYPREDICT, "95 % interval", "Tied"]
    assert [row[0] for row in test[1:]] == ["SVC", "NuSVC"]
    assert test[1][1] == "0.833"
    assert test[1][5] == "2.50", "fit and prediction, as LazyPredict times them"
    assert test[1][6:] == ["0.436–0.970", "tied"]
    assert test[2][3] == ""


def test_rows_that_are_told_from_the_best_are_not_tied(keep, page_of):
    keep("SVC", splits={"test": 60})
    keep("NuSVC", {"test": range(30)}, splits={"test": 60})
    assert [row[7] for row in tables(page_of())[1][1:]] == ["tied", "no"]


def test_what_ranks_the_rows_is_said_and_shown(keep, store):
    keep("SVC", {"test": [0]})
    keep("NuSVC", {"test": [0, 1]})
    board = Leaderboard.from_store(store, sort_by="log_loss")
    assert "Ranked by log\\_loss within each split, the lowest first." in board.to_markdown()
    assert "Ranked by log_loss within each split, the lowest first." in str(board)
    heading, first, second = tables(board.to_markdown())[-1]
    assert heading == [*LAZYPREDICT, "95 % interval", "Tied", "Log loss"]
    assert 0 < float(first[-1]) < float(second[-1])
    shown = Leaderboard.from_store(store, sort_by="roc_auc")
    assert tables(shown.to_markdown())[-1][0] == heading[:-1], "one of LazyPredict's own"
    assert "Ranked by roc_auc within each split. " in str(shown)


def test_rows_of_one_model_are_told_apart(keep, page_of, store):
    for seed in (1, 2):
        keep("SVC", {"test": range(seed)}, seed=seed)
        keep("ResNet9", status="failed", reason="why", family="deep", seed=seed)
    page = page_of()
    called = ["SVC (seed 1)", "SVC (seed 2)", "ResNet9 (seed 1)", "ResNet9 (seed 2)"]
    assert [row[0] for row in tables(page)[-1][1:]] == called
    assert "- ResNet9 (seed 1), ResNet9 (seed 2): failed, why\n" in page
    text = str(Leaderboard.from_store(store))
    assert all(text.count(f"\n{name} ") == 2 for name in called[:2])


def test_rows_that_are_not_ok_keep_status_and_reason(keep, page_of):
    keep("SVC")
    keep("ResNet9", family="deep", status="unavailable", reason="no weights")
    page = page_of()
    summary, _, test = tables(page)
    assert test[0][-1] == "Status"
    assert test[2] == ["ResNet9", *[""] * 7, "unavailable"]
    assert summary[-1] == ["deep", "ResNet9", "random", "", "", "", "", "unavailable"]
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


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("~~a~~ #1", r"\~\~a\~\~ \#1"),
        ("$a$", "<span>$</span>a<span>$</span>"),
        ("https://e.org/x", "https<!-- -->://e.org/x"),
        ("WWW.e.org, ftp://e.org", "WWW<!-- -->.e.org, ftp<!-- -->://e.org"),
        ("a@e.org", "a@<!-- -->e.org"),
        ("a. b: c", "a. b: c"),
    ],
)
def test_nothing_in_a_name_is_live_on_github(name, written):
    # Read with cmark-gfm 0.29: each of these is its own text again, and no tag but those written.
    assert markdown_escaped(name) == written


def test_provenance_is_named(keep, page_of):
    keep("SVC", provenance={"versions": {"numpy": "2.4.6"}})
    last = page_of().splitlines()[-1]
    for fact in ("dataset folds", "fingerprint f00d", "preset quick", "seed 0", "numpy 2.4.6"):
        assert fact in last
