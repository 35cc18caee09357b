"""Several runs as one: what is merged, and what is refused."""

from __future__ import annotations

import json
import logging

import pandas as pd
import pytest

from results.errors import ResultsError
from results.leaderboard import Leaderboard
from results.records.merge import gather
from results.records.store import Store

LAPTOP = {"provenance": {"processor": "Laptop CPU", "cores": 4}}
NODE = {"provenance": {"processor": "Node CPU", "cores": 64}}
NETWORK = {"family": "deep", "training": "random"}


@pytest.fixture
def run(tmp_path, record, answers):
    """Add a trial to a run's folder: run('a', 'SVC', wrong=[...], ...) -> the folder's path."""

    def add(name, model, wrong=(), **changes):
        store = Store(tmp_path / name)
        made = record(model, **changes)
        store.save(made, answers(made, {"test": wrong}) if made.ok else {})
        return store.folder

    return add


@pytest.fixture
def merged(tmp_path):
    def merge(*folders):
        gather(folders).write(tmp_path / "merged")
        return Leaderboard.from_store(Store(tmp_path / "merged"))

    return merge


def table(board):
    frame = board.to_frame()
    return frame[frame["split"] == "test"].set_index(["model", "device"]).sort_index()


def test_the_merged_board_has_the_rows_of_both(run, merged):
    a = run("a", "SVC", [0], **LAPTOP)
    run("a", "ResNet9", [0, 1], **NETWORK, **LAPTOP)
    b = run("b", "ResNet9", [2], **NETWORK, **NODE, device="cuda")
    run("b", "ResNet50", status="memory", reason="killed", **NETWORK, **NODE)
    board = merged(a, b)
    both = pd.concat([table(Leaderboard.from_store(Store(folder))) for folder in (a, b)])
    values = ["accuracy", "fit_seconds", "total_seconds", "seed", "status", "reason"]
    pd.testing.assert_frame_equal(table(board)[values], both.sort_index()[values])
    page = board.to_markdown()
    assert "a: Laptop CPU, 4 cores; b: Node CPU, 64 cores" in page
    assert "2.50 (a)" in page
    assert "2.50 (b)" in page


def test_a_merged_folder_is_a_run_s_folder_again(run, merged, tmp_path):
    board = merged(run("a", "SVC"), run("b", "NuSVC"))
    again = gather([tmp_path / "merged", run("c", "LDA")])
    again.write(tmp_path / "twice")
    models = set(Leaderboard.from_store(Store(tmp_path / "twice")).to_frame()["model"])
    assert models == set(board.to_frame()["model"]) | {"LDA"}


def test_the_same_trial_with_the_same_answers_is_taken_from_the_first(run, merged, caplog):
    a = run("a", "SVC", [1], fit_seconds=5.0, **LAPTOP)
    b = run("b", "SVC", [1], fit_seconds=50.0, **NODE)
    with caplog.at_level(logging.WARNING):
        board = merged(a, b)
    assert table(board)["fit_seconds"].tolist() == [5.0]
    (line,) = caplog.messages
    assert line == (
        f"SVC (seed 0) is in {a} and {b} with the same answers; its times are those of {a}"
    )
    assert "Times come from" not in board.to_markdown()


def refused(*folders):
    with pytest.raises(ResultsError) as caught:
        gather(folders)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wrong": [2]}, "with other predictions"),
        ({"status": "failed", "reason": "x", "device": "cpu"}, "ok in the one and failed in the"),
        ({"trial": "0123456789abcdef"}, "made from another definition"),
    ],
)
def test_a_conflict_is_refused_with_both_names(run, changes, said):
    a, b = run("a", "SVC", [1]), run("b", "SVC", **{"wrong": [1], **changes})
    line = refused(a, b)
    assert line.startswith("SVC (trial ")
    assert f"is in both {a} and {b}" in line
    assert said in line


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fingerprint": "beef"}, "not runs of one dataset (fingerprint): folds f00d and folds be"),
        ({"preset": "thorough"}, "not runs of one preset: folds quick and folds thorough"),
        ({**NETWORK, "image_size": 64}, "not runs of one image size: folds 32 and folds 64"),
    ],
)
def test_runs_of_different_things_are_refused(run, changes, said):
    a = run("a", "ResNet9", **NETWORK)
    b = run("b", "SVC", **changes)
    line = refused(a, b)
    assert said in line
    assert f"{a} and {b}" in line


def test_runs_of_different_features_are_refused(run):
    folders = [run("a", "SVC"), run("b", "NuSVC")]
    for folder, definition in zip(folders, ("one", "two"), strict=True):
        about = {"fingerprint": "f00d", "preset": "quick", "feature_definition": definition}
        (folder / "run.json").write_text(json.dumps(about))
    assert "not runs of one feature set (definition)" in refused(*folders)


def test_an_unavailable_model_gives_way_to_one_that_ran(run, merged):
    missing = {**NETWORK, "training": "pretrained", "status": "unavailable", "device": ""}
    a = run("a", "ResNet50", reason="no weights", trial="00000000000000aa", **missing)
    ran = {**NETWORK, "training": "pretrained", "trial": "00000000000000aa"}
    b = run("b", "ResNet50", **ran)
    for order in ((a, b), (b, a)):
        assert {r.status for r, _ in gather(order).homes.values()} == {"ok"}
    c = run("c", "ResNet50", **{**ran, "trial": "00000000000000cc"}, device="cuda")
    assert table(merged(a, c))["status"].tolist() == ["ok"]


def test_only_what_a_folder_s_board_shows_is_merged(run, merged):
    a = run("a", "SVC")
    run("a", "Old", fingerprint="01d", finished="2024-01-01T00:00:00+00:00")
    board = merged(a, run("b", "NuSVC"))
    assert set(board.to_frame()["model"]) == {"SVC", "NuSVC"}
    assert board.selection.left_out == 0


def test_a_folder_without_records_is_named(run, tmp_path):
    assert refused(run("a", "SVC"), tmp_path / "none").startswith(f"{tmp_path / 'none'}: no fin")
