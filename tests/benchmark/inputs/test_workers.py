"""Workers that are killed, that raise, and that nobody listens to any more."""

import contextlib
import time

import numpy as np
import psutil
import pytest

from benchmark import InputError, plugins
from benchmark.datasets import ArrayPictures, Dataset, Split
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.products import Product
from benchmark.inputs.workers import Batch, results_of
from features import FeatureError, forget_features

MEASURE = """
import os, pathlib, signal, time
from features import measure

@measure("deadly", names=("max",))
def deadly(image):
    {body}
    return [image.max()]
"""


@pytest.fixture
def results(tmp_path):
    """Make the results of 24 pictures, each filled with its number, with a measure of a plugin."""
    plugin = tmp_path / "plugin.py"
    pictures = np.zeros((24, 4, 4), np.uint8) + np.arange(24, dtype=np.uint8)[:, None, None]
    split = Split(np.arange(24) % 2, [str(row) for row in range(24)], ArrayPictures(pictures))
    dataset = Dataset("made", "made", ("a", "b"), {"train": split, "test": _named(split, "t")})

    def make(body, workers=2):
        plugin.write_text(MEASURE.format(body=body))
        plugins.load_plugin(plugin)
        product = Product("kind", features=chosen_features("original_max"))
        batches = [Batch("train", rows, ("kind",)) for rows in np.split(np.arange(24), 6)]
        return results_of(batches, dataset, [product], [str(plugin)], workers)

    yield make
    forget_features(str(plugin.resolve()))


def _named(split, prefix):
    return Split(split.labels, [prefix + name for name in split.ids], split.pictures)


def numbers(results):
    return sorted(
        (int(row), float(value))
        for result in results
        for row, (value,) in zip(result.rows, result.made["kind"], strict=True)
    )


EXPECTED = [(row, float(row)) for row in range(24)]


def children():
    every = psutil.Process().children(recursive=True)  # a forkserver's are its own
    return [child for child in every if child.status() != "zombie"]


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_each_picture_is_made_once_by_however_many(results, workers):
    assert numbers(results("pass", workers)) == EXPECTED


def test_a_batch_whose_worker_is_killed_is_given_to_another(results, tmp_path):
    mark = tmp_path / "killed"
    body = (
        f"mark = pathlib.Path({str(mark)!r})\n"
        "    if image.max() == 9 and not mark.exists():\n"
        "        mark.touch()\n"
        "        os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert numbers(results(body)) == EXPECTED
    assert mark.exists()


def test_a_batch_that_kills_its_workers_is_one_line(results):
    body = "if image.max() == 9: os.kill(os.getpid(), signal.SIGKILL)"
    with pytest.raises(InputError, match=r"^made: a process that prepared its pictures was killed"):
        numbers(results(body))


def test_an_error_says_where_in_the_worker_it_came_up(results):
    with pytest.raises(FeatureError, match=r"plugin\.py raised ZeroDivisionError") as caught:
        numbers(results("1 / 0"))
    assert any("in deadly" in note for note in caught.value.__notes__)


def test_no_worker_is_left_when_nobody_listens_any_more(results):
    numbers(results("pass"))  # starts the forkserver, if there is none yet
    before = {child.pid for child in children()}
    with contextlib.closing(results("time.sleep(0.3)")) as made:
        next(made)
        assert {child.pid for child in children()} - before
    deadline = time.monotonic() + 10
    while {child.pid for child in children()} - before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
