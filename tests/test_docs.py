"""What the pages on adding a dataset and adding a metric have a user write does what they say."""

import re
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics

import benchmark
from benchmark.datasets import Dataset, Split, UnreadablePicture
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from benchmark.progress import Progress
from results import Store, forget_metrics

DOCS = Path(__file__).parents[1] / "docs"


def blocks(page):
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def saved(tmp_path):
    """Saves the first Python block of a page as a file of the name that the page gives it."""

    def save(page, name):
        assert f"{name}.py" in (DOCS / page).read_text(encoding="utf-8")
        path = tmp_path / f"{name}.py"
        path.write_text(blocks(page)[0], encoding="utf-8")
        return path

    return save


def test_the_dataset_of_the_page_keeps_the_contract(saved):
    found = benchmark.check(saved("adding-a-dataset.md", "tiles"))
    assert len(found) == 8
    assert [str(finding) for finding in found if not finding.passed] == []


def test_the_pictures_of_the_page_are_all_that_a_split_needs():
    """Filled in as its docstrings say; a picture that can't be read is left out with the reason."""
    names = {}
    exec(blocks("adding-a-dataset.md")[1], names)

    class Filled(names["TarPictures"]):
        def __init__(self, values):
            self.values = values

        def __len__(self):
            return len(self.values)

        def digest(self, index):
            return bytes([self.values[index]])

        def load(self, index):
            if self.values[index] == 3:
                raise UnreadablePicture("no tile")
            return np.full((8, 8), self.values[index], np.uint8)

    splits = {
        name: Split(np.arange(10) % 2, [f"{name}/{k}" for k in range(10)], pictures=Filled(values))
        for name, values in (("train", range(10)), ("test", range(10, 20)))
    }
    contents = Dataset("tar", "tar", ("even", "odd"), splits)
    inputs = prepare(contents, Spec(None, image_size=8), Workers(1), Progress())
    assert inputs.unreadable == {"train/3": "no tile"}
    assert np.load(inputs.images["test"])[:, 0, 0, 0].tolist() == list(range(10, 20))


def test_the_metric_of_the_page_is_scikit_learn_s(saved, tmp_path):
    path = saved("adding-a-metric.md", "kappa")
    run, asked = tmp_path / "run", {"models": "GaussianNB", "features": "*mean"}
    try:
        board = benchmark.run("digits", **asked, out=run, plugins=path)
    finally:
        forget_metrics(str(path.resolve()))
    frame = board.to_frame()
    assert list(frame)[-1] == "kappa"
    (record,) = Store(run).records()
    for split, said in zip(frame.split, frame.kappa, strict=True):
        of_it = Store(run).predictions(record.trial)[split]
        ours = sklearn.metrics.cohen_kappa_score(of_it.labels, of_it.predicted)
        assert said == pytest.approx(ours)
