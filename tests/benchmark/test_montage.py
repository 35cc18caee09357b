"""The montage of a dataset, as the command writes it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

import benchmark
from benchmark.cli.app import run_arguments
from features import draw_montage, forget_features


def test_the_command_draws_the_first_training_pictures_of_each_class(tmp_path, capsys):
    out = tmp_path / "montage.png"
    assert run_arguments(["features", "textures", "--montage", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    contents = benchmark.datasets.load("textures")
    train = contents.splits["train"]
    first = {
        name: [train.pictures.load(row) for row in np.flatnonzero(train.labels == label)[:3]]
        for label, name in enumerate(contents.classes)
    }
    np.testing.assert_array_equal(cv2.imread(str(out))[:, :, ::-1], draw_montage(first))


def test_a_montage_goes_to_a_png_in_a_folder_that_exists(tmp_path, capsys):
    for place, said in (("m.jpg", "must end in .png"), ("nowhere/m.png", "can't be written")):
        assert run_arguments(["features", "textures", "--montage", str(tmp_path / place)]) == 2
        assert said in capsys.readouterr().err


def folder_of(root, classes, pictures=2):
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for name in classes:
            (root / split / name).mkdir(parents=True)
            for index in range(pictures):
                picture = rng.integers(0, 256, (9, 9), dtype=np.uint8)
                cv2.imwrite(str(root / split / name / f"{index}.png"), picture)
    return root


def test_of_many_classes_the_first_twelve_are_drawn_and_the_rest_counted(tmp_path, capsys):
    many = folder_of(tmp_path / "many", [f"c{number:02d}" for number in range(14)])
    twelve = folder_of(tmp_path / "twelve", [f"c{number:02d}" for number in range(12)])
    out = tmp_path / "m.png"
    assert run_arguments(["features", str(many), "--montage", str(out)]) == 0
    read, _, said = " ".join(capsys.readouterr().err.split()).partition(" test 28 ")
    assert read == "14 classes, 56 pictures: train 28,"
    assert said == f"{many}: the first 12 classes are drawn, and 2 more classes are left out"
    assert 0 < len(benchmark.montage(many)) - len(benchmark.montage(twelve)) < 60  # a note
    capsys.readouterr()
    benchmark.montage(twelve)
    assert capsys.readouterr().err == "12 classes, 48 pictures: train 24, test 24\n"


def test_a_class_that_cannot_be_read_is_said_and_left_out(tmp_path, capsys):
    root = folder_of(tmp_path / "photos", ["cat", "dog", "owl"])
    without = benchmark.montage(folder_of(tmp_path / "without", ["cat", "owl"]))
    for path in (root / "train/dog").iterdir():
        path.write_bytes(b"no picture")
    assert benchmark.montage(root).shape[0] == without.shape[0]
    said = " ".join(capsys.readouterr().err.split())
    assert f"{root}: no picture of class 'dog' can be read: " in said
    assert "1.png: no picture" in said


def test_no_class_that_can_be_read_is_refused(tmp_path, capsys):
    root = folder_of(tmp_path / "photos", ["cat", "dog"])
    for path in (root / "train").rglob("*.png"):
        path.write_bytes(b"no picture")
    out = tmp_path / "m.png"
    assert run_arguments(["features", str(root), "--montage", str(out)]) == 2
    said = capsys.readouterr().err
    assert str(root) in said
    assert "1.png: no picture" in said
    assert not out.exists()


PLUGIN = """
import numpy as np
from features import view
from benchmark.datasets import ArrayPictures, Dataset, Split, dataset

@view("mine")
def mine(picture):
    return picture if picture.ndim == 2 else picture[:, :, 0]

@dataset("myset")
def myset(seed):
    rng = np.random.default_rng(seed)
    splits = {
        name: Split(
            labels=np.arange(12) % 2,
            ids=[f"{name}-{row}" for row in range(12)],
            pictures=ArrayPictures(rng.integers(0, 256, (12, 8, 8), dtype=np.uint8)),
        )
        for name in ("train", "test")
    }
    return Dataset("myset", "myset", ("a", "b"), splits)
"""


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "myset.py"
    path.write_text(PLUGIN)
    yield path
    forget_features(str(path))
    benchmark.datasets.forget_datasets(str(path))


def test_a_plugin_s_dataset_is_drawn(tmp_path, plugin):
    out = tmp_path / "m.png"
    arguments = ["features", "myset", "--plugin", str(plugin), "--montage", str(out)]
    assert run_arguments(arguments) == 0
    np.testing.assert_array_equal(
        cv2.imread(str(out))[:, :, ::-1], benchmark.montage("myset", plugins=[plugin])
    )


@pytest.mark.parametrize("kind", [str, Path, lambda path: [str(path)], lambda path: (path,)])
def test_one_plugin_file_or_several(plugin, kind):
    table = benchmark.features("myset", plugins=kind(plugin), features="mine_mean,original_mean")
    assert (table["mine_mean"] == table["original_mean"]).all()
    assert benchmark.montage("myset", plugins=kind(plugin)).ndim == 3
    assert benchmark.models(plugins=kind(plugin)) == benchmark.models()
    assert benchmark.check("GaussianNB", plugins=kind(plugin))


@pytest.mark.parametrize(
    "wrong",
    [
        ["-o", "table.txt"],
        ["-o", "nowhere/table.csv"],
        ["-o", "table.csv", "--features", "nosuch"],
        ["--features", "nosuch"],
        ["--plugin", "missing.py"],
        ["--weights-dir", "nowhere"],
    ],
)
def test_nothing_is_written_if_anything_is_wrong(tmp_path, monkeypatch, capsys, wrong):
    monkeypatch.chdir(tmp_path)
    assert run_arguments(["features", "digits", "--montage", "m.png", *wrong]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert list(tmp_path.iterdir()) == []


def test_a_montage_and_a_table_at_once(tmp_path, capsys):
    montage_file, table = tmp_path / "m.png", tmp_path / "t.csv"
    arguments = ["features", "digits", "--montage", str(montage_file), "-o", str(table)]
    assert run_arguments([*arguments, "--features", "original_mean"]) == 0
    said = capsys.readouterr().out
    assert str(montage_file) in said
    assert "of 1 features" in said
    assert montage_file.exists()
    assert table.exists()
