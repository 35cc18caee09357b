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
from benchmark.inputs.watch import Workers
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

    def make(body, count=2, **limits):
        plugin.write_text(MEASURE.format(body=body))
        plugins.load_plugin(plugin)
        product = Product("kind", features=chosen_features("original_max"))
        batches = [Batch("train", rows, ("kind",)) for rows in np.split(np.arange(24), 6)]
        return results_of(batches, dataset, [product], [str(plugin)], Workers(count, **limits))

    make.plugin = plugin
    yield make
    forget_features(str(plugin.resolve()))


def _named(split, prefix):
    return Split(split.labels, [prefix + name for name in split.ids], split.pictures)


def numbers(results, given_up=None):
    """What was made of each picture; ``given_up`` hears of those that nothing was made of."""
    made = []
    for result in results:
        made += zip(
            result.rows.tolist(),
            result.made.get("kind", np.empty((0, 1)))[:, 0].tolist(),
            strict=True,
        )
        assert result.unreadable == {}
        if given_up is not None:
            given_up |= result.given_up
    return sorted(made)


def without(row):
    return [each for each in EXPECTED if each[0] != row]


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


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "if image.max() == 9: os.kill(os.getpid(), signal.SIGKILL)",
            "the process that prepared it was killed, most likely for want of memory",
        ),
        (
            "if image.max() == 9: os.kill(os.getpid(), signal.SIGSEGV)",
            "the process that prepared it was killed by signal 11",
        ),
        (
            "if image.max() == 9: os._exit(3)",
            "the process that prepared it ended with exit code 3",
        ),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_picture_that_ends_its_workers_is_given_up_by_name(results, body, why, workers):
    given_up = {}
    assert numbers(results(body, workers), given_up) == without(9)
    assert given_up == {9: f"9: {why}"}


def test_a_picture_that_takes_too_long_is_given_up_by_name(results):
    given_up, started = {}, time.monotonic()
    body = "if image.max() == 9: time.sleep(600)"
    assert numbers(results(body, seconds=1.5), given_up) == without(9)
    assert given_up == {9: "9: it took longer than 1.5 s"}
    assert time.monotonic() - started < 30


def test_the_time_is_that_of_each_picture_and_not_of_a_batch(results):
    given_up = {}
    body = "time.sleep(0.3)"
    assert numbers(results(body, seconds=1.0), given_up) == EXPECTED
    assert given_up == {}


def test_a_picture_that_takes_too_much_memory_is_given_up_by_name(results):
    given_up = {}
    body = "if image.max() == 9: held = bytearray(b'1') * 2_000_000_000; time.sleep(600)"
    assert numbers(results(body, memory_gb=1.5), given_up) == without(9)
    assert given_up == {9: "9: it took more than 1.50 GB of memory"}


@pytest.mark.parametrize(("free", "share"), [(16e9, 3.6), (1e9, 1.0)])
def test_a_worker_may_use_a_fair_share_of_the_memory_that_is_free(monkeypatch, free, share):
    class Memory:
        available = free

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    assert Workers(4).memory() == pytest.approx(share)
    assert Workers(4, memory_gb=0.5).memory() == 0.5


def test_a_picture_is_not_blamed_for_what_those_before_it_have_left(results, tmp_path):
    given_up = {}
    body = (
        "kept = globals().setdefault('kept', [])\n"
        "    kept.append(image.max())\n"
        "    if image.max() == 9 and len(kept) > 1: os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert numbers(results(body, 1), given_up) == EXPECTED
    assert given_up == {}


def test_workers_that_are_lost_before_any_picture_are_one_line(results):
    made = results("pass", 1)
    plugin = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    results.plugin.write_text(plugin)
    with pytest.raises(InputError, match=r"^made: no process can be had .*--memory-limit$"):
        numbers(made)


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
