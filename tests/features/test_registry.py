"""Registering views and measures, and what can be wrong with them."""

import importlib.util
import math

import numpy as np
import pytest

from features import (
    FeatureError,
    feature_set,
    forget_features,
    grey,
    measure,
    registered_measures,
    registered_views,
    view,
)

HERE = __file__
PICTURE = np.arange(48, dtype=np.uint8).reshape(6, 8)


@pytest.fixture(autouse=True)
def _only_the_built_in_ones():
    yield
    forget_features(HERE)


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_new_view_is_times_every_measure():
    @view("negative")
    def negative(picture):
        return 255 - grey(picture)

    added = feature_set("negative*")
    assert [name.removeprefix("negative") for name in added.columns] == [
        name.removeprefix("original") for name in feature_set("original*").columns
    ]
    assert added.columns[1] == "negative_mean"
    assert added.compute(PICTURE)[1] == 255 - PICTURE.mean()


def test_a_new_measure_is_times_every_view():
    @measure("extremes", names=("min", "max"))
    def extremes(image):
        return [image.min(), image.max()]

    added = feature_set("*extremes")
    assert added.columns == tuple(
        f"{known.name}_{extreme}"
        for known in registered_views()
        if known.channels == 1
        for extreme in ("min", "max")
    )
    assert tuple(added.compute(PICTURE)[:2]) == (0, 47)


def test_plugins_leave_the_published_set_alone():
    before = feature_set("published")

    @view("half")
    def half(picture):
        return grey(picture) // 2

    @measure("one", names=("one",))
    def one(image):
        return [1.0]

    after = feature_set("published")
    assert after.columns == before.columns
    assert after.definition == before.definition


def test_infinite_becomes_nan():
    @measure("poles", names=("up", "down", "undefined"))
    def poles(image):
        return [math.inf, -math.inf, math.nan]

    assert np.isnan(feature_set("original*poles").compute(PICTURE)).all()


@pytest.mark.parametrize("kind", ["view", "measure"])
def test_a_name_used_twice_names_both_files(tmp_path, kind):
    lines = {
        "view": "from features import view\n@view('mine')\ndef mine(image):\n    return image\n",
        "measure": "from features import measure\n@measure('mine', names=('mine',))\n"
        "def mine(image):\n    return [0.0]\n",
    }
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    for path in (first, second):
        path.write_text(lines[kind])
    load(first)
    try:
        with pytest.raises(FeatureError) as caught:
            load(second)
        assert "first.py" in str(caught.value)
        assert "second.py" in str(caught.value)
    finally:
        forget_features(str(first.resolve()))
    load(second)
    forget_features(str(second.resolve()))


def test_built_in_names_are_taken():
    with pytest.raises(FeatureError, match=r"edge\.py"):
        view("edge")(lambda picture: picture)
    assert [known.name for known in registered_views()][:3] == ["original", "gabor", "edge"]


@pytest.mark.parametrize("name", ["", "two words", "a,b", "star*", "1st", "_x", None])
def test_malformed_names(name):
    with pytest.raises(FeatureError, match="letters, digits"):
        view(name)(lambda picture: picture)
    with pytest.raises(FeatureError, match="letters, digits"):
        measure(name, names=("x",))(lambda image: [0])
    with pytest.raises(FeatureError, match="letters, digits"):
        measure("x", names=(name,))(lambda image: [0])


@pytest.mark.parametrize("names", [(), "max", ("x", "x")])
def test_malformed_numbers(names):
    before = registered_measures()
    with pytest.raises(FeatureError):
        measure("mine", names=names)(lambda image: [0])
    assert registered_measures() == before


def test_two_ways_to_one_column_name():
    @view("original_very")
    def very(picture):
        return grey(picture)

    @measure("very_mean", names=("very_mean",))
    def very_mean(image):
        return [image.mean()]

    with pytest.raises(FeatureError, match="'original_very_mean' is used twice"):
        feature_set("published")


@pytest.mark.parametrize(
    "returned",
    [np.zeros((4, 4)), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint8), None],
)
def test_a_view_that_returns_no_image(returned):
    view("wrong")(lambda picture: returned)
    with pytest.raises(FeatureError, match=r"view 'wrong' in .*test_registry"):
        feature_set("wrong*").compute(PICTURE)


@pytest.mark.parametrize("returned", [[1.0], [1.0, 2.0, 3.0], 1.0, ["a", "b"], None, [[1], [2, 3]]])
def test_a_measure_that_returns_other_numbers(returned):
    measure("wrong", names=("a", "b"))(lambda image: returned)
    with pytest.raises(FeatureError, match=r"measure 'wrong' in .*test_registry"):
        feature_set("original*wrong").compute(PICTURE)


def test_a_view_cannot_change_the_picture():
    @view("vandal")
    def vandal(picture):
        picture[:] = 0
        return picture

    with pytest.raises(ValueError, match="read-only"):
        feature_set("vandal*").compute(PICTURE.copy())


def test_a_plugin_s_function_that_raises_is_named_with_its_file():
    @view("broken")
    def broken(picture):
        raise ZeroDivisionError("no rows")

    with pytest.raises(FeatureError, match=r"view 'broken' in .*ZeroDivisionError: no rows"):
        feature_set("broken_mean").compute(PICTURE)

    @measure("halves", names=("halves",))
    def halves(image):
        return [1 / 0]

    with pytest.raises(FeatureError, match=r"measure 'halves' in .*division by zero"):
        feature_set("original_halves").compute(PICTURE)
