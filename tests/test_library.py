"""The library from a plain script and a notebook, as DESIGN.md shows it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import benchmark
import models

ROOT = Path(__file__).parents[1]
COLUMNS = (
    "rank,tied,model,family,training,inputs,split,n,accuracy,accuracy_low,accuracy_high,"
    "balanced_accuracy,f1_weighted,f1_macro,roc_auc,log_loss,ece,mcc,fit_seconds,predict_seconds,"
    "feature_seconds,total_seconds,device,threads,peak_memory_mb,parameters,seed,status,reason"
)
CHOSEN = ["GaussianNB", "DummyClassifier", "ResNet9"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    generator = np.random.default_rng(3)
    labels = np.arange(60) % 2
    frame = pd.DataFrame({"a": labels + generator.normal(size=60), "b": generator.normal(size=60)})
    frame["split"] = ["train"] * 30 + ["val"] * 10 + ["test"] * 20
    frame["label"] = np.array(["folded", "flat"])[labels]
    path = tmp_path_factory.mktemp("library") / "table.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def ran(data, tmp_path_factory):
    """A board and the folder that it was written to."""
    out = tmp_path_factory.mktemp("library") / "out"
    return benchmark.run(data, models=CHOSEN, out=out), out


def script(path: Path, text: str) -> Path:
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def run_script(path: Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(path)], cwd=path.parent, env=environment, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_plain_script_without_a_main_guard_runs_once(data, tmp_path):
    path = script(
        tmp_path / "plain.py",
        f"""
        print("top of the script")
        import benchmark
        board = benchmark.run({str(data)!r}, models={CHOSEN!r}, out="out")
        print(list(board.to_frame()["status"]))
        """,
    )
    done = run_script(path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "top of the script",
        "['ok', 'ok', 'skipped', 'ok', 'ok', 'skipped']",
    ]


def test_a_script_can_declare_a_model_and_run_it(data, tmp_path):
    path = script(
        tmp_path / "mine.py",
        f"""
        import benchmark
        from models import model
        from sklearn.dummy import DummyClassifier

        @model("Mine", family="classical", inputs="features")
        def build(context):
            return DummyClassifier(strategy="stratified", random_state=context.seed)

        if __name__ == "__main__":
            board = benchmark.run({str(data)!r}, models=["Mine"], out="out")
            print(list(board.to_frame()["status"]))
        """,
    )
    done = run_script(path)
    assert done.stdout.splitlines() == ["['ok', 'ok']"], done.stderr


def test_a_script_that_declares_a_model_without_a_guard_is_told_what_to_do(data, tmp_path):
    path = script(
        tmp_path / "unguarded.py",
        f"""
        import benchmark
        from models import model
        from sklearn.dummy import DummyClassifier

        model("Mine", family="classical", inputs="features")(lambda context: DummyClassifier())
        board = benchmark.run({str(data)!r}, models=["Mine"], out="out")
        print(list(board.to_frame()["reason"])[0])
        """,
    )
    done = run_script(path)
    assert done.returncode == 0, done.stderr
    (reason,) = done.stdout.splitlines()
    assert "unguarded.py" in reason
    assert 'if __name__ == "__main__":' in reason


def test_a_model_declared_in_a_notebook_is_told_to_go_into_a_file():
    cell = compile(
        "from models import model\n"
        "model('InACell', family='classical', inputs='features')(lambda context: None)",
        "/tmp/ipykernel_1/123.py",
        "exec",
    )
    with pytest.raises(models.ModelError, match=r"'InACell'.*put the model into a file") as raised:
        exec(cell, {})
    assert "\n" not in str(raised.value)


def test_a_board_as_a_table_has_the_columns_of_the_design_and_of_the_file(ran):
    board, out = ran
    frame = board.to_frame()
    assert ",".join(frame.columns) == COLUMNS
    assert (out / "leaderboard.csv").read_text().splitlines()[0] == COLUMNS
    assert len(frame) == len(CHOSEN) * 2
    assert set(frame["split"]) == {"val", "test"}


def test_a_board_shows_itself_in_a_notebook(ran):
    shown = ran[0]._repr_html_()
    assert "<table" in shown
    assert all(name in shown for name in CHOSEN)


def test_a_board_stands_beside_the_published_one(ran):
    board, _ = ran
    beside = board.compare("published").to_frame()
    rows = beside[beside["model"] == "GaussianNB"].set_index("split")
    ours = board.to_frame().set_index(["model", "split"])["accuracy"]["GaussianNB"]
    assert rows["accuracy_first"].to_dict() == ours.to_dict()
    np.testing.assert_allclose(rows["difference"], rows["accuracy_other"] - rows["accuracy_first"])


def test_report_makes_the_same_files_again_from_the_records_alone(ran):
    board, out = ran
    before = (out / "leaderboard.csv").read_bytes()
    for name in ("leaderboard.csv", "leaderboard.md", "report.html"):
        (out / name).unlink()
    again = benchmark.report(out)
    pd.testing.assert_frame_equal(again.to_frame(), board.to_frame())
    assert (out / "leaderboard.csv").read_bytes() == before
    assert (out / "leaderboard.md").exists()
    assert (out / "report.html").exists()


def test_the_library_has_the_command_s_defaults():
    import inspect

    from benchmark.cli import runs

    command = inspect.signature(runs.run_command).parameters
    library = inspect.signature(benchmark.run).parameters
    for name, parameter in library.items():
        default = command[name].default
        assert (default or ()) == (parameter.default or ()), name


def test_check_puts_a_plugin_file_s_models_through_the_suite(tmp_path):
    path = script(
        tmp_path / "checked.py",
        """
        from models import model
        from sklearn.naive_bayes import GaussianNB

        @model("Fine", family="classical", inputs="images")
        def build(context):
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import FunctionTransformer
            return make_pipeline(FunctionTransformer(flat), GaussianNB())

        def flat(pictures):
            return pictures.reshape(len(pictures), -1) / 255.0
        """,
    )
    try:
        findings = benchmark.check(path)
    finally:
        models.forget_models(str(path.resolve()))
    assert {finding.subject for finding in findings} == {"Fine"}
    assert all(finding.passed for finding in findings), [str(finding) for finding in findings]
