"""The datasets' conformance suite: every built-in one passes, and each fault is named."""

import itertools

import numpy as np
import pytest

from benchmark import datasets
from benchmark.datasets import ArrayPictures, Dataset, Source, Split
from benchmark.datasets.conformance import check_dataset


@pytest.mark.parametrize("source", datasets.sources(), ids=lambda source: source.name)
def test_every_built_in_dataset_keeps_the_contract(source):
    found = check_dataset(source)
    assert len(found) == 8
    assert [str(finding) for finding in found if not finding.passed] == []


def made(pictures=None, labels=(0, 1, 0, 1), table=None, columns=(), classes=("a", "b")):
    splits = {}
    for name in ("train", "test"):
        ids = [f"{name}/{row}" for row in range(len(labels))]
        own = {"pictures": pictures(name)} if pictures else {}
        own |= {"table": table(name)} if table else {}
        splits[name] = Split(np.array(labels), ids, **own)
    return Dataset("made", "made", classes, splits, columns)


def arrays(name="train"):
    start = 0 if name == "train" else 100
    return np.zeros((4, 6, 6), np.uint8) + (start + np.arange(4, dtype=np.uint8))[:, None, None]


class Pictures:
    """A plugin's own pictures, with a fault."""

    def __init__(self, array, digest=None, load=None):
        self.array, self._digest, self._load = array, digest, load

    def __len__(self):
        return len(self.array)

    def digest(self, index):
        return self._digest(index) if self._digest else self.array[index].tobytes()

    def load(self, index):
        return self._load(self.array[index]) if self._load else self.array[index]


def two_columns(name):
    return np.ones((4, 2))


counter = itertools.count()

FAULTS = {
    "loads from a seed": lambda seed: "no dataset",
    "every split holds pictures": lambda seed: made(table=two_columns, columns="x"),
    "one seed gives one dataset": lambda seed: made(
        lambda n: ArrayPictures(arrays(n) ^ np.uint8(next(counter)))
    ),
    "every class has training": lambda seed: made(
        lambda n: ArrayPictures(arrays(n)), classes=("a", "b", "c")
    ),
    "a picture is uint8": lambda seed: made(
        lambda n: Pictures(arrays(n), load=lambda picture: picture / 255)
    ),
    "a picture is the same": lambda seed: made(
        lambda n: Pictures(arrays(n), load=lambda picture: picture + np.uint8(next(counter)))
    ),
    "pictures that differ": lambda seed: made(
        lambda n: Pictures(arrays(n), digest=lambda index: b"same")
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(fault):
    found = check_dataset(Source("made", "", FAULTS[fault], __file__))
    (failed, *_) = [finding for finding in found if not finding.passed]
    assert failed.check.startswith(fault), str(failed)
    assert failed.reason


def test_a_sound_dataset_of_a_plugin_passes_though_it_is_not_picklable():
    lock = (value for value in ())
    sound = lambda seed: made(lambda n: Pictures(arrays(n), load=lambda p: (lock, p)[1]))  # noqa: E731
    found = check_dataset(Source("made", "", sound, __file__))
    assert [str(finding) for finding in found if not finding.passed] == []
