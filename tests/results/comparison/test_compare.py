"""Two boards beside each other: which rows changed, and whether that is more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, fisher_exact

from results.board.columns import COLUMNS
from results.comparison.compare import compare_boards
from results.comparison.comparison import Comparison
from results.errors import ResultsError
from results.records.store import Store

N = 60


@pytest.fixture
def run(tmp_path, record, answers):
    """Write a run's folder: run('a', SVC=[positions wrong on test], ...) -> its path."""

    def write(name, changes=None, **wrong):
        store = Store(tmp_path / name)
        for model, positions in wrong.items():
            made = record(model, **{"splits": {"test": N}, **(changes or {})})
            store.save(made, answers(made, {"test": positions}) if made.ok else {})
        return store.folder

    return write


def table(path, *rows):
    """A leaderboard.csv written by hand."""
    names = ["model", "training", "split", "n", "accuracy", "total_seconds", "device", "seed"]
    frame = pd.DataFrame(rows, columns=names).assign(status="ok")
    frame.reindex(columns=list(COLUMNS)).to_csv(path, index=False)
    return path


def changes(*sources):
    return {(c.model, c.split): c for pair in compare_boards(*sources).pairs for c in pair.changes}


def test_runs_on_the_same_pictures_are_tested_pair_by_pair(run):
    a = run("a", SVC=range(20), KNN=range(20), RF=range(10), LDA=range(3))
    b = run("b", SVC=range(2), KNN=[*range(18), 30, 31], RF=range(9), LDA=range(3, 6))
    found = changes(a, b)
    svc = found["SVC", "test"]
    assert (svc.verdict, svc.basis) == ("better", "paired")
    assert svc.difference == pytest.approx(18 / N)
    # Four tests; this one has the smallest p, which Holm multiplies by four.
    assert svc.p == pytest.approx(4 * binomtest(18, 18).pvalue)
    assert 0 < svc.low < svc.difference < svc.high
    assert found["KNN", "test"].verdict == "same"
    assert found["RF", "test"].verdict == "within chance"
    assert found["LDA", "test"].difference == 0


def test_a_paired_test_does_not_depend_on_the_order_of_the_pictures(run):
    a = run("a", SVC=range(20))
    b = run("b", SVC=range(2))
    store = Store(b)
    (kept,) = store.records()
    answered = store.predictions(kept.trial)["test"]
    order = np.random.default_rng(0).permutation(N)
    shuffled = type(answered)(
        [answered.ids[k] for k in order],
        answered.labels[order],
        answered.predicted[order],
        answered.scores[order],
        answered.kind,
    )
    before = changes(a, b)["SVC", "test"]
    store.save(kept, {"test": shuffled})
    after = changes(a, b)["SVC", "test"]
    assert (after.p, after.low, after.high) == (before.p, before.low, before.high)


def test_worse_failed_and_gone_rows_are_regressions_and_others_are_not(run, record):
    a = run("a", Worse=[], Gone=[], Fails=[], Chance=range(4), Better=range(30))
    run("a", {"status": "failed", "reason": "x"}, Heals=[], Never=[], Dropped=[])
    b = run("b", Worse=range(20), Chance=range(5), Better=[], New=[], Heals=[])
    run("b", {"status": "timeout", "reason": "x"}, Fails=[], Never=[])
    found = {model: change.verdict for (model, _), change in changes(a, b).items()}
    assert found == {
        "Worse": "worse",
        "Gone": "gone",
        "Fails": "failed",
        "Chance": "within chance",
        "Better": "better",
        "Heals": "recovered",
        "Never": "no score",
        "Dropped": "no score",
        "New": "new",
    }
    assert {c.model for c in compare_boards(a, b).regressions} == {"Worse", "Gone", "Fails"}
    assert {c.model for c in compare_boards(b, a).regressions} == {"Better", "New", "Heals"}


def test_other_training_pictures_are_no_hindrance_other_test_pictures_are(run):
    known = {"split_fingerprints": {"test": "7e57"}}
    a = run("a", {"fingerprint": "aaaa", **known}, SVC=range(20))
    more = run("b", {"fingerprint": "bbbb", **known}, SVC=[])
    assert changes(a, more)["SVC", "test"].verdict == "better"
    strange = run("c", {"fingerprint": "cccc", "split_fingerprints": {"test": "0"}}, SVC=[])
    comparison = compare_boards(a, strange)
    (change,) = comparison.pairs[0].changes
    assert (change.verdict, change.p, change.basis) == ("not tested", None, "")
    assert change.difference == pytest.approx(20 / N), "the accuracies stand side by side"
    assert "aaaa" in str(comparison)
    assert "cccc" in str(comparison)
    with pytest.raises(ResultsError, match=r"c cannot be checked .* against a on test: t"):
        _ = comparison.regressions


def test_unknown_test_pictures_of_another_fingerprint_are_not_paired(run):
    a = run("a", {"fingerprint": "aaaa"}, SVC=range(20))
    b = run("b", {"fingerprint": "bbbb"}, SVC=[])
    assert changes(a, b)["SVC", "test"].verdict == "not tested"


def test_a_table_is_tested_unpaired_if_it_has_as_many_pictures(run, tmp_path):
    a = run("a", SVC=range(20))
    b = table(tmp_path / "b.csv", ["SVC", "", "test", N, 58 / N, 1.0, "cpu", 0])
    svc = changes(a, b)["SVC", "test"]
    assert (svc.verdict, svc.basis) == ("better", "unpaired")
    assert svc.p == pytest.approx(fisher_exact([[58, 2], [40, 20]]).pvalue)
    fewer = table(tmp_path / "c.csv", ["SVC", "", "test", 50, 0.9, 1.0, "cpu", 0])
    assert changes(a, fewer)["SVC", "test"].verdict == "not tested"
    assert "test is not the same pictures: a has 60, c.csv 50" in str(compare_boards(a, fewer))
    unknown = table(tmp_path / "d.csv", ["SVC", "", "test", None, 0.9, 1.0, "cpu", 0])
    assert "the number of test pictures is not known" in str(compare_boards(a, unknown))


def test_a_cpu_row_is_set_against_a_cpu_row_and_a_gpu_row_against_a_gpu_row(tmp_path):
    a = table(
        tmp_path / "a.csv",
        ["R", "random", "test", 100, 0.7, 30.0, "cuda", 0],
        ["R", "random", "test", 100, 0.6, 300.0, "cpu", 0],
        ["S", "random", "test", 100, 0.5, 5.0, "cuda", 0],
    )
    b = table(
        tmp_path / "b.csv",
        ["R", "random", "test", 100, 0.61, 310.0, "cpu", 0],
        ["R", "random", "test", 100, 0.71, 31.0, "cuda", 0],
        ["S", "random", "test", 100, 0.5, 50.0, "cpu", 0],
    )
    frame = compare_boards(a, b).to_frame()
    rows = frame[["device_first", "device_other", "seconds_first", "seconds_other"]]
    assert rows.values.tolist() == [
        ["cuda", "cuda", 30.0, 31.0],
        ["cpu", "cpu", 300.0, 310.0],
        ["cuda", "cpu", 5.0, 50.0],
    ]
    assert "cuda > cpu" in str(compare_boards(a, b))


def test_seeds_are_set_against_the_same_seeds(tmp_path):
    seeds = [["A", "", "test", 100, 0.5 + seed / 100, 1.0, "cpu", seed] for seed in range(3)]
    a = table(tmp_path / "a.csv", *seeds)
    b = table(tmp_path / "b.csv", *seeds[::-1])
    assert compare_boards(a, b).to_frame()["difference"].tolist() == [0, 0, 0]
    one = table(tmp_path / "c.csv", ["A", "", "test", 100, 0.5, 1.0, "cpu", 7])
    alone = table(tmp_path / "d.csv", seeds[0])
    assert [c.verdict for c in compare_boards(alone, one).pairs[0].changes] == ["same"]
    assert "0 > 7" not in str(compare_boards(alone, alone))


def seeds_run(run, name, wrong, device="cpu", **changes):
    """A folder of one model with several seeds: wrong pictures on test by seed."""
    for seed, positions in wrong.items():
        folder = run(name, {"seed": seed, "device": device, **changes}, SVC=positions)
    return folder


def test_other_seeds_are_compared_by_their_means(run):
    a = seeds_run(run, "a", {42: range(20), 43: range(1, 22), 44: range(19)})
    b = seeds_run(run, "b", {45: range(2)})
    comparison = compare_boards(a, b)
    (change,) = comparison.pairs[0].changes
    assert (change.verdict, change.basis) == ("better", "seeds")
    assert change.difference == pytest.approx((60 / 3 - 2) / N)
    assert comparison.regressions == ()
    assert "42, 43, 44 > 45" in str(comparison)
    assert "means over them" in str(comparison)
    row = comparison.to_frame().iloc[0]
    assert (row["seeds_first"], row["seeds_other"]) == (3, 1)
    (back,) = compare_boards(b, a).pairs[0].changes
    assert back.verdict == "worse"
    assert (back.low, back.high, back.p) == pytest.approx((-change.high, -change.low, change.p))


def test_seeds_of_which_one_is_on_both_boards_are_not_gone(run):
    a = seeds_run(run, "a", {42: range(20), 43: range(20), 44: range(20)})
    b = seeds_run(run, "b", {42: range(21)})
    assert [c.verdict for c in compare_boards(a, b).pairs[0].changes] == ["within chance"]
    assert [c.verdict for c in compare_boards(b, a).pairs[0].changes] == ["within chance"]


def test_seeds_of_one_device_are_set_against_that_device(run):
    a = seeds_run(run, "a", {1: range(20), 2: range(20)})
    seeds_run(run, "a", {1: [], 2: []}, device="cuda")
    b = seeds_run(run, "b", {3: range(20)})
    seeds_run(run, "b", {3: []}, device="cuda")
    found = compare_boards(a, b).to_frame()
    assert found["verdict"].tolist() == ["same", "same"]
    assert found["device_first"].tolist() == found["device_other"].tolist() == ["cuda", "cpu"]


def test_a_seed_that_fails_is_a_regression_only_where_all_had_scores(run):
    a = seeds_run(run, "a", {1: range(20), 2: range(20)})
    b = seeds_run(run, "b", {3: range(20), 4: range(20)})
    seeds_run(run, "b", {5: []}, device="", status="failed", reason="x")
    assert [c.verdict for c in compare_boards(a, b).pairs[0].changes] == ["failed"]
    assert [c.verdict for c in compare_boards(b, a).pairs[0].changes] == ["same"]


def test_several_seeds_stand_beside_the_study(run):
    for seed in (42, 43, 44):
        a = run("a", {"splits": {"test": 68}, "seed": seed}, XGBClassifier=range(10))
    pair = compare_boards(a, "published").pairs[0]
    (xgb,) = (c for c in pair.changes if c.model == "XGBClassifier" and c.split == "test")
    assert (xgb.verdict, xgb.other.accuracy) == ("not tested", 0.63)
    assert not any(c.verdict == "gone" for c in pair.changes)


def test_the_regression_line_names_the_seed_where_a_model_has_several(run):
    a = seeds_run(run, "a", {1: [], 2: []})
    run("a", {"seed": 1}, KNN=[])
    b = seeds_run(run, "b", {1: [], 2: range(30)})
    run("b", {"seed": 1}, KNN=range(30))
    line = compare_boards(a, b).regression_line
    assert line == "KNN on test worse, SVC (seed 2) on test worse"
    c = seeds_run(run, "c", {3: range(30)})
    run("c", {"seed": 1}, KNN=[])
    assert compare_boards(a, c).regression_line == "SVC (seeds 1, 2 > 3) on test worse"


def test_each_split_that_both_boards_have_must_be_testable(run):
    val = {"splits": {"val": N, "test": N}}

    def known(test):
        return {"fingerprint": test, "split_fingerprints": {"val": "same", "test": test}}

    a = run("a", {**val, **known("1")}, SVC=[])
    b = run("b", {**val, **known("2")}, SVC=range(40))
    with pytest.raises(
        ResultsError, match=r"b cannot be checked .* against a on test: test is not"
    ):
        _ = compare_boards(a, b).regressions
    # A split that is not there at all is a regression, and the other one is tested.
    c = run("c", {**known("3"), "splits": {"val": N}}, SVC=[])
    assert [(x.split, x.verdict) for x in compare_boards(a, c).regressions] == [("test", "gone")]


def test_the_html_says_what_the_text_says(run):
    a = run("a<b>", {"fingerprint": "aaaa"}, SVC=range(20))
    b = run("b", {"fingerprint": "bbbb"}, SVC=[])
    html = compare_boards(a, b)._repr_html_()
    assert "<p>Not tested: test is not the same pictures: a&lt;b&gt; is about folds" in html
    assert "<p>b against a&lt;b&gt;: 1 not tested</p>" in html


def test_the_study_stands_beside_a_run_without_a_test(run):
    # As many pictures as the study had, but not the study's.
    a = run("a", {"splits": {"test": 68}, "device": "cpu"}, XGBClassifier=range(10))
    comparison = compare_boards(a, "published")
    frame = comparison.to_frame().set_index(["model", "split"])
    xgb = frame.loc["XGBClassifier", "test"]
    assert (xgb["accuracy_other"], xgb["verdict"]) == (0.63, "not tested")
    assert frame["p"].isna().all()
    assert "the study's pictures are not those of the run" in str(comparison)
    assert "RandomForestClassifier" in str(comparison)
    with pytest.raises(ResultsError, match="cannot be checked for regressions"):
        _ = comparison.regressions


def test_the_study_beside_itself_has_not_changed():
    verdicts = {
        change.verdict for change in compare_boards("published", "published").pairs[0].changes
    }
    assert verdicts == {"same"}


def test_several_boards_each_stand_beside_the_first(run):
    a, b, c = run("a", SVC=[]), run("b", SVC=[0]), run("c", SVC=range(30))
    comparison = compare_boards(a, b, c)
    assert [(pair.first, pair.other) for pair in comparison.pairs] == [("a", "b"), ("a", "c")]
    assert [change.verdict for pair in comparison.pairs for change in pair.changes] == [
        "within chance",
        "worse",
    ]
    assert isinstance(comparison, Comparison)


def test_times_of_different_machines_are_marked(run):
    here = {"provenance": {"processor": "Xeon", "cores": 8}}
    there = {"provenance": {"processor": "EPYC", "cores": 8}}
    a, b, c = run("a", here, SVC=[]), run("b", there, SVC=[]), run("c", here, SVC=[])
    assert "different or unknown machines" in str(compare_boards(a, b))
    assert "machines" not in str(compare_boards(a, c))
