"""What lies beside a plugin is what it imports, whatever else bears the name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import models
from benchmark import plugins
from benchmark.plugins.beside import is_library, names_beside

ROOT = Path(plugins.__file__).parents[2]

READS_HELPER = """\
import helper
from models import model
model(f"says {helper.WHO}", family="classical", inputs="features")(lambda context: None)
"""


@pytest.fixture
def folders(tmp_path):
    """Two folders, each with a plugin and a helper of its own."""
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "plugin.py").write_text(READS_HELPER)
        (folder / "helper.py").write_text(f"WHO = {name!r}\n")
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    for name in ("one", "two"):
        models.forget_models(str(tmp_path / name / "plugin.py"))


def declared(folder: Path) -> list[str]:
    return [m.name for m in models.registered() if m.origin == str(folder / "plugin.py")]


def test_two_plugins_have_each_their_own_helper(folders):
    for name in ("one", "two"):
        plugins.load_plugin(folders / name / "plugin.py")
    assert [declared(folders / name) for name in ("one", "two")] == [["says one"], ["says two"]]


def test_an_edited_helper_is_read_again_even_within_a_second(folders):
    plugins.load_plugin(folders / "one" / "plugin.py")
    (folders / "one" / "helper.py").write_text("WHO = 'eno'\n")
    plugins.load_plugin(folders / "one" / "plugin.py")
    assert declared(folders / "one") == ["says eno"]
    assert not (folders / "one" / "__pycache__").exists()


def test_a_module_of_the_caller_s_keeps_its_name(folders, tmp_path, monkeypatch):
    (tmp_path / "helper.py").write_text("WHO = 'the caller'\n")
    monkeypatch.syspath_prepend(tmp_path)
    import helper

    plugins.load_plugin(folders / "one" / "plugin.py")
    assert declared(folders / "one") == ["says one"]
    assert sys.modules["helper"] is helper
    assert helper.WHO == "the caller"


def test_a_package_beside_and_a_module_in_it(folders):
    package = folders / "one" / "helper"
    package.mkdir()
    (folders / "one" / "helper.py").rename(package / "names.py")
    (package / "__init__.py").write_text("from .names import WHO\n")
    plugins.load_plugin(folders / "one" / "plugin.py")
    assert declared(folders / "one") == ["says one"]


def test_libraries_come_first_and_that_is_said_where_it_may_not_be_meant(tmp_path, caplog):
    (tmp_path / "random.py").write_text(
        "import random, numpy, helper\nassert numpy.__file__ and random.random and helper.WHO\n"
    )
    (tmp_path / "numpy.py").write_text("raise ValueError('no library')\n")
    (tmp_path / "helper.py").write_text("WHO = 1\n")
    assert names_beside(tmp_path) == {"helper"}
    plugins.load_plugin(tmp_path / "random.py")
    (warning,) = (record.getMessage() for record in caplog.records)
    assert "imports numpy from the installed library, not from beside it" in warning


def test_what_is_a_library():
    assert all(map(is_library, ["random", "numpy", "sklearn", "models", "benchmark"]))
    assert not any(map(is_library, ["helper", "no_such_thing"]))


def test_the_current_folder_is_no_matter(folders):
    (folders / "helper.py").write_text("raise ValueError('the current folder')\n")
    code = "from benchmark import plugins; plugins.load_plugin('one/plugin.py')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folders, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folders), str(ROOT)])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
