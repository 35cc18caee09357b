"""The published 48 columns against scikit-image, PyWavelets and mahotas, called directly."""

import math
import warnings
from fractions import Fraction

import mahotas
import numpy as np
import pytest
import skimage
from numpy.testing import assert_allclose, assert_array_equal
from skimage.feature import canny
from skimage.filters import gabor as skimage_gabor
from skimage.restoration import estimate_sigma
from threadpoolctl import threadpool_limits

from features import feature_set

pytestmark = pytest.mark.filterwarnings("error")

VIEWS = ("original", "gabor", "edge")
MEASURES = ("noise", "mean", "std", *(f"h_{number}" for number in range(1, 14)))
NAMES = tuple(f"{view}_{measure}" for view in VIEWS for measure in MEASURES)

PUBLISHED = feature_set("published")


def random(shape, top=256, seed=0):
    return np.random.default_rng(seed).integers(0, top, shape, dtype=np.uint8)


def smooth(height, width):
    y, x = np.mgrid[:height, :width]
    return np.uint8(127 + 60 * np.sin(x / 7.3) + 60 * np.cos(y / 11.1 + x / 23))


def one_dot(value, dot):
    picture = np.full((40, 52), value, np.uint8)
    picture[17, 23] = dot
    return picture


PICTURES = {
    "camera": skimage.data.camera()[100:196, 180:276],
    "odd": skimage.data.camera()[200:263, 210:301],
    "texture": skimage.data.brick()[:64, :64],
    "noise": random((48, 40)),
    "few levels": random((33, 47), top=3),
    "binary": random((31, 64), top=2, seed=3) * np.uint8(255),
    "smooth": smooth(70, 90),
    "one dot": one_dot(255, 254),
    "black but one": one_dot(0, 9),
    "black": np.zeros((20, 30), np.uint8),
    "white": np.full((20, 30), 255, np.uint8),
    "grey": np.full((25, 25), 77, np.uint8),
    "two by two": random((2, 2)),
    "three rows": random((3, 19)),
}


def reference_views(picture):
    response = skimage_gabor(picture.astype(float), frequency=0.6)[0]
    yield picture
    yield np.clip(np.rint(response), 0, 255).astype(np.uint8)
    yield canny(picture).astype(np.uint8) * 255


def reference_noise(image):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # three columns or fewer, and the median of no numbers
        return estimate_sigma(image)


def reference_row(picture):
    row = []
    for image in reference_views(picture):
        haralick = mahotas.features.haralick(image).mean(axis=0)
        row += [reference_noise(image), np.mean(image, dtype=float), np.std(image), *haralick]
    return row


def row_of(picture):
    return dict(zip(PUBLISHED.columns, PUBLISHED.compute(picture), strict=True))


def test_names():
    assert PUBLISHED.columns == NAMES
    assert len(NAMES) == 48


@pytest.mark.parametrize("name", PICTURES)
def test_every_column_equals_the_reference(name):
    picture = PICTURES[name]
    row = PUBLISHED.compute(picture)
    assert row.dtype == np.float64
    # The reference loses digits to cancellation where the variance is tiny: see the test below.
    atol = 1e-8 if name == "one dot" else 1e-10
    assert_allclose(row, reference_row(picture), rtol=1e-6, atol=atol)


@pytest.mark.parametrize("name", PICTURES)
def test_noise_and_the_edge_image_equal_the_reference_exactly(name):
    picture = PICTURES[name]
    row = row_of(picture)
    for view, image in zip(VIEWS, reference_views(picture), strict=True):
        assert_array_equal(row[f"{view}_noise"], reference_noise(image))
        assert row[f"{view}_mean"] == image.mean()


def test_a_black_picture_is_the_study_s_row_without_edges():
    # gabor_* of the eight distinct rows of the study's table whose gabor_mean is 0.
    expected = dict.fromkeys(MEASURES, 0.0)
    expected.update(noise=math.nan, h_1=1.0, h_3=1.0, h_5=1.0)
    for view in VIEWS:
        row = PUBLISHED.compute(np.zeros((30, 30), np.uint8))
        values = dict(zip(PUBLISHED.columns, row, strict=True))
        assert_array_equal(
            [values[f"{view}_{measure}"] for measure in MEASURES], list(expected.values())
        )


def test_a_white_picture():
    row = row_of(np.full((50, 50), 255, np.uint8))
    # PyWavelets' rounding errors are all that there is.
    assert row["original_noise"] == pytest.approx(0, abs=1e-25)
    assert row["original_h_6"] == 510
    assert row["original_h_10"] == pytest.approx(1 / 256 - 1 / 256**2)


def test_noise_is_found_again():
    rng = np.random.default_rng(2)
    picture = np.clip(smooth(300, 300) + rng.normal(0, 6, (300, 300)), 0, 255).astype(np.uint8)
    assert row_of(picture)["original_noise"] == pytest.approx(6, rel=0.05)


def test_haralick_of_two_by_two_in_closed_form():
    # 0 1 / 1 0: side neighbours always differ, diagonal ones never.
    row = row_of(np.array([[0, 1], [1, 0]], np.uint8))
    expected = {
        "h_1": (0.5 + 1 + 0.5 + 1) / 4,
        "h_2": 0.5,
        "h_3": (-1 + 1 - 1 + 1) / 4,
        "h_4": (0.25 + 0.25) / 4,
        "h_5": (0.5 + 1 + 0.5 + 1) / 4,
        "h_6": (1 + 0 + 1 + 2) / 4,
        "h_7": 0,
        "h_8": 0,
        "h_9": 0.5,
        "h_10": 0.25,
        "h_11": 0,
        "h_12": -0.5,
        "h_13": math.sqrt(1 - math.exp(-2)) / 2,
    }
    assert {name: row[f"original_{name}"] for name in expected} == pytest.approx(expected)


def test_correlation_of_a_nearly_constant_picture_in_exact_arithmetic():
    # One pixel of 255 is 254. In each direction it is the first of one pair in n and the second of
    # another, and no pair has it twice: the correlation is -1/(n - 1).
    height, width = PICTURES["one dot"].shape
    sides = [height * (width - 1), (height - 1) * width]
    pairs = [*sides, (height - 1) * (width - 1), (height - 1) * (width - 1)]
    exact = float(sum(Fraction(-1, n - 1) for n in pairs) / 4)
    row = row_of(PICTURES["one dot"])
    assert row["original_h_3"] == pytest.approx(exact, rel=1e-9)


def test_a_checkerboard_in_closed_form():
    picture = np.uint8(np.indices((8, 8)).sum(axis=0) % 2) * np.uint8(10)
    row = row_of(picture)
    assert row["original_mean"] == 5
    assert row["original_std"] == 5
    assert row["original_h_2"] == pytest.approx(50)
    assert row["original_h_3"] == pytest.approx(0, abs=1e-12)


def test_edges_are_0_or_255():
    row = row_of(PICTURES["camera"])
    mean, std = row["edge_mean"], row["edge_std"]
    assert mean > 0
    assert std**2 == pytest.approx(mean * (255 - mean))


def test_the_number_of_threads_changes_nothing():
    picture = skimage.data.camera()
    with threadpool_limits(1):
        alone = PUBLISHED.compute(picture)
    with threadpool_limits(2):
        assert_array_equal(PUBLISHED.compute(picture), alone)
