"""Several runs in one folder: whose rows the board shows."""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest

import benchmark
import models
from benchmark.cli.app import run_arguments
from features import forget_features

PLUGIN = """
import numpy as np
from sklearn.dummy import DummyClassifier
from models import model

@model("Constant", family="classical", inputs="images")
def build(context):
    return DummyClassifier(strategy="constant", constant={constant})
"""


@pytest.fixture
def photos(tmp_path):
    """Two classes of noise, thirty pictures of one to ten of the other."""
    noise = np.random.default_rng(5)
    for split, count in (("train", 10), ("test", 10)):
        for kind, times in (("a", 3), ("b", 1)):
            folder = tmp_path / "photos" / split / kind
            folder.mkdir(parents=True)
            for index in range(count * times):
                picture = noise.integers(0, 256, (20, 20, 3), dtype=np.uint8)
                cv2.imwrite(str(folder / f"{index}.png"), picture)
    return tmp_path / "photos"


@pytest.fixture
def plugin(tmp_path):
    """A function that writes the plugin file with its constant; its model is forgotten after."""
    path = tmp_path / "constant.py"

    def write(constant):
        path.write_text(PLUGIN.format(constant=constant), encoding="utf-8")
        return path

    yield write
    models.forget_models(str(path.resolve()))


def accuracies(board) -> dict[str, float]:
    frame = board.to_frame()
    return dict(zip(frame["model"], frame["accuracy"], strict=True))


def test_a_plugin_edited_and_put_back_shows_its_first_result_again(photos, tmp_path, plugin):
    out, seen = tmp_path / "out", []
    for constant in (0, 1, 0):
        board = benchmark.run(photos, models="Constant", plugins=plugin(constant), out=out)
        seen.append(accuracies(board)["Constant"])
    assert seen == [0.75, 0.25, 0.75]
    assert accuracies(benchmark.report(out))["Constant"] == 0.75


def test_runs_of_other_models_add_to_the_board(photos, tmp_path, plugin):
    out = tmp_path / "out"
    benchmark.run(photos, models="Constant", plugins=plugin(0), image_size=8, out=out)
    board = benchmark.run(photos, models="GaussianNB", out=out)
    assert set(accuracies(board)) == {"Constant", "GaussianNB"}
    board = benchmark.run(photos, models="Constant", plugins=plugin(0), image_size=8, out=out)
    assert set(accuracies(board)) == {"Constant", "GaussianNB"}


def test_one_set_of_columns_under_two_names_is_one_board(photos, tmp_path):
    out = tmp_path / "out"
    for name in ("published", "published,edge*"):
        board = benchmark.run(photos, models="GaussianNB,DummyClassifier", features=name, out=out)
        assert set(accuracies(board)) == {"GaussianNB", "DummyClassifier"}


def test_another_feature_set_is_another_board(photos, tmp_path):
    out = tmp_path / "out"
    benchmark.run(photos, models="GaussianNB,DummyClassifier", out=out)
    board = benchmark.run(photos, models="GaussianNB", features="original*", out=out)
    assert set(accuracies(board)) == {"GaussianNB"}
    assert len(list(out.glob("records/*.json"))) == 3


MEASURE = """
from features import measure

@measure("mine", names=("mine",))
def mine(image):
    return [image.mean() * {factor}]
"""


def test_rows_on_an_edited_feature_are_not_shown_beside_the_new_ones(photos, tmp_path):
    path, out = tmp_path / "mine.py", tmp_path / "out"
    asked = {"features": "original_mine", "plugins": path, "out": out}
    try:
        for factor, models_ in ((1, "GaussianNB,DummyClassifier"), (-1, "GaussianNB")):
            path.write_text(MEASURE.format(factor=factor))
            board = benchmark.run(photos, models=models_, **asked)
    finally:
        forget_features(str(path.resolve()))
    assert set(accuracies(board)) == {"GaussianNB"}
    assert any(line.startswith("2 records of another") for line in board.warnings)


def test_runs_are_compared_pair_by_pair_as_long_as_their_test_pictures_are_the_same(
    photos, tmp_path
):
    def run(name):
        benchmark.run(photos, models="GaussianNB,DummyClassifier", out=tmp_path / name)
        return tmp_path / name

    first = run("first")
    extra = np.random.default_rng(6).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    cv2.imwrite(str(photos / "train" / "b" / "more.png"), extra)
    more = benchmark.compare(first, run("more")).to_frame()
    assert set(more["basis"]) == {"paired"}
    cv2.imwrite(str(photos / "test" / "b" / "0.png"), extra)
    other = benchmark.compare(first, run("other"))
    assert set(other.to_frame()["verdict"]) == {"not tested"}
    assert "test is not the same pictures" in str(other)


def test_merged_runs_are_the_board_of_one_run(photos, tmp_path, capsys):
    for name, models_ in (("a", "GaussianNB"), ("b", "DummyClassifier"), ("both", "G*NB,Dummy*")):
        benchmark.run(photos, models=models_, out=tmp_path / name)
    merge = ["merge", str(tmp_path / "a"), str(tmp_path / "b"), "--out"]
    assert run_arguments([*merge, str(tmp_path / "merged")]) == 0
    assert "GaussianNB" in capsys.readouterr().out
    merged = benchmark.report(tmp_path / "merged").to_frame()
    together = benchmark.report(tmp_path / "both").to_frame()
    columns = ["rank", "tied", "model", "split", "accuracy", "roc_auc", "status"]
    assert merged[columns].equals(together[columns])
    assert run_arguments([*merge, str(tmp_path / "merged")]) == 2
    assert "holds a run already; choose another folder" in capsys.readouterr().err
    # Another dataset: refused, and nothing is written.
    (photos / "test" / "b" / "0.png").unlink()
    benchmark.run(photos, models="GaussianNB", out=tmp_path / "c")
    line = ["merge", str(tmp_path / "a"), str(tmp_path / "c"), "--out", str(tmp_path / "no")]
    assert run_arguments(line) == 2
    assert "are not runs of one dataset" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_report_prints_a_board_in_several_formats(photos, tmp_path, capsys):
    out = tmp_path / "out"
    benchmark.run(photos, models="GaussianNB", out=out)
    capsys.readouterr()
    for name, file in (("markdown", "leaderboard.md"), ("csv", "leaderboard.csv")):
        assert run_arguments(["report", str(out), "--format", name]) == 0
        assert capsys.readouterr().out == (out / file).read_text("utf-8")
    assert run_arguments(["report", str(out), "--format", "latex"]) == 0
    assert r"\toprule" in capsys.readouterr().out
    assert run_arguments(["report", str(out), "--format", "word"]) == 2
    assert "'latex'" in capsys.readouterr().err


def test_copies_of_training_pictures_are_warned_of(photos, tmp_path, plugin):
    board = benchmark.run(photos, models="Constant", plugins=plugin(0), out=tmp_path / "clean")
    assert not any("Copies" in warning for warning in board.warnings)
    for index in range(3):
        name = f"b/{index}.png"
        (photos / "test" / name).write_bytes((photos / "train" / name).read_bytes())
    board = benchmark.run(photos, models="Constant", plugins=plugin(0), out=tmp_path / "leaky")
    assert board.run.duplicates_across_splits == {"test": 3}
    assert any("in test 3 of 40 are in an earlier split too" in said for said in board.warnings)
    assert benchmark.report(tmp_path / "leaky").warnings == board.warnings


def test_copies_of_a_table_s_training_rows_are_warned_of(tmp_path):
    numbers = np.random.default_rng(0).normal(size=(60, 2))
    numbers[-3:] = numbers[:3]
    frame = pd.DataFrame(numbers, columns=["a", "b"])
    frame["split"] = ["train"] * 40 + ["test"] * 20
    frame["label"] = ["flat", "folded"] * 30
    frame.to_csv(tmp_path / "table.csv", index=False)
    board = benchmark.run(tmp_path / "table.csv", models="GaussianNB", out=tmp_path / "out")
    assert board.run.duplicates_across_splits == {"test": 3}
    assert any("in test 3 of 20 are in an earlier split too" in said for said in board.warnings)
