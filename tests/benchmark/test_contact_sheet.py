"""The montage of a dataset, as the command writes it."""

import cv2
import numpy as np

import benchmark
from benchmark.cli import run_command
from features.montage import montage


def test_the_command_draws_the_first_training_pictures_of_each_class(tmp_path, capsys):
    out = tmp_path / "montage.png"
    assert run_command(["features", "textures", "--montage", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    contents = benchmark.datasets.load("textures")
    train = contents.splits["train"]
    first = {
        name: [train.pictures.load(row) for row in np.flatnonzero(train.labels == label)[:3]]
        for label, name in enumerate(contents.classes)
    }
    np.testing.assert_array_equal(cv2.imread(str(out))[:, :, ::-1], montage(first))


def test_a_montage_goes_to_a_png_in_a_folder_that_exists(tmp_path, capsys):
    for place, said in (("m.jpg", "must end in .png"), ("nowhere/m.png", "can't be written")):
        assert run_command(["features", "textures", "--montage", str(tmp_path / place)]) == 2
        assert said in capsys.readouterr().err
