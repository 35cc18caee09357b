"""Odd pictures are counted, however often they are prepared and from wherever they are kept."""

import contextlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from benchmark import datasets
from benchmark.datasets import ArrayPictures, Dataset, Split
from benchmark.datasets.codec import FIRST_OF_SEVERAL, LOW_BYTE, ONE_VALUE, Decoded
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.oddities import counted, flags_of
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers

RANDOM = np.random.default_rng(0)


class Passes:
    """Counts the pictures of each pass."""

    def __init__(self):
        self.planned = []

    @contextlib.contextmanager
    def pictures(self, total, kept):
        self.planned.append(total - kept)
        yield lambda count: None

    def busy(self, doing):
        return contextlib.nullcontext(lambda message: None)


@pytest.fixture
def photos(tmp_path):
    """Three low bytes, two of one value, one of several pages and one that is damaged."""
    for split, kind, count in (("train", "cat", 6), ("train", "dog", 6), ("test", "cat", 4)):
        folder = tmp_path / "photos" / split / kind
        folder.mkdir(parents=True)
        for index in range(count):
            picture = RANDOM.integers(0, 256, (8, 9, 3), dtype=np.uint8)
            Image.fromarray(picture).save(folder / f"{index}.png")
    train = tmp_path / "photos" / "train"
    for place in ("train/cat/a.png", "train/dog/b.png", "test/cat/c.png"):
        low = RANDOM.integers(0, 256, (8, 9)).astype(np.uint16)
        Image.fromarray(low).save(tmp_path / "photos" / place)
    Image.new("RGB", (9, 8), (200, 0, 0)).save(train / "cat" / "red.png")
    Image.new("L", (9, 8)).save(tmp_path / "photos" / "test" / "cat" / "black.png")
    pages = RANDOM.integers(0, 256, (2, 8, 9), dtype=np.uint8)
    tifffile.imwrite(train / "dog" / "pages.tif", pages, photometric="minisblack")
    (train / "dog" / "broken.png").write_text("no picture")
    return tmp_path / "photos"


FOUND = {LOW_BYTE: 3, ONE_VALUE: 2, FIRST_OF_SEVERAL: 1}


def test_they_are_counted_when_made_when_kept_and_when_some_are_kept(photos):
    passes, spec = Passes(), Spec(chosen_features("original*mean"), 6)
    for _ in range(2):
        assert prepare(datasets.load(photos), spec, Workers(2), passes).oddities == FOUND
    assert passes.planned == [23]
    Image.new("L", (9, 8), 3).save(photos / "train" / "dog" / "one_more.png")
    more = prepare(datasets.load(photos), spec, Workers(2), passes)
    assert more.oddities == {**FOUND, ONE_VALUE: 3}
    assert passes.planned == [23, 2]  # the new one and the one that can't be read


def test_what_is_left_out_is_not_counted(photos):
    (photos / "train" / "cat" / "red.png").unlink()
    inputs = prepare(datasets.load(photos), Spec(None, 6), Workers(1), Passes())
    assert inputs.oddities == {**FOUND, ONE_VALUE: 1}


def test_there_is_a_line_for_each(photos):
    inputs = prepare(datasets.load(photos), Spec(None, 6), Workers(1), Passes())
    left_out, low, one, several = inputs.warnings
    assert left_out.startswith(f"warning: 1 picture of {photos} can't be read, left out: ")
    assert "broken.png: no picture" in left_out
    assert low.startswith(f"warning: {photos} has pictures of more than 8 bits")
    assert one == f"warning: {photos} has pictures that show one value in all their pixels: 2"
    assert several.startswith(f"warning: {photos} has files that hold several pictures")


def test_pictures_that_are_no_files_are_looked_at_too():
    pictures = RANDOM.integers(0, 256, (6, 4, 4), dtype=np.uint8)
    pictures[2] = 5
    split = Split(np.arange(6) % 2, list("abcdef"), ArrayPictures(pictures))
    other = Split(np.arange(6) % 2, list("ghijkl"), ArrayPictures(pictures[::-1].copy()))
    made = Dataset("made", "made", ("x", "y"), {"train": split, "test": other})
    assert prepare(made, Spec(None, 3), Workers(1), Passes()).oddities == {ONE_VALUE: 2}


def test_sound_pictures_have_no_line():
    pictures = RANDOM.integers(0, 256, (6, 4, 4), dtype=np.uint8)
    split = Split(np.arange(6) % 2, list("abcdef"), ArrayPictures(pictures))
    other = Split(np.arange(6) % 2, list("ghijkl"), ArrayPictures(pictures))
    made = Dataset("made", "made", ("x", "y"), {"train": split, "test": other})
    inputs = prepare(made, Spec(None, 3), Workers(1), Passes())
    assert (inputs.oddities, inputs.warnings) == ({}, [])


def test_a_picture_of_which_the_low_byte_is_used_is_not_counted_as_black_too():
    black = np.zeros((3, 3), np.uint8)
    flags = np.array([flags_of(Decoded(black, (LOW_BYTE,))), flags_of(Decoded(black))], np.uint8)
    assert counted([flags[:1], flags[1:], np.array([], np.uint8)]) == {LOW_BYTE: 1, ONE_VALUE: 1}
