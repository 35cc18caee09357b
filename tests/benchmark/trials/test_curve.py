"""`curve`, from the command to its files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import benchmark
from benchmark.cli.app import run_arguments


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A table of two classes that a column gives away, nearly; in a folder of its own."""
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 2
    frame = pd.DataFrame(
        {"a": labels + generator.normal(size=120), "b": generator.normal(size=120)}
    )
    frame["split"] = ["train"] * 80 + ["test"] * 40
    frame["label"] = np.array(["flat", "folded"])[labels]
    frame.to_csv("table.csv", index=False)
    return "table.csv"


def curve(*more):
    return run_arguments(["curve", "--data", "table.csv", "--device", "cpu", *more])


def test_the_command_leaves_the_curve_and_runs_nothing_twice(data, capfd):
    chosen = ("--models", "GaussianNB,ResNet9", "--sizes", "20,40,80", "--seeds", "2")
    assert curve(*chosen, "--out", "out") == 0
    out = capfd.readouterr().out
    assert "Training pictures" in out
    assert "curve.csv, curve.md, curve.svg and curve.html are in out" in out
    frame = pd.read_csv("out/curve.csv")
    assert frame["train"].tolist() == [20, 40, 80] * 2
    assert frame["status"].tolist() == ["ok"] * 3 + ["skipped"] * 3
    assert (frame["seeds"] == 2).all()
    for name in ("curve.md", "curve.svg", "curve.html", "curve.json"):
        assert Path("out", name).stat().st_size
    records = {path: path.stat().st_mtime_ns for path in Path("out/records").iterdir()}
    assert len(records) == 12
    before = Path("out/curve.csv").read_bytes()
    assert curve(*chosen, "--out", "out") == 0
    assert {path: path.stat().st_mtime_ns for path in Path("out/records").iterdir()} == records
    assert Path("out/curve.csv").read_bytes() == before
    assert "12 finished trials are kept, 0 to run" in capfd.readouterr().err
    # One size more: only its trials are new.
    chosen = ("--models", "GaussianNB,ResNet9", "--sizes", "20,40,60,80", "--seeds", "2")
    assert curve(*chosen, "--out", "out") == 0
    assert "12 finished trials are kept, 4 to run" in capfd.readouterr().err


def test_the_library_gives_the_accuracies_of_fits_on_the_subsets(data):
    from sklearn.impute import SimpleImputer
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from benchmark.inputs.subsets import nested_order

    found = benchmark.curve(data, models=["GaussianNB"], sizes=[10, 80], seeds=2, out="out")
    table = pd.read_csv(data)
    train, test = (table[table["split"] == split] for split in ("train", "test"))
    labels = (train["label"] == "folded").to_numpy().astype(int)
    expected = []
    for size in (10, 80):
        shares = []
        for seed in (42, 43):
            rows = np.sort(nested_order(labels, seed)[:size])
            model = make_pipeline(SimpleImputer(), StandardScaler(), GaussianNB())
            model.fit(train[["a", "b"]].iloc[rows], train["label"].iloc[rows])
            shares.append(model.score(test[["a", "b"]], test["label"]))
        expected.append(np.mean(shares))
    assert found.to_frame()["accuracy"].tolist() == pytest.approx(expected)


def test_a_full_size_trial_is_the_run_s_own(data, capfd):
    benchmark.run(data, models="GaussianNB", out="out", device="cpu")
    benchmark.curve(data, models="GaussianNB", sizes=[40, 80], seeds=1, out="out", device="cpu")
    assert "1 finished trials are kept, 1 to run" in capfd.readouterr().err
    assert len(benchmark.report("out").to_frame()) == 1, "the board is still the run's"


def test_a_curve_in_a_run_s_folder_leaves_its_board_as_it_was(data):
    benchmark.run(data, models="GaussianNB", out="out", device="cpu")
    before = benchmark.report("out")
    # Three seeds at full size, of which the run has one; then another curve, which forgets the
    # first one's sizes.
    for sizes, models in (([40, 80], "GaussianNB,DummyClassifier"), ([20], "GaussianNB")):
        benchmark.curve(data, models=models, sizes=sizes, seeds=3, out="out", device="cpu")
        after = benchmark.report("out")
        assert after.to_csv() == before.to_csv()
        assert after.warnings == before.warnings
    # A run makes a curve's trial its own.
    board = benchmark.run(data, models="DummyClassifier", out="out", device="cpu")
    assert set(board.to_frame()["model"]) == {"GaussianNB", "DummyClassifier"}
    assert set(board.to_frame()["seed"]) == {42}
    assert not any("left out" in said for said in board.warnings)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "Missing option '--models'"),
        (("--models", "GaussianNB", "--sizes", "10,many"), "--sizes is '10,many'; give whole"),
        (("--models", "GaussianNB", "--sizes", "10,900"), "give sizes from 2 to 80"),
        (("--models", "GaussianNB", "--sizes", ""), "--sizes names no size"),
        (("--models", "GaussianNB", "--seeds", "0"), "--seeds is 0; it must be at least 1"),
        (("--models", "GaussianNB", "--seed", "4294967295"), "it must be from 0 to 4294967295"),
        (("--models", "Gaussian"), "no model is called 'Gaussian'"),
    ],
)
def test_what_makes_no_sense_is_one_line(data, capfd, more, said):
    assert curve(*more, "--out", "out") == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    read = "2 classes, 120 rows of 2 features: train 80, test 40\n"
    assert err.removeprefix(read).count("\n") == 1
    assert not Path("out").exists()


def test_curve_has_the_command_s_defaults():
    import inspect

    from benchmark.cli import runs

    command = inspect.signature(runs.curve_command).parameters
    library = inspect.signature(benchmark.curve).parameters
    for name, parameter in library.items():
        if name != "models":
            assert (command[name].default or ()) == (parameter.default or ()), name


def test_report_and_merge_name_a_curve_for_what_it_is(data):
    benchmark.curve(data, models="GaussianNB", sizes=[40, 80], seeds=1, out="out", device="cpu")
    about = json.loads(Path("out/curve.json").read_text())
    assert [subset["size"] for subset in about["subsets"]] == [40, 80]
    for call in (
        lambda: benchmark.report("out"),
        lambda: benchmark.compare("out", "published"),
        lambda: benchmark.merge("out", "out", out="other"),
    ):
        with pytest.raises(ValueError, match="out holds a curve and no run"):
            call()
    assert not Path("other").exists()
