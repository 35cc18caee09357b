"""Going on: what a second run does and does not, after an end of any kind."""

import dataclasses
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

import benchmark
import models
from benchmark import datasets, processes
from benchmark.errors import InputError
from benchmark.inputs.prepare import Inputs
from benchmark.request import Request
from benchmark.trials.plan import plan
from models import Model
from results import Store

QUICK = ["GaussianNB", "DummyClassifier", "NearestCentroid"]
ROOT = Path(benchmark.__file__).parents[1]


def table(path: Path, seed: int = 0) -> Path:
    """Write a table of three classes whose first column gives them away, nearly."""
    generator = np.random.default_rng(seed)
    labels = np.arange(90) % 3
    frame = pd.DataFrame(generator.normal(size=(90, 4)), columns=list("abcd"))
    frame["a"] += 2 * labels
    frame["split"] = ["train"] * 60 + ["val"] * 15 + ["test"] * 15
    frame["label"] = np.array(["box", "chevron", "rounded"])[labels]
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def data(tmp_path):
    return table(tmp_path / "table.csv")


@pytest.fixture
def plugin(tmp_path):
    """Write a plugin file whose models are DummyClassifiers with the given bodies of `fit`."""
    files = []

    def write(name="plugin.py", inputs="features", **bodies: str) -> Path:
        lines = [
            "import logging, os, signal, subprocess, sys, time",
            "import numpy as np",
            "from sklearn.dummy import DummyClassifier",
            "from models import Unavailable, model",
        ]
        for model, body in bodies.items():
            lines += [
                f"class {model}(DummyClassifier):",
                "    def fit(self, X, y):",
                textwrap.indent(textwrap.dedent(body).strip(), " " * 8),
                "        return super().fit(X, y)",
                f"model({model!r}, family='classical', inputs={inputs!r})(lambda c: {model}())",
            ]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        files.append(path)
        return path

    yield write
    for path in files:
        models.forget_models(str(path.resolve()))


def kept(out: Path) -> dict[str, tuple[bytes, int]]:
    """Every finished file of records and predictions: its content and when it was written."""
    files = [*out.glob("records/[!.]*"), *out.glob("predictions/[!.]*")]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def records(out: Path) -> list[Path]:
    return list(out.glob("records/[!.]*.json"))


def statuses(board) -> dict[str, str]:
    frame = board.to_frame()
    return dict(zip(frame["model"], frame["status"], strict=True))


# --- what a trial's name depends on -------------------------------------------------------------


def settings(**changes) -> Request:
    usual = {"image_size": 32, "device": "cpu", "offline": True, "weights_dir": ""}
    return Request(**{**usual, **changes})


def inputs(data: Path, definition: str = "published-1") -> Inputs:
    return Inputs(datasets.load(data), {}, {}, (), "published", definition, None, {})


def a_model(tmp_path, takes="features", family="classical", source="text", **parameters) -> Model:
    origin = tmp_path / "origin.py"
    origin.write_text(source, encoding="utf-8")
    return Model("M", family, takes, lambda c: None, "", str(origin), lambda context: parameters)


def name_of(model: Model, inputs: Inputs, settings: Request) -> str:
    (trial,) = (trial for lane in plan([model], inputs, settings) for trial in lane.trials)
    return trial.name


@pytest.mark.parametrize(
    "change", [{"seed": 43}, {"preset": "published"}], ids=["seed", "preset"]
)  # fmt: skip
def test_another_setting_that_decides_results_is_another_trial(tmp_path, data, change):
    model = a_model(tmp_path)
    assert name_of(model, inputs(data), settings()) != name_of(
        model, inputs(data), settings(**change)
    )


def test_settings_that_only_decide_how_it_runs_are_the_same_trial(tmp_path, data):
    model = a_model(tmp_path)
    changed = settings(
        threads=3, jobs=2, timeout=9.0, memory_limit=1.0, retry=True, offline=False, device="cuda"
    )
    assert name_of(model, inputs(data), settings()) == name_of(model, inputs(data), changed)


def test_another_parameter_or_source_is_another_trial(tmp_path, data):
    given, usual = inputs(data), settings()
    names = [
        name_of(a_model(tmp_path, depth=1), given, usual),
        name_of(a_model(tmp_path, depth=2), given, usual),
        name_of(a_model(tmp_path, depth=1, source="edited"), given, usual),
    ]
    assert len(set(names)) == 3


def test_a_plugin_file_that_was_moved_is_the_same_trial(tmp_path, data):
    (tmp_path / "elsewhere").mkdir()
    here, there = a_model(tmp_path), a_model(tmp_path / "elsewhere")
    assert name_of(here, inputs(data), settings()) == name_of(there, inputs(data), settings())


def test_a_model_s_trial_depends_on_what_it_eats_and_on_nothing_else(tmp_path, data):
    """Features on their definition, images on their size, deep models on the device."""
    features, images = a_model(tmp_path), a_model(tmp_path, takes="images")
    deep = a_model(tmp_path, takes="images", family="deep")

    def changes(model, definition="published-1", **change):
        return name_of(model, inputs(data), settings()) != name_of(
            model, inputs(data, definition), settings(**change)
        )

    assert changes(features, definition="published-2")
    assert not changes(features, image_size=64)
    assert changes(images, image_size=64)
    assert not changes(images, definition="published-2")
    assert changes(deep, device="cuda")
    assert not changes(images, device="cuda")
    assert changes(deep, precision="float32")
    assert not changes(images, precision="float32")


def test_another_file_of_imagenet_weights_is_another_trial(tmp_path, data, monkeypatch):
    """But not torchvision's own once it has been downloaded: that was asked for by name."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("BENCHMARK_WEIGHTS_DIR", raising=False)
    (model,) = models.select(["ResNet34-pretrained"])
    (random,) = models.select(["ResNet34"])
    given, usual = inputs(data), settings(weights_dir=str(tmp_path))
    missing, without = (name_of(m, given, usual) for m in (model, random))
    path, names = tmp_path / "resnet34-b627a593.pth", {missing}
    for content in (b"one", b"another"):
        path.write_bytes(content)
        names.add(name_of(model, given, usual))
        assert name_of(model, given, usual) in names
    assert len(names) == 3
    assert name_of(random, given, usual) == without
    monkeypatch.setattr("models.weights.starts.digest", lambda path: "b627a593" + "0" * 8)
    assert name_of(model, given, usual) == missing


def test_a_network_of_a_plugin_depends_on_the_recipe(tmp_path, data, monkeypatch):
    from models.training.recipe import RECIPES

    models.model("Net", family="deep", inputs="images")(lambda context: None)
    try:
        (model,) = models.select(["Net"])
        before = name_of(model, inputs(data), settings())
        other = dataclasses.replace(RECIPES["quick"], epochs=9)
        monkeypatch.setitem(RECIPES, "quick", other)
        assert name_of(model, inputs(data), settings()) != before
    finally:
        models.forget_models(str(Path(__file__).resolve()))


def test_a_changed_cell_of_the_data_is_another_trial(tmp_path, data):
    model = a_model(tmp_path)
    before = name_of(model, inputs(data), settings())
    frame = pd.read_csv(data)
    frame.loc[70, "a"] += 1e-9
    frame.to_csv(data, index=False)
    assert name_of(model, inputs(data), settings()) != before


# --- how many at a time -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "classical", "deep"),
    [
        ({}, (8, 1), (1, 8)),
        ({"threads": 2}, (4, 2), (1, 2)),
        ({"threads": 3}, (2, 3), (1, 3)),
        ({"threads": 16}, (1, 16), (1, 16)),
        ({"jobs": 2}, (2, 1), (1, 8)),
        ({"jobs": 2, "threads": 4}, (2, 4), (1, 4)),
        ({"jobs": 8, "threads": 8}, (8, 8), (1, 8)),
    ],
)
def test_no_more_threads_than_cores_unless_asked(
    tmp_path, data, monkeypatch, given, classical, deep
):
    """Each expected pair: trials at a time, threads of each."""
    monkeypatch.setattr(processes, "cores", lambda: 8)
    chosen = [a_model(tmp_path), a_model(tmp_path, family="deep")]
    lanes = plan(chosen, inputs(data), settings(**given))
    seen = [(lane.jobs, lane.trials[0].context.threads) for lane in lanes]
    assert seen == [classical, deep]


def test_the_row_says_how_many_threads_it_had(data, tmp_path):
    board = benchmark.run(data, models=["DummyClassifier"], threads=2, out=tmp_path / "out")
    assert set(board.to_frame()["threads"]) == {2}


def test_long_trials_start_first_and_unknown_ones_before_them(data, tmp_path):
    chosen = [
        *models.select(["GaussianNB", "NuSVC", "XGBClassifier"]),
        dataclasses.replace(a_model(tmp_path), name="Mine"),
    ]
    classical, _ = plan(chosen, inputs(data), settings())
    order = [trial.model.name for trial in classical.trials]
    assert order == ["Mine", "XGBClassifier", "NuSVC", "GaussianNB"]


# --- going on ---------------------------------------------------------------------------------


def test_a_second_run_runs_and_writes_no_trial_again(data, tmp_path, capfd):
    out = tmp_path / "out"
    chosen = [*QUICK, "ResNet9"]
    first = benchmark.run(data, models=chosen, out=out)
    before = kept(out)
    capfd.readouterr()
    second = benchmark.run(data, models=chosen, out=out)
    assert kept(out) == before
    assert "4 finished trials are kept, 0 to run" in capfd.readouterr().err
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame())


def test_a_run_of_more_models_keeps_the_first_ones(data, tmp_path):
    out = tmp_path / "out"
    benchmark.run(data, models=QUICK[:1], out=out)
    before = kept(out)
    board = benchmark.run(data, models=QUICK, out=out)
    assert before.items() <= kept(out).items()
    assert statuses(board) == dict.fromkeys(QUICK, "ok")


def test_retry_runs_what_failed_and_nothing_else(data, tmp_path, plugin):
    out, marker = tmp_path / "out", tmp_path / "marker"
    files = [
        plugin(Fails=f"if not os.path.exists({str(marker)!r}): raise ValueError('no marker')"),
    ]
    chosen = ["GaussianNB", "Fails", "ResNet9"]
    assert statuses(benchmark.run(data, models=chosen, plugins=files, out=out)) == {
        "GaussianNB": "ok", "Fails": "failed", "ResNet9": "skipped",
    }  # fmt: skip
    before = kept(out)
    marker.touch()
    benchmark.run(data, models=chosen, plugins=files, out=out)
    assert kept(out) == before, "without --retry a failure stands"
    board = benchmark.run(data, models=chosen, plugins=files, out=out, retry=True)
    assert statuses(board) == {"GaussianNB": "ok", "Fails": "ok", "ResNet9": "skipped"}
    failed = next(record.trial for record in Store(out).records() if record.model == "Fails")
    for name, content in before.items():
        assert (kept(out)[name] == content) == (not name.startswith(failed))


def test_what_was_unavailable_is_asked_again(data, tmp_path, plugin):
    out, licence = tmp_path / "out", tmp_path / "licence"
    body = f"if not os.path.exists({str(licence)!r}): raise Unavailable('no licence; buy one')"
    files = [plugin(Licensed=body)]
    board = benchmark.run(data, models=["Licensed"], plugins=files, out=out)
    assert set(board.to_frame()["reason"]) == {"no licence; buy one"}
    licence.touch()
    board = benchmark.run(data, models=["Licensed"], plugins=files, out=out)
    assert statuses(board) == {"Licensed": "ok"}


def test_models_of_pictures_are_skipped_on_a_table_and_say_why(data, tmp_path):
    board = benchmark.run(data, models=["ResNet*", "GaussianNB"], out=tmp_path / "out")
    frame = board.to_frame()
    skipped = frame[frame["family"] == "deep"]
    assert len(skipped) == 2 * len(models.select(["ResNet*"]))
    assert set(skipped["status"]) == {"skipped"}
    assert set(skipped["reason"]) == {"needs pictures, and this dataset is a feature table"}
    assert set(frame[frame["model"] == "GaussianNB"]["status"]) == {"ok"}


def test_a_second_run_in_the_same_folder_at_the_same_time_is_refused(data, tmp_path):
    from benchmark.trials.folder import sole_use

    out = tmp_path / "out"
    with sole_use(out), pytest.raises(InputError, match=r"another run is at work in .*out; wait"):
        benchmark.run(data, models=QUICK, out=out)
    assert list(out.iterdir()) == []
    benchmark.run(data, models=QUICK[:1], out=out)


def test_five_ways_to_break_are_five_true_rows_and_touch_no_other(data, tmp_path, plugin):
    """And scores that are none, whose labels are sound, cost their row the scores alone."""
    alone = tmp_path / "alone"
    benchmark.run(data, models=QUICK, out=alone)
    broken = plugin(
        Raises="raise RuntimeError('something is off')",
        Hangs="signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
        Eats="held = []\nwhile True: held.append(np.ones(4_000_000))",
        Kills="os.kill(os.getpid(), signal.SIGKILL)",
        Misshapes="self.predict = lambda X: np.zeros((len(X), 3))",
        Nans="self.predict_proba = lambda X: np.full((len(X), 3), np.nan)",
    )
    out = tmp_path / "out"
    board = benchmark.run(
        data,
        models=[*QUICK, "Raises", "Hangs", "Eats", "Kills", "Misshapes", "Nans"],
        plugins=[broken], out=out, timeout=10, memory_limit=1.2,
    )  # fmt: skip
    assert statuses(board) == {
        **dict.fromkeys(QUICK, "ok"), "Raises": "failed", "Hangs": "timeout", "Eats": "memory",
        "Kills": "failed", "Misshapes": "failed", "Nans": "ok",
    }  # fmt: skip
    frame = board.to_frame().drop_duplicates("model").set_index("model")
    for model, reason in {
        "Raises": "RuntimeError: something is off",
        "Hangs": "killed after 10 s (--timeout)",
        "Eats": "the limit is 1.20 GB (--memory-limit)",
        "Kills": "killed by signal 9 (SIGKILL)",
        "Misshapes": "predict returned shape (15, 3) for 15 pictures",
    }.items():
        assert reason in frame.loc[model, "reason"]
    assert frame.loc["Nans", "accuracy"] == frame.loc["DummyClassifier", "accuracy"]
    assert frame.loc["Nans", ["roc_auc", "log_loss"]].isna().all()
    (nans,) = (record for record in Store(out).records() if record.model == "Nans")
    seen = "predict_proba returned NaN or infinity for 15 of 15 pictures"
    assert nans.notes == (f"{seen}; its scores are left out",)
    assert frame.loc[["Raises", "Hangs", "Eats", "Kills"], "accuracy"].isna().all()
    for record in Store(alone).records():
        for split, expected in Store(alone).predictions(record.trial).items():
            found = Store(out).predictions(record.trial)[split]
            np.testing.assert_array_equal(found.predicted, expected.predicted)
            np.testing.assert_array_equal(found.scores, expected.scores)


def test_it_works_where_there_is_no_forkserver(data, tmp_path, monkeypatch, plugin):
    monkeypatch.setattr(processes, "context", lambda: multiprocessing.get_context("spawn"))
    board = benchmark.run(
        data,
        models=["GaussianNB", "Fails", "Kills"],
        plugins=[plugin(Fails="raise ValueError('x')", Kills="os.kill(os.getpid(), 9)")],
        out=tmp_path / "out",
        jobs=2,
    )
    assert statuses(board) == {"GaussianNB": "ok", "Fails": "failed", "Kills": "failed"}


# --- the whole command, interrupted ------------------------------------------------------------


@pytest.fixture
def command(data, tmp_path, plugin):
    """Start `python -m benchmark run` on the table; returns the process and what it starts."""
    log = tmp_path / "pids"
    note = f"open({str(log)!r}, 'a').write(str(os.getpid()) + '\\n')"
    started = []

    def start(nap: float, **extra: str) -> subprocess.Popen:
        bodies = {f"Naps{i}": f"{note}\ntime.sleep({nap})" for i in range(6)}
        # A name is asked for on the command line, its sleep is not: the trials stay the same.
        file = plugin(**bodies, **extra)
        process = subprocess.Popen(
            [
                sys.executable, "-m", "benchmark", "run", "--data", str(data), "--jobs", "2",
                "--models", ",".join([*bodies, *extra]), "--plugin", str(file),
                "--out", str(tmp_path / "out"),
            ],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    start.log = log
    yield start
    for process in started:
        process.kill()
        process.wait()


def trials_left(log: Path, patience: float = 10.0) -> list[int]:
    """Processes of trials that still live after some seconds' patience."""
    pids = {int(line) for line in log.read_text().split()} if log.exists() else set()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        pids = {
            pid
            for pid in pids
            if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        }
        if not pids:
            break
        time.sleep(0.05)
    return sorted(pids)


def wait_for(condition, process, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_five_kills_at_random_moments_then_a_clean_finish(command, tmp_path):
    out = tmp_path / "out"
    moments = random.Random(5)
    finished: dict[str, tuple[bytes, int]] = {}
    for kill in range(5):
        process = command(nap=0.15)
        wait_for(lambda seen=kill: len(records(out)) >= seen, process)
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert trials_left(command.log) == []
        found = {path.name: kept(out)[path.name] for path in records(out)}
        assert finished.items() <= found.items(), "a finished record was rewritten or lost"
        finished = found
    process = command(nap=0.15)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert finished.items() <= kept(out).items()
    names = [record.model for record in Store(out).records()]
    assert sorted(names) == [f"Naps{i}" for i in range(6)]
    assert [path.name for path in out.rglob("*") if path.name.startswith(".")] == []
    assert len(list(out.glob("predictions/*"))) == 6


def test_a_killed_run_takes_models_that_hang_in_c_and_their_processes_with_it(command):
    note = f"open({str(command.log)!r}, 'a').write(str(pid) + '\\n')"
    process = command(
        nap=0,
        Hangs=f"""
        import ctypes
        for pid in (os.getpid(), subprocess.Popen(["sleep", "600"]).pid):
            {note}
        ctypes.PyDLL(None).sleep(600)
        """,
    )
    wait_for(lambda: command.log.exists() and len(command.log.read_text().split()) == 8, process)
    process.kill()
    process.communicate()
    assert trials_left(command.log) == []


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(command, tmp_path):
    process = command(nap=0.4)
    out = tmp_path / "out"
    wait_for(lambda: len(records(out)) >= 2, process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    n = len(records(out))
    assert err.splitlines()[-1] == (
        f"interrupted: {n} finished trials are kept in {out}; the same command goes on from there"
    )
    assert "Traceback" not in err
    assert trials_left(command.log) == []
    finished = kept(out)
    assert 2 <= n < 6
    again = command(nap=0.4)
    _, err = again.communicate(timeout=60)
    assert f"{n} finished trials are kept, {6 - n} to run" in err
    assert finished.items() <= kept(out).items()
