"""run.json and curve.json: read tolerantly, written as they always were."""

from __future__ import annotations

import json
import logging

import pytest

from results.records.run import CurveRun, Run, SubsetTrials

# As a run wrote it before it had a type.
RUN = {
    "source": "photos/",
    "dataset": "photos",
    "fingerprint": "f00d",
    "preset": "quick",
    "classes": ["box", "chevron"],
    "splits": {"train": 9, "val": 4, "test": 6},
    "duplicates_across_splits": {"val": 0, "test": 1},
    "seed": 0,
    "feature_set": "published",
    "feature_definition": "745cdb47",
    "image_size": None,
    "trials": ["00aa", "00bb"],
    "unreadable": {"a.png": "no picture"},
    "started": "2025-03-01T10:00:00+00:00",
    "provenance": {"cores": 2, "gpus": [], "command": "run"},
}
CURVE = {
    "source": "photos/",
    "dataset": "photos",
    "fingerprint": "f00d",
    "preset": "quick",
    "train": 9,
    "subsets": [
        {"size": 3, "seed": 42, "trials": ["00aa", "00bb"]},
        {"size": 9, "seed": 42, "trials": ["00cc"]},
    ],
    "earlier_trials": ["00dd"],
    "provenance": {"cores": 2},
}


def write(folder, name, content):
    text = json.dumps(content, indent=1) + "\n"
    (folder / name).write_text(text)
    return text


def test_a_run_is_written_as_it_was_read(tmp_path):
    text = write(tmp_path, "run.json", RUN)
    run = Run.read(tmp_path)
    assert run.splits["train"] == 9
    assert run.classes == ("box", "chevron")
    assert run.image_size is None
    run.write(tmp_path / "again")
    assert (tmp_path / "again" / "run.json").read_text() == text


def test_a_curve_is_written_as_it_was_read(tmp_path):
    text = write(tmp_path, "curve.json", CURVE)
    run = CurveRun.read(tmp_path)
    assert run.subsets[1] == SubsetTrials(9, 42, ("00cc",))
    assert run.trials == {"00aa", "00bb", "00cc", "00dd"}
    run.write(tmp_path / "again")
    assert (tmp_path / "again" / "curve.json").read_text() == text


def test_what_is_not_there_is_nothing(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        assert not Run.read(tmp_path)
        assert CurveRun.read(tmp_path) == CurveRun()
    assert caplog.messages == []


@pytest.mark.parametrize("text", ["{", "[]", '"run"', "null", "\xff"])
def test_a_damaged_file_counts_as_not_there(tmp_path, text, caplog):
    for name in ("run.json", "curve.json"):
        (tmp_path / name).write_text(text, encoding="latin-1")
    with caplog.at_level(logging.WARNING):
        assert not Run.read(tmp_path)
        assert CurveRun.read(tmp_path) == CurveRun()
    assert len(caplog.messages) == 2
    for name, line in zip(("run.json", "curve.json"), caplog.messages, strict=True):
        assert f"{tmp_path / name} is left out" in line


def test_a_value_of_a_wrong_kind_is_as_if_it_were_not_there(tmp_path):
    wrong = {"splits": {"train": "many"}, "trials": "00aa", "classes": 3, "newer": 1}
    write(tmp_path, "run.json", RUN | wrong)
    run = Run.read(tmp_path)
    assert (run.splits, run.trials, run.classes) == ({}, (), ())
    assert run.fingerprint == "f00d"


def test_what_was_odd_about_the_source_is_kept_where_there_was_any(tmp_path):
    odd = {"left_out": 3, "remarks": ["a and A are two classes"], "oddities": {"low_byte": 2}}
    text = write(tmp_path, "run.json", RUN | odd)
    run = Run.read(tmp_path)
    assert (run.left_out, run.remarks, run.oddities) == (3, (odd["remarks"][0],), {"low_byte": 2})
    run.write(tmp_path)
    assert (tmp_path / "run.json").read_text() == text
    Run(dataset="photos").write(tmp_path)
    assert not odd.keys() & json.loads((tmp_path / "run.json").read_text()).keys()


def test_what_a_file_does_not_speak_of_comes_from_elsewhere(tmp_path):
    write(tmp_path, "run.json", {"preset": "published", "image_size": None})
    run = Run.read(tmp_path, Run(preset="quick", dataset="photos", image_size=32))
    assert (run.preset, run.dataset) == ("published", "photos")
    assert run.image_size is None, "it says that there is none"


def run_of(**changes):
    return Run(
        **{
            "fingerprint": "f00d",
            "preset": "quick",
            "feature_set": "published",
            "feature_definition": "one",
            "trials": ("00aa", "00bb"),
            **changes,
        }
    )


def test_a_run_that_adds_to_a_board_takes_over_what_it_does_not_decide():
    before = run_of(seed=1, metrics=("kappa",))
    run = run_of(
        **{"feature_set": "", "feature_definition": "", "image_size": 32, "seed": 2},
        trials=("00bb", "00cc"),
        metrics=("errors",),
    ).after(before)
    assert run.trials == ("00aa", "00bb", "00cc")
    assert (run.feature_set, run.feature_definition) == ("published", "one")
    assert (run.image_size, run.seed) == (32, 2)
    assert run.metrics == ("kappa", "errors")


def test_two_names_of_the_same_features_are_one_board():
    run = run_of(feature_set="mine").after(run_of())
    assert run.feature_set == "mine"
    assert run.trials == ("00aa", "00bb")


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "beef"},
        {"preset": "published"},
        {"feature_definition": "two"},
        {"image_size": 64},
        {"trials": ()},
    ],
)
def test_a_run_of_another_board_takes_over_nothing(changes):
    run = run_of(trials=("00cc",), image_size=32)
    assert run.after(run_of(**changes)) == run


def test_nothing_is_taken_over_from_nothing():
    assert run_of().after(Run()) == run_of()


def test_what_records_tell_of_a_run(record):
    records = [
        record("Old", fingerprint="beef", feature_set="other"),
        record("SVC"),
        record("Net", family="deep", image_size=64),
        record("KNN", seed=3),
    ]
    run = Run.of_records(records)
    assert (run.source, run.dataset, run.fingerprint, run.preset) == (
        *("folds", "folds", "f00d", "quick"),
    )
    assert (run.seed, run.feature_set, run.image_size) == (3, "published", 64)
    assert run.splits == {"val": 4, "test": 6}
    assert [run.is_about(one) for one in records] == [False, True, True, True]


def test_a_merged_run_says_what_any_of_its_runs_knows(tmp_path):
    first = Run(fingerprint="f00d", dataset="photos", feature_set="published", seed=4)
    other = Run(fingerprint="f00d", dataset="pictures", image_size=32, metrics=("kappa",))
    run = Run.of_runs([first, other], ["00aa"], ["a", "b"])
    run.write(tmp_path)
    assert list(json.loads((tmp_path / "run.json").read_text()).items()) == [
        ("dataset", "photos"),
        ("fingerprint", "f00d"),
        ("seed", 4),
        ("image_size", 32),
        ("feature_set", "published"),
        ("trials", ["00aa"]),
        ("merged", ["a", "b"]),
        ("metrics", ["kappa"]),
    ]


def test_a_curve_knows_the_trials_of_the_curves_before():
    before = CurveRun(subsets=(SubsetTrials(3, 0, ("00aa", "00bb")),), earlier_trials=("00ee",))
    after = CurveRun(subsets=(SubsetTrials(9, 0, ("00bb", "00cc")),)).after(before)
    assert after.earlier_trials == ("00aa", "00ee")
    assert after.trials == {"00aa", "00bb", "00cc", "00ee"}
