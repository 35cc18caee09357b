"""Pictures that nothing is made of, for a reason each; for want of time only until the next run."""

import contextlib
import json

import cv2
import numpy as np
import pytest

from benchmark import InputError, datasets, plugins
from benchmark.inputs import cache
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.reader import Reader
from benchmark.inputs.watch import Lost, Workers
from features import forget_features

# Slow as long as a file says so. A fit of it learns how many pictures it was shown.
SLOW = """
import functools, pathlib, time
from features import fitted_measure, measure

MARK = pathlib.Path({mark!r})

@measure("slow", names=("most",))
def slow(image):
    if MARK.exists() and (image.max() == 77 or MARK.read_text()):
        time.sleep(600)
    return [image.max()]

def take(count, image):
    return [count]

@fitted_measure("shown", names=("shown",))
def shown(images, seed):
    return functools.partial(take, len(list(images)))
"""


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
    """A folder of grey pictures, each filled with a number of its own; one with 77."""
    numbers = iter(range(70, 200))
    for split, count in (("train", 8), ("test", 4)):
        for kind in ("cat", "dog"):
            (tmp_path / "photos" / split / kind).mkdir(parents=True)
            for index in range(count):
                picture = np.full((9, 9), next(numbers), np.uint8)
                picture[0, 0] = 0
                path = tmp_path / "photos" / split / kind / f"{index}.png"
                cv2.imwrite(str(path), picture)
    return tmp_path / "photos"


@pytest.fixture
def spec(tmp_path):
    """What is to be made, by the names of columns: small pictures too if a side is given."""
    plugin = tmp_path / "plugin.py"
    plugin.write_text(SLOW.format(mark=str(tmp_path / "mark")))
    plugins.load_plugin(plugin)
    yield lambda columns, side=None: Spec(chosen_features(columns), side, (str(plugin),))
    forget_features(str(plugin))


SHORT = Workers(2, seconds=1.0)


def test_what_took_too_long_is_left_out_by_name_and_tried_again_next_time(photos, spec, tmp_path):
    (tmp_path / "mark").touch()
    passes, chosen = Passes(), spec("original_most", 5)
    inputs = prepare(datasets.load(photos), chosen, SHORT, passes)
    assert inputs.unreadable == {"train/cat/7.png": "train/cat/7.png: it took longer than 1 s"}
    assert "train/cat/7.png" not in inputs.dataset.splits["train"].ids
    for files in (inputs.features, inputs.images):
        assert [len(np.load(files[name])) for name in ("train", "test")] == [15, 8]
    assert 77 not in np.load(inputs.features["train"])
    prepare(datasets.load(photos), chosen, SHORT, passes)
    (tmp_path / "mark").unlink()
    inputs = prepare(datasets.load(photos), chosen, SHORT, passes)
    assert inputs.unreadable == {}
    assert 77 in np.load(inputs.features["train"])
    prepare(datasets.load(photos), chosen, SHORT, passes)
    assert passes.planned == [24, 1, 1]


def test_what_was_given_up_for_one_array_is_left_out_of_the_other(photos, spec, tmp_path):
    (tmp_path / "mark").touch()
    passes = Passes()
    images = prepare(datasets.load(photos), Spec(None, 5), SHORT, passes)
    assert images.unreadable == {}
    both = prepare(datasets.load(photos), spec("original_most", 5), SHORT, passes)
    assert list(both.unreadable) == ["train/cat/7.png"]
    assert len(np.load(both.images["train"])) == len(np.load(both.features["train"])) == 15


def test_a_picture_that_a_fit_gave_up_is_in_no_row_and_in_no_fit(photos, spec, monkeypatch):
    true_answer, hangs = Reader._answer, [True]

    def answer(self, taken):
        if hangs:
            hangs.clear()
            raise Lost("it took longer than 1 s", 0, is_final=True)
        return true_answer(self, taken)

    def column(inputs):
        return set(np.concatenate([np.load(path)[:, 0] for path in inputs.features.values()]))

    monkeypatch.setattr(Reader, "_answer", answer)
    chosen, passes = spec("original_shown"), Passes()
    inputs = prepare(datasets.load(photos), chosen, SHORT, passes)
    assert list(inputs.unreadable) == ["train/cat/0.png"]
    assert column(inputs) == {15}
    # Next time it can be had: another fit, and no row of the one before is in the table.
    inputs = prepare(datasets.load(photos), chosen, SHORT, passes)
    assert inputs.unreadable == {}
    assert column(inputs) == {16}
    assert passes.planned == [23, 24]


def test_too_many_given_up_end_the_run_with_advice(photos, spec, tmp_path):
    (tmp_path / "mark").write_text("all")
    with pytest.raises(InputError, match=r"more than a quarter .* allow more time or memory"):
        prepare(datasets.load(photos), spec("original_most"), Workers(4, seconds=0.2), Passes())


def test_an_entry_of_an_earlier_version_is_read(photos):
    passes, dataset = Passes(), datasets.load(photos)
    chosen = Spec(chosen_features("original*mean"), None)
    inputs = prepare(dataset, chosen, Workers(1), passes)
    path = inputs.features["train"].parent / "about.json"
    about = json.loads(path.read_text())
    for new in ("checksum", "oddities", "given_up"):
        del about[new]
    path.write_text(json.dumps({**about, "checksum": cache._hash(about)}))
    again = prepare(dataset, chosen, Workers(1), passes)
    assert (again.features, again.oddities) == (inputs.features, {})
    assert len(passes.planned) == 1
