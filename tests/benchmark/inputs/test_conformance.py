"""The features' conformance suites: every built-in one passes, and each fault is named."""

import itertools

import numpy as np
import pytest

from benchmark.inputs.conformance import check_measure, check_view
from features import Measure, View, registered_measures, registered_views


def name_of(declared):
    return declared.name


@pytest.mark.parametrize("view", registered_views(), ids=name_of)
def test_every_built_in_view_keeps_the_contract(view):
    found = check_view(view)
    assert len(found) == 4
    assert [str(finding) for finding in found if not finding.passed] == []


@pytest.mark.parametrize("measure", registered_measures(), ids=name_of)
def test_every_built_in_measure_keeps_the_contract(measure):
    found = check_measure(measure)
    assert len(found) == 4 + (measure.fit is not None)
    assert [str(finding) for finding in found if not finding.passed] == []


counter = itertools.count()


def grey(picture):
    return picture if picture.ndim == 2 else picture[:, :, 0]


def changed(picture):
    picture = picture.copy() if not picture.flags.writeable else picture
    picture[:] = 0
    return grey(picture)


def drifting(picture):
    return grey(picture) ^ np.uint8(next(counter))


def floats(picture):
    return grey(picture) / 255


VIEWS = {
    "an image of every picture": floats,
    "the same picture gives": drifting,
    "the picture is left alone": changed,
    "it can be sent": lambda picture: grey(picture),
}


@pytest.mark.parametrize("fault", VIEWS)
def test_each_fault_of_a_view_is_named(fault):
    found = check_view(View("mine", VIEWS[fault], 1, __file__))
    failed = [finding for finding in found if not finding.passed]
    assert any(finding.check.startswith(fault) and finding.reason for finding in failed), failed
    assert all(finding.subject == "view mine" for finding in found)


def two(image):
    return [1.0, 2.0]


def count(image):
    return [next(counter)]


def wiped(image):
    image[:] = 0
    return [0.0]


MEASURES = {
    "a number for each name": two,
    "the same image gives": count,
    "the image is left alone": wiped,
    "it can be sent": lambda image: [0.0],
}


@pytest.mark.parametrize("fault", MEASURES)
def test_each_fault_of_a_measure_is_named(fault):
    found = check_measure(Measure("mine", ("x",), MEASURES[fault], 1, __file__))
    failed = [finding for finding in found if not finding.passed]
    assert any(finding.check.startswith(fault) and finding.reason for finding in failed), failed


def unfit(images, seed):
    return None


def test_a_measure_that_can_t_be_fitted_is_named():
    (found,) = check_measure(Measure("mine", ("x",), None, 1, __file__, fit=unfit))
    assert (found.check, found.passed) == ("is fitted on images of train pictures", False)
    assert "NoneType" in found.reason
