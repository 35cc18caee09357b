"""A trial's name covers the code that computes it; results under former names are gone on with."""

import dataclasses
import os
from importlib import metadata

import numpy as np
import pandas as pd
import pytest

import benchmark
import models
from benchmark import datasets, plugins
from benchmark.inputs.prepare import Inputs
from benchmark.request import Request
from benchmark.trials import plan as planning
from benchmark.trials.plan import as_kept, plan
from results import Store

PLUGIN = """\
from sklearn.naive_bayes import GaussianNB
from models import model

@model("Helped", family="classical", inputs="features")
def build(context):
    import helper
    return GaussianNB(var_smoothing=helper.SMOOTHING)
"""


@pytest.fixture
def data(tmp_path):
    generator = np.random.default_rng(0)
    labels = np.arange(90) % 3
    table = pd.DataFrame({"a": generator.normal(size=90) + 2 * labels, "label": labels})
    table["split"] = ["train"] * 60 + ["val"] * 15 + ["test"] * 15
    table.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


@pytest.fixture
def helped(tmp_path):
    """A plugin whose helper is imported when its model is built."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "plugin.py").write_text(PLUGIN)
    (folder / "helper.py").write_text("SMOOTHING = 1e-9\n")
    yield folder / "plugin.py"
    models.forget_models(str(folder / "plugin.py"))


def lanes_of(names, data, definition="published-1"):
    request = Request(image_size=32, device="cpu", offline=True, weights_dir="")
    inputs = Inputs(datasets.load(data), {}, {}, (), "", definition, None, {})
    return plan(models.select(names), inputs, request)


def trials_of(names, data):
    return {trial.model.name: trial for lane in lanes_of(names, data) for trial in lane.trials}


def versions_with(monkeypatch, **changed):
    version = metadata.version
    changed = {name.replace("_", "-"): value for name, value in changed.items()}
    monkeypatch.setattr(metadata, "version", lambda name: changed.get(name) or version(name))


def test_another_version_of_what_computes_it_is_another_trial_and_of_nothing_else(
    data, monkeypatch
):
    names = ["GaussianNB", "LGBMClassifier", "XGBClassifier", "ResNet9"]
    before = trials_of(names, data)
    for library, concerned in {
        "numpy": set(names),
        "scikit_learn": set(names) - {"ResNet9"},
        "lightgbm": {"LGBMClassifier"},
        "torch": {"ResNet9"},
        "opencv_python_headless": {"ResNet9"},
        "rich": set(),
    }.items():
        with monkeypatch.context() as patched:
            versions_with(patched, **{library: "99.0"})
            after = trials_of(names, data)
        assert {name for name in names if after[name].name != before[name].name} == concerned
        assert all(after[name].former == before[name].former for name in names)


def test_a_helper_that_is_imported_later_is_part_of_a_plugin_s_trial(data, helped):
    plugins.load_plugin(helped)
    before = trials_of(["Helped"], data)["Helped"]
    helped.with_name("unrelated.py").write_text("")
    assert trials_of(["Helped"], data)["Helped"].name == before.name
    helped.with_name("helper.py").write_text("SMOOTHING = 1e-3\n")
    after = trials_of(["Helped"], data)["Helped"]
    assert (after.name != before.name, after.former == before.former) == (True, True)


def test_a_run_after_an_edit_of_the_helper_shows_the_new_result_alone(data, helped, tmp_path):
    said = []
    for smoothing in ("1e-9", "1e+9"):
        helped.with_name("helper.py").write_text(f"SMOOTHING = {smoothing}\n")
        board = benchmark.run(data, models="Helped", plugins=helped, out=tmp_path / "out")
        (row,) = board.to_frame().query("split == 'test'").itertuples()
        said.append(row.log_loss)
    assert said[0] != said[1]


def test_a_record_names_the_versions_that_its_plugin_s_own_libraries_had(data, helped, tmp_path):
    helped.write_text("import rich\n" + PLUGIN)
    benchmark.run(data, models="Helped", plugins=helped, out=tmp_path / "out")
    (record,) = Store(tmp_path / "out").records()
    assert record.versions["rich"] == metadata.version("rich")
    assert record.versions["numpy"] == np.__version__


@pytest.fixture
def old(data, helped, tmp_path, monkeypatch):
    """A folder as it was left when names covered neither versions nor helpers."""
    out = tmp_path / "old"
    with monkeypatch.context() as patched:
        new = planning._trial

        def named_as_before(*args):
            trial = new(*args)
            return dataclasses.replace(trial, name=trial.former)

        patched.setattr(planning, "_trial", named_as_before)
        benchmark.run(data, models=["GaussianNB", "Helped"], plugins=helped, out=out)
    return Store(out)


def kept(old, data):
    definition = old.run().feature_definition
    lanes = as_kept(lanes_of(["GaussianNB", "Helped"], data, definition), old)
    here = {record.trial for record in old.records()}
    return {t.model.name for lane in lanes for t in lane.trials if t.name in here}


def test_results_of_before_are_gone_on_with(old, data, helped):
    files = {path: path.stat().st_mtime_ns for path in old.folder.glob("*/*")}
    benchmark.run(data, models=["GaussianNB", "Helped"], plugins=helped, out=old.folder)
    assert {path: path.stat().st_mtime_ns for path in old.folder.glob("*/*")} == files
    assert kept(old, data) == {"GaussianNB", "Helped"}


def test_but_not_if_their_record_names_another_version(old, data, monkeypatch):
    versions_with(monkeypatch, scikit_learn="99.0")
    assert kept(old, data) == set()


def test_a_version_that_their_record_does_not_name_is_taken_on_trust(old, data, monkeypatch):
    for record in old.records():
        versions = {name: v for name, v in record.versions.items() if name != "scipy"}
        provenance = {**record.provenance, "versions": versions}
        old.save(dataclasses.replace(record, provenance=provenance), old.predictions(record.trial))
    versions_with(monkeypatch, scipy="99.0")
    assert kept(old, data) == {"GaussianNB", "Helped"}


def test_nor_if_a_helper_was_written_since(old, data, helped):
    os.utime(helped.with_name("helper.py"))
    assert kept(old, data) == {"GaussianNB"}
