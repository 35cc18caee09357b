"""Plugin files and installed plugins: loaded, loaded again, and refused in one line."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

import models
from benchmark import plugins
from benchmark.errors import InputError
from models import ModelError

ROOT = Path(plugins.__file__).parents[1]


def declaring(*names: str) -> str:
    lines = [f"model({n!r}, family='classical', inputs='features')(lambda c: {n!r})" for n in names]
    return "\n".join(["from models import model", *lines]) + "\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plugin.py"
    before = models.registered()
    yield path
    models.forget_models(str(path))
    assert models.registered() == before


def names_of(path: Path) -> list[str]:
    return [model.name for model in models.registered() if model.origin == str(path)]


def test_a_plugin_file_declares_its_models(file):
    file.write_text(declaring("One", "Two"))
    plugins.load_plugin(file)
    assert names_of(file) == ["One", "Two"]


def test_a_file_that_was_edited_replaces_what_it_declared(file):
    file.write_text(declaring("One", "Two"))
    plugins.load_plugin(file)
    file.write_text(declaring("Two", "Three") + "# longer\n")
    plugins.load_all([file, file])
    assert names_of(file) == ["Two", "Three"]


def test_a_relative_path_is_the_same_plugin(file, monkeypatch):
    file.write_text(declaring("One"))
    plugins.load_plugin(file)
    monkeypatch.chdir(file.parent)
    plugins.load_plugin("plugin.py")
    assert names_of(file) == ["One"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\nraise ValueError('a\\nb')", r"plugin.py:2 does not run: ValueError: a b"),
        ("x = (\n", r"plugin.py:1 does not run: SyntaxError"),
        ("import nonexistent_library", r"plugin.py:1 does not run: ModuleNotFoundError"),
        ("import sys\nsys.exit(3)", r"plugin.py:2 does not run: SystemExit: 3"),
        ("x = '\0'", r"plugin.py.* does not run: "),
        ("import benchmark\nbenchmark.run()", r"plugin.py starts a run while it is loaded"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_run_is_refused_with_its_line_and_leaves_nothing(file, text, reason):
    file.write_text(text + "\n")
    with pytest.raises(InputError, match=reason) as raised:
        plugins.load_plugin(file)
    assert "\n" not in str(raised.value)


def test_what_a_file_declared_before_it_broke_off_is_forgotten(file):
    file.write_text(declaring("Half") + "raise ValueError('half-way')\n")
    with pytest.raises(InputError, match=r"plugin.py:3 does not run: ValueError: half-way"):
        plugins.load_plugin(file)
    assert names_of(file) == []
    file.write_text(declaring("Half", "SVC"))
    with pytest.raises(ModelError, match="'SVC' is used twice"):
        plugins.load_plugin(file)
    assert names_of(file) == []


@pytest.mark.parametrize(
    ("name", "reason"), [("missing.py", "not a file that exists"), ("notes.txt", "end in .py")]
)
def test_what_is_no_python_file_is_refused(tmp_path, name, reason):
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(InputError, match=reason):
        plugins.load_plugin(tmp_path / name)


def test_an_installed_plugin_is_a_row_like_any_other(tmp_path):
    """A distribution with an entry point, as pip would install it, seen by the children too."""
    site = tmp_path / "site"
    info = site / "installed_plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: installed-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[benchmark.models]\nmine = installed_plugin\n")
    (site / "installed_plugin.py").write_text(
        textwrap.dedent("""
            from models import model
            from sklearn.dummy import DummyClassifier

            @model("Installed", family="classical", inputs="features")
            def build(context):
                return DummyClassifier()
        """)
    )
    rows = pd.DataFrame({"a": range(12), "label": ["x", "y"] * 6, "split": ["train", "test"] * 6})
    rows["label"] = ["x", "x", "y", "y"] * 3
    rows.to_csv(tmp_path / "table.csv", index=False)
    done = subprocess.run(
        [sys.executable, "-m", "benchmark", "run", "--data", "table.csv", "--models", "Installed"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    board = pd.read_csv(tmp_path / "runs" / "table-quick" / "leaderboard.csv")
    assert list(board["model"]) == ["Installed"]
    assert list(board["status"]) == ["ok"]
