"""The real pictures that ship inside other libraries."""

from collections import defaultdict

import numpy as np
import pytest
import skimage.data
from sklearn.datasets import load_digits

from benchmark import datasets

TEXTURES = ("brick", "grass", "gravel")


def every(made):
    """(split, class name, picture) of everything in a dataset."""
    for name, split in made.splits.items():
        for index, label in enumerate(split.labels):
            yield name, made.classes[label], split.pictures.load(index)


@pytest.fixture(scope="module")
def places():
    """Where in its photograph each patch of textures is found: (split, class) to corners."""
    photographs = {kind: getattr(skimage.data, kind)() for kind in TEXTURES}
    begins = {kind: beginnings(photograph) for kind, photograph in photographs.items()}
    found = {}
    for split, kind, patch in every(datasets.load("textures")):
        corners = [
            (row, column)
            for row, column in begins[kind][patch[0].tobytes()]
            if np.array_equal(photographs[kind][row : row + 32, column : column + 32], patch)
        ]
        assert len(corners) == 1
        found.setdefault((split, kind), []).extend(corners)
    return found


def beginnings(photograph):
    """Every run of 32 pixels in a row, and where it is."""
    found = defaultdict(list)
    for row, pixels in enumerate(photograph):
        line = pixels.tobytes()
        for column in range(len(line) - 31):
            found[line[column : column + 32]].append((row, column))
    return found


def test_digits_are_scikit_learn_s():
    bunch = load_digits()
    made = datasets.load("digits")
    assert {name: len(split) for name, split in made.splits.items()} == {
        "train": 1258, "val": 270, "test": 269,
    }  # fmt: skip
    expected = sorted(
        (str(target), np.round(image * 255 / 16).astype(np.uint8).tobytes())
        for target, image in zip(bunch.target, bunch.images, strict=True)
    )
    assert sorted((kind, picture.tobytes()) for _, kind, picture in every(made)) == expected


def test_each_class_of_digits_is_split_70_15_15():
    made = datasets.load("digits")
    for label in range(10):
        counts = [int((split.labels == label).sum()) for split in made.splits.values()]
        assert counts[1:] == pytest.approx([0.15 * sum(counts)] * 2, abs=1)


def test_textures_are_patches_of_the_photographs_in_equal_numbers(places):
    counts = {key: len(corners) for key, corners in places.items()}
    assert counts == {
        (split, kind): count
        for split, count in (("train", 176), ("val", 32), ("test", 48))
        for kind in TEXTURES
    }


def test_no_two_patches_of_textures_share_a_pixel(places):
    for kind in TEXTURES:
        covered = np.zeros((512, 512), dtype=int)
        for split in ("train", "val", "test"):
            for row, column in places[split, kind]:
                covered[row : row + 32, column : column + 32] += 1
        assert covered.max() == 1


@pytest.mark.parametrize("name", ["digits", "textures"])
def test_bundled_datasets_do_not_depend_on_the_seed(name):
    assert datasets.load(name, seed=1).fingerprint == datasets.load(name, seed=2).fingerprint
