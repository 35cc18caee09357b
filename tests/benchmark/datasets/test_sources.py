"""Datasets that have a name: the built-in ones, declared ones, and all of them as files."""

import os
import subprocess
import sys

import numpy as np
import pytest

from benchmark import InputError, datasets
from benchmark.datasets import ArrayPictures, Dataset, Split
from benchmark.datasets.folds import CLASSES, modelled_folds
from benchmark.datasets.registry import dataset

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (4, 7, 9, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _only_the_built_in_ones():
    yield
    datasets.forget_datasets(__file__)


def colours(seed=0):
    splits = {
        name: Split(
            np.array([0, 1, 0, 1]), [f"{name}/{x}/1" for x in "abcd"], ArrayPictures(COLOUR)
        )
        for name in ("train", "val")
    }
    return Dataset("colours", "colours", ("cat", "dog"), splits)


def declare():
    @dataset("colours")
    def load(seed):
        """Noise in colour.

        And more about it.
        """
        return colours(seed)


def test_a_declared_dataset_is_listed_and_loaded():
    declare()
    listed = datasets.sources()
    assert [source.name for source in listed] == ["folds", "digits", "textures", "colours"]
    assert listed[-1].description == "Noise in colour."
    assert listed[-1].origin == __file__
    assert datasets.load("colours").fingerprint == colours().fingerprint


def test_a_forgotten_dataset_can_be_declared_again():
    declare()
    datasets.forget_datasets(__file__)
    declare()
    assert datasets.load("colours").name == "colours"


@pytest.mark.parametrize("name", ["folds", "colours"])
def test_a_name_that_is_taken_is_refused(name):
    declare()
    with pytest.raises(InputError, match=f"dataset name '{name}' is used twice"):
        dataset(name)(colours)


def test_what_a_declared_dataset_raises_is_told_with_its_file():
    @dataset("broken")
    def load(seed):
        raise RuntimeError("no connection\nat all")

    with pytest.raises(InputError, match=f"'broken' in {__file__} does not load: RuntimeError: no"):
        datasets.load("broken")


def test_a_declared_dataset_that_is_none_is_refused():
    dataset("nothing")(lambda seed: None)
    with pytest.raises(InputError, match="returned NoneType; return a Dataset"):
        datasets.load("nothing")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("digit", "did you mean digits?"),
        ("./photos", "neither a path that exists nor the name"),
        ("", "'' is neither a path"),
        ("x" * 5000, "File name too long"),
        ("a\0b", "neither a path that exists"),
    ],
)
def test_what_is_neither_a_path_nor_a_name_is_refused(name, said):
    with pytest.raises(InputError) as refused:
        datasets.load(name)
    assert said in str(refused.value)


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(InputError, match=r"x\.txt is a file of unknown kind; give a folder, \.npz"):
        datasets.load(tmp_path / "x.txt")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_numpy_does_not_take_is_refused(seed):
    with pytest.raises(InputError, match=f"--seed is {seed}"):
        datasets.load("digits", seed=seed)


# --- export ----------------------------------------------------------------------------------


def by_picture(made):
    """Every picture of a dataset as (split, class name, pixels), sorted."""
    return sorted(
        (name, made.classes[label], split.pictures.load(index).tobytes())
        for name, split in made.splits.items()
        for index, label in enumerate(split.labels)
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "new"
    declare()
    try:
        with pytest.MonkeyPatch.context() as patch:
            few = lambda sizes, seed: modelled_folds(FEW, seed)  # noqa: E731
            patch.setattr("benchmark.datasets.folds.modelled_folds", few)
            written = datasets.export(folder, seed=3)
    finally:
        datasets.forget_datasets(__file__)
    return folder, written


FEW = {"train": 12, "val": 3, "test": 6}


def few_folds(seed):
    return Dataset.from_arrays("folds", "folds", CLASSES, modelled_folds(FEW, seed))


def test_every_dataset_of_pictures_is_exported(exported):
    folder, written = exported
    assert written == [folder / name for name in ("folds", "digits", "textures", "colours")]
    assert {path.name for path in (folder / "folds/train").iterdir()} == {
        "box",
        "chevron",
        "rounded",
    }


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("folds", lambda: few_folds(3)),
        ("digits", lambda: datasets.load("digits")),
        ("textures", lambda: datasets.load("textures")),
        ("colours", colours),
    ],
)
def test_an_exported_folder_loads_as_the_same_pictures_and_labels(exported, name, made):
    folder, _ = exported
    assert by_picture(datasets.load(folder / name)) == by_picture(made())


def test_an_export_overwrites_nothing(tmp_path):
    (tmp_path / "textures").mkdir()
    with pytest.raises(InputError, match="textures exists already"):
        datasets.export(tmp_path)
    assert list(tmp_path.rglob("*")) == [tmp_path / "textures"]


def test_an_export_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"--export .*file is a file; choose a folder"):
        datasets.export(tmp_path / "file")


def test_class_order_does_not_hang_on_the_hash_seed(tmp_path):
    (tmp_path / "x.csv").write_text(
        "split,label,x\n" + "train,1,1\ntrain,01,2\ntrain,001,2\ntest,1,1\n"
    )
    code = "from benchmark import datasets; print(datasets.load('x.csv').fingerprint)"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
