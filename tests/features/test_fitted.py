"""Fitted measures: what a plugin's fit is given, and what it must return."""

import functools
from pathlib import Path

import numpy as np
import pytest

from features import FeatureError, feature_set, fitted_measure, forget_features, measure, view
from features.sets import MOST_TO_FIT


def above(threshold, image):
    return [image.mean() - threshold]


class Counted:
    """Train pictures of which each has its row as its value, and that know what was asked for."""

    def __init__(self, length, missing=()):
        self.length, self.missing, self.asked = length, missing, []

    def __len__(self):
        return self.length

    def __getitem__(self, row):
        self.asked.append(row)
        return None if row in self.missing else np.full((2, 3), row % 251, np.uint8)


@pytest.fixture
def seen():
    """The means of the images that the measure ``brighter`` was fitted on, and the seed."""
    record = {}

    @fitted_measure("brighter", names=("brighter",))
    def brighter(images, seed):
        record["seed"] = seed
        record["means"] = [image.mean() for image in images]
        return functools.partial(above, np.mean(record["means"]))

    yield record
    forget_features(__file__)


@pytest.fixture(autouse=True)
def _only_the_built_in_ones():
    yield
    forget_features(__file__)


def test_it_learns_from_what_it_is_given_and_nothing_else(seen):
    brighter = feature_set("original*brighter").fit(Counted(5), 3)
    assert seen == {"seed": 3, "means": [0, 1, 2, 3, 4]}
    assert not brighter.needs_fit
    assert brighter.compute(np.full((4, 4), 10, np.uint8)) == [8]


def test_a_set_is_not_changed_by_its_fit(seen):
    unfitted = feature_set("original*brighter")
    unfitted.fit(Counted(3), 0)
    assert unfitted.needs_fit
    with pytest.raises(FeatureError, match=r"'brighter' in .* fitted on train pictures first"):
        unfitted.compute(np.zeros((2, 2), np.uint8))


def test_nothing_to_learn_is_the_set_itself_and_looks_at_nothing():
    published, pictures = feature_set("published"), Counted(4)
    assert not published.needs_fit
    assert published.fit(pictures, 0) is published
    assert pictures.asked == []


def test_each_view_is_learnt_by_itself(seen):
    black = [np.zeros((6, 6), np.uint8)]
    row = feature_set("*brighter").fit(black, 0).compute(np.full((6, 6), 50, np.uint8))
    names = feature_set("*brighter").columns
    values = dict(zip(names, row, strict=True))
    assert values["original_brighter"] == 50
    assert values["lab_a_brighter"] == 0


def test_many_pictures_are_sampled_by_the_seed_before_they_are_decoded(seen):
    def asked(seed):
        pictures = Counted(3 * MOST_TO_FIT)
        feature_set("original*brighter").fit(pictures, seed)
        return pictures.asked

    first = asked(1)
    assert len(set(first)) == MOST_TO_FIT == len(first)
    assert first == sorted(first) == asked(1)
    assert first != asked(2)
    assert max(first) > 2 * MOST_TO_FIT


def test_pictures_that_cannot_be_read_are_passed_over(seen):
    feature_set("original*brighter").fit(Counted(4, missing={1, 2}), 0)
    assert seen["means"] == [0, 3]


@pytest.mark.parametrize("pictures", [[], [None, None]])
def test_no_picture_to_learn_from(seen, pictures):
    with pytest.raises(FeatureError, match="no train picture"):
        feature_set("original*brighter").fit(pictures, 0)


def test_what_is_no_picture(seen):
    with pytest.raises(FeatureError, match="give uint8"):
        feature_set("original*brighter").fit([np.zeros((3, 3))], 0)


def test_a_fit_that_returns_no_function():
    fitted_measure("wrong", names=("a",))(lambda images, seed: [1.0])
    with pytest.raises(FeatureError, match=r"'wrong' in .*test_fitted.* returned list"):
        feature_set("original*wrong").fit([np.zeros((3, 3), np.uint8)], 0)


def with_a_lambda(images, seed):
    return lambda image: [0.0]


def with_an_inner_function(images, seed):
    def inner(image):
        return [0.0]

    return inner


def with_an_open_file(images, seed):
    return functools.partial(above, Path(__file__).open())


@pytest.mark.parametrize("fit", [with_a_lambda, with_an_inner_function, with_an_open_file])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_fit_that_returns_what_cannot_travel(fit):
    fitted_measure("stuck", names=("a",))(fit)
    with pytest.raises(FeatureError, match=r"'stuck' in .*test_fitted.*functools\.partial"):
        feature_set("original*stuck").fit([np.zeros((3, 3), np.uint8)], 0)


def test_a_new_version_of_a_fit_is_a_new_definition():
    def definition(version):
        fitted_measure("mine", names=("a",), version=version)(lambda images, seed: None)
        found = feature_set("original*mine").definition
        forget_features(__file__)
        return found

    assert definition(1) != definition(2)


def test_measures_are_of_views_with_as_many_channels():
    view("five", channels=5)(lambda picture: np.zeros((2, 2, 5), np.uint8))
    measure("shape", names=("channels",), channels=5)(lambda image: [image.shape[2]])
    assert feature_set("*shape").columns == ("five_channels",)
    assert feature_set("five*").columns == ("five_channels",)
    assert feature_set("*shape").compute(np.zeros((3, 3), np.uint8)) == [5]


def test_a_view_with_other_channels_than_it_declares():
    view("wrong", channels=5)(lambda picture: np.zeros((2, 2, 3), np.uint8))
    measure("shape", names=("channels",), channels=5)(lambda image: [image.shape[2]])
    with pytest.raises(FeatureError, match=r"shape \(H, W, 5\)"):
        feature_set("wrong*").compute(np.zeros((3, 3), np.uint8))
