"""A plugin file is a module that any process can import."""

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchmark
import models
from benchmark import InputError, plugins
from benchmark.plugins.files import file_of, module_name
from results import Store

ROOT = Path(plugins.__file__).parents[2]

NAMES = ["plain.py", "my-model.v2.py", "random.py", "torch_model.py", "with space.py", "modèle.py"]

# Each way hands a function of the plugin's and one of its helper's to processes of its own.
WORKING = """\
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier

import helper
from models import model


def own(number):
    return number + 1


class Numbers:
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return helper.double(index)


def by_pool(start):
    with multiprocessing.get_context(start).Pool(2) as pool:
        return [*pool.map(own, range(3)), *pool.map(helper.double, range(3))]


def by_loky():
    jobs = [delayed(each)(number) for each in (own, helper.double) for number in range(3)]
    return Parallel(2, backend="loky")(jobs)


def by_futures():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [*pool.map(own, range(3)), *pool.map(helper.double, range(3))]


def by_loader(start):
    from torch.utils.data import DataLoader

    loader = DataLoader(Numbers(), num_workers=2, multiprocessing_context=start)
    return [*map(own, range(3)), *(int(batch[0]) for batch in loader)]


WAYS = {
    "spawn": lambda: by_pool("spawn"),
    "forkserver": lambda: by_pool("forkserver"),
    "loky": by_loky,
    "futures": by_futures,
    "loader-spawn": lambda: by_loader("spawn"),
    "loader-fork": lambda: by_loader("fork"),
}


class Working(DummyClassifier):
    def fit(self, X, y):
        import later

        self.notes_ = [f"{later.NAME} {WAYS[self.constant]()}"]
        return super().fit(X, y)


for way in WAYS:
    model(f"{helper.NAME}-{way}", family="classical", inputs="features")(
        lambda context, way=way: Working(constant=way)
    )
"""


def write(folder: Path, file: str, name: str, factor: int) -> Path:
    folder.mkdir()
    (folder / "helper.py").write_text(
        f"NAME = {name!r}\ndef double(number): return {factor} * number\n"
    )
    (folder / "later.py").write_text(f"NAME = 'later of {name}'\n")
    (folder / file).write_text(WORKING)
    return folder / file


def table(path: Path) -> Path:
    labels = np.arange(24) % 2
    splits = ["train"] * 12 + ["val"] * 6 + ["test"] * 6
    pd.DataFrame({"a": labels + 0.5, "split": splits, "label": labels}).to_csv(path, index=False)
    return path


def run_ways(tmp_path, monkeypatch, ways):
    """Notes of two plugins' models, of folders that both have other modules of the same names."""
    files = [
        write(tmp_path / "one", "plugin.py", "one", 2),
        write(tmp_path / "two", "random.py", "two", 5),  # a name of Python's own
    ]
    (tmp_path / "helper.py").write_text("raise ValueError('the current folder')\n")
    monkeypatch.chdir(tmp_path)
    out, path = tmp_path / "out", list(sys.path)
    try:
        benchmark.run(
            table(tmp_path / "table.csv"), plugins=files, jobs=2, timeout=120, out=out,
            models=[f"{name}-{way}" for name in ("one", "two") for way in ways],
        )  # fmt: skip
    finally:
        sys.path[:] = path
        for file in files:
            models.forget_models(str(file))
    records = Store(out).records()
    assert {record.model: record.reason for record in records if not record.ok} == {}
    return {record.model: record.notes[0] for record in records}


def expected(ways):
    return {
        f"{name}-{way}": f"later of {name} {[1, 2, 3, 0, factor, 2 * factor]}"
        for name, factor in (("one", 2), ("two", 5))
        for way in ways
    }


def test_functions_of_a_plugin_and_of_its_helper_work_in_processes_of_its_own(
    tmp_path, monkeypatch
):
    ways = ("spawn", "loky")
    assert run_ways(tmp_path, monkeypatch, ways) == expected(ways)


@pytest.mark.slow
def test_so_they_do_by_every_way_to_start_processes(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    ways = ("forkserver", "futures", "loader-spawn", "loader-fork")
    assert run_ways(tmp_path, monkeypatch, ways) == expected(ways)


@pytest.mark.parametrize("name", NAMES)
def test_what_one_process_pickles_another_reads_whatever_the_file_is_called(tmp_path, name):
    file = tmp_path / name
    file.write_text("class Thing:\n    pass\n")
    plugins.load_plugin(file)
    thing = sys.modules[module_name(file)].Thing()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thing.pickle").write_bytes(pickle.dumps(thing))
    code = "import pickle; print(type(pickle.load(open('thing.pickle', 'rb'))).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=elsewhere, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "Thing", done.stderr


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=()), min_size=1))
def test_the_name_of_a_module_says_where_its_file_is(stem):
    path = Path("/folder") / f"{stem}.py"
    name = module_name(path)
    assert file_of(name) == str(path)
    assert name.count(".") == module_name(Path("/a/b.py")).count(".")
    assert name.isprintable()


def test_another_module_is_no_plugin_file():
    assert file_of("benchmark.plugins.loading") is None
    assert file_of("numpy") is None


def test_a_run_that_a_plugin_starts_is_refused_in_its_own_processes_too(tmp_path):
    file = tmp_path / "careless.py"
    file.write_text("class Thing: pass\n")
    plugins.load_plugin(file)
    pickled = pickle.dumps(sys.modules[module_name(file)].Thing())
    file.write_text("class Thing: pass\nimport benchmark\nbenchmark.run()\n")
    del sys.modules[module_name(file)]
    with pytest.raises(InputError, match="starts a run while it is loaded"):
        pickle.loads(pickled)  # noqa: S301 - our own


def test_torchvision_is_mended_before_and_torch_not_imported_for_it(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "plain.py").write_text("")
    (tmp_path / "vision.py").write_text("import torchvision\ntorchvision.models.resnet18\n")
    code = textwrap.dedent("""
        import sys
        from benchmark import plugins
        plugins.load_plugin("plain.py")
        assert "torch" not in sys.modules
        plugins.load_plugin("vision.py")
    """)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
