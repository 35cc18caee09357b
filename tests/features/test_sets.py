"""Feature sets by name, their columns and their definition."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from features import FeatureError, feature_set, forget_features, grey, measure, view

PICTURE = np.random.default_rng(5).integers(0, 256, (24, 31), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _only_the_built_in_ones():
    yield
    forget_features(__file__)


def columns(name):
    return feature_set(name).columns


def test_globs_are_over_view_and_measure():
    assert columns("edge*mean") == ("edge_mean",)
    assert columns("original_h_1") == ("original_h_1",)
    assert columns("*mean,edge*std")[:3] == ("original_mean", "gabor_mean", "edge_mean")
    assert columns("*mean,edge*std")[-1] == "edge_std"
    assert columns("gabor*haralick") == tuple(f"gabor_h_{number}" for number in range(1, 14))
    assert columns("edge*")[:16] == columns("published")[32:]
    assert set(columns("*")) > set(columns("rich")) > set(columns("published"))


def test_a_column_comes_once_where_it_is_first_asked_for():
    assert columns("edge_std, edge_mean,edge*mean") == ("edge_std", "edge_mean")
    assert columns("published,edge*haralick") == columns("published")


def test_a_subset_gives_the_same_numbers():
    whole = feature_set("published")
    row = dict(zip(whole.columns, whole.compute(PICTURE), strict=True))
    subset = feature_set("edge*h_13,original*haralick,gabor*noise")
    assert_array_equal(subset.compute(PICTURE), [row[name] for name in subset.columns])


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("publshed", "published"),
        ("egde*mean", r"edge\*mean"),
        ("original_h_14", "original_h_1"),
        ("published,gabr*", r"gabor\*"),
    ],
)
def test_did_you_mean(name, suggestion):
    with pytest.raises(FeatureError, match=f"did you mean .*{suggestion}"):
        feature_set(name)


@pytest.mark.parametrize("name", ["egde*mean", "colour*mea", "*patchs", "lab*haralik", "edge*Mean"])
def test_what_is_suggested_exists_and_was_not_typed(name):
    with pytest.raises(FeatureError) as refused:
        feature_set(name)
    suggestions = str(refused.value).split("did you mean ")[1].rstrip("?").split(" or ")
    assert name not in suggestions
    for suggestion in suggestions:
        assert columns(suggestion)


@pytest.mark.parametrize("name", ["colour*mean", "colour_mean", "colour*h_1", "colour*haralick"])
def test_a_view_and_a_measure_of_other_channels(name):
    with pytest.raises(FeatureError) as refused:
        feature_set(name)
    assert "view 'colour' has 3 channels" in str(refused.value)
    assert "taken of views of 1: original, gabor" in str(refused.value)
    assert "did you mean" not in str(refused.value)


def test_a_measure_that_no_view_has_the_channels_for():
    measure("deep", names=("deep",), channels=7)(lambda image: [0.0])
    with pytest.raises(FeatureError, match="'deep' is taken of views of 7: there is none"):
        feature_set("edge*deep")


@pytest.mark.parametrize("name", ["", ",", "published,", "zzzzzz"])
def test_names_far_from_any(name):
    with pytest.raises(FeatureError, match="no feature is called"):
        feature_set(name)


def test_the_definition_is_that_of_the_columns():
    published = feature_set("published")
    assert published.definition == feature_set(",".join(published.columns)).definition
    parts = ("published", "edge*", "edge*mean,edge*std", "edge*std,edge*mean", "original*mean")
    assert len({feature_set(part).definition for part in parts}) == len(parts)
    assert int(feature_set("published").definition, 16) >= 0


def test_further_views_leave_the_order_of_the_named_sets():
    views = list(dict.fromkeys(name.split("_")[0] for name in columns("rich")))
    assert views == ["original", "gabor", "edge", "gradient", "colour", "lab"]
    every = list(dict.fromkeys(name.split("_")[0] for name in columns("*")))
    assert every == [*views, "red", "green", "blue"]


def test_a_new_version_is_a_new_definition():
    def definition(version):
        view("mine", version=version)(lambda picture: grey(picture))
        found = feature_set("mine*").definition
        forget_features(__file__)
        return found

    assert definition(1) == definition(1)
    assert definition(1) != definition(2)


def test_another_library_version_is_a_new_definition(monkeypatch):
    before = feature_set("published").definition
    monkeypatch.setattr("features.sets.metadata.version", lambda library: "99")
    assert feature_set("published").definition != before


def test_importing_features_loads_no_heavy_library():
    heavy = "{'scipy', 'skimage', 'pywt', 'mahotas', 'numba', 'cv2', 'torch', 'sklearn', 'pandas'}"
    code = f"import sys, features; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
