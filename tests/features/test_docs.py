"""The plugins in docs/adding-a-feature.md do what it says."""

import importlib.util
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from features import feature_set, forget_features

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-feature.md"
PICTURE = np.random.default_rng(0).integers(0, 256, (12, 10, 3), dtype=np.uint8)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Loads the block of the page that begins with ``# NAME.py``, as a file of that name."""
    loaded = []

    def load(name):
        blocks = PAGE.read_text(encoding="utf-8").split(f"    # {name}.py\n")
        lines = blocks[1].splitlines()
        end = next(row for row, line in enumerate(lines) if line and not line.startswith("    "))
        path = tmp_path / f"{name}.py"
        path.write_text("\n".join(line[4:] for line in lines[:end]))
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        loaded.append(path)
        spec.loader.exec_module(module)

    yield load
    for path in loaded:
        forget_features(str(path.resolve()))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (12, 10)])
def test_a_view_and_a_measure(plugin, shape):
    plugin("sharpness")
    added = feature_set("original*sharpness,negative*mean")
    assert added.columns[:3] == ("original_step", "original_steepest", "negative_mean")
    picture = np.zeros(shape, np.uint8)
    picture[:, shape[1] // 2 :] = 90
    step, steepest, inverse = added.compute(picture)[:3]
    if shape[1] > 1:
        assert steepest == 90
        assert step == 90 / shape[1]
    assert inverse == 255 - picture.mean()


def test_a_measure_of_three_channels(plugin):
    plugin("redness")
    assert feature_set("*redness").columns == ("colour_redness",)
    expected = (PICTURE[:, :, 0] > PICTURE[:, :, 1]).mean()
    assert feature_set("*redness").compute(PICTURE) == [expected]


def test_a_measure_that_learns(plugin):
    plugin("familiar")
    familiar = feature_set("original*familiar").fit([PICTURE], seed=0)
    assert familiar.columns == ("original_unlike",)
    assert familiar.compute(PICTURE) == [0]
    assert pickle.loads(pickle.dumps(familiar)).compute(PICTURE // 2) > 0  # noqa: S301
