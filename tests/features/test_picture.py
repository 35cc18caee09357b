"""What counts as a picture, and that any picture gets a row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal
from PIL import Image
from skimage.util import img_as_ubyte

from features import FeatureError, coloured, feature_set, grey, resized

pytestmark = pytest.mark.filterwarnings("error")

PUBLISHED = feature_set("published")

SIDES = st.one_of(st.integers(1, 4), st.integers(1, 40))


@st.composite
def pictures(draw):
    shape = (draw(SIDES), draw(SIDES))
    kind = draw(st.sampled_from(["any", "binary", "constant", "few"]))
    if kind == "constant":
        return np.full(shape, draw(st.integers(0, 255)), np.uint8)
    values = {"any": st.integers(0, 255), "binary": st.sampled_from([0, 255])}
    return draw(hnp.arrays(np.uint8, shape, elements=values.get(kind, st.integers(0, 3))))


@settings(max_examples=150, deadline=None)
@given(pictures())
def test_any_grey_picture_gets_a_row(picture):
    before = picture.copy()
    row = PUBLISHED.compute(picture)
    assert row.shape == (48,)
    assert row.dtype == np.float64
    assert not np.isinf(row).any()
    assert_array_equal(picture, before)
    assert_array_equal(PUBLISHED.compute(picture[:, :, None]), row)
    assert_array_equal(PUBLISHED.compute(np.stack([picture] * 3, axis=-1)), row)


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_what_may_be_nan(picture):
    row = dict(zip(PUBLISHED.columns, PUBLISHED.compute(picture), strict=True))
    undefined = {name for name, value in row.items() if np.isnan(value)}
    if min(picture.shape) > 1:
        assert undefined <= {"original_noise", "gabor_noise", "edge_noise"}
    else:
        assert {name for name in row if "_h_" in name} <= undefined
    assert not any(name.endswith(("_mean", "_std")) for name in undefined)


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_ranges(picture):
    row = dict(zip(PUBLISHED.columns, PUBLISHED.compute(picture), strict=True))
    assert 0 <= row["original_mean"] <= 255
    assert 0 <= row["original_std"] <= 127.5
    if min(picture.shape) > 1:
        assert 0 < row["original_h_1"] <= 1 + 1e-12
        assert abs(row["original_h_3"]) <= 1 + 1e-12
        assert 0 <= row["original_h_9"] <= 16
        assert 0 <= row["original_h_13"] <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (2, 1), (2, 2), (5, 3), (1, 2)])
@pytest.mark.parametrize("value", [0, 1, 200, 255])
def test_tiny_pictures(shape, value):
    row = PUBLISHED.compute(np.full(shape, value, np.uint8))
    assert row[1] == value
    assert not np.isinf(row).any()


def test_grey_is_pillow_s():
    colour = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    assert_array_equal(grey(colour), np.asarray(Image.fromarray(colour).convert("L")))


def test_any_memory_layout_gives_the_same_row():
    picture = np.random.default_rng(1).integers(0, 256, (30, 40), dtype=np.uint8)
    row = PUBLISHED.compute(picture)
    strided = np.repeat(np.repeat(picture, 2, axis=0), 3, axis=1)[::2, ::3]
    frozen = picture.copy()
    frozen.flags.writeable = False
    for same in (np.asfortranarray(picture), strided, frozen):
        assert_array_equal(PUBLISHED.compute(same), row)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4)),
        np.zeros((4, 4), np.int16),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 0, 3), np.uint8),
    ],
)
def test_what_is_no_picture(array):
    with pytest.raises(FeatureError, match="give uint8"):
        PUBLISHED.compute(array)


@pytest.mark.parametrize("shape", [(9, 14), (9, 14, 1), (9, 14, 3), (9, 14, 4)])
def test_of_16_bits_the_features_are_those_of_scikit_image_s_8(shape):
    picture = np.random.default_rng(2).integers(0, 65536, shape, dtype=np.uint16)
    assert_array_equal(PUBLISHED.compute(picture), PUBLISHED.compute(img_as_ubyte(picture)))


def test_transparency_is_dropped():
    picture = np.random.default_rng(3).integers(0, 256, (9, 14, 4), dtype=np.uint8)
    assert_array_equal(PUBLISHED.compute(picture), PUBLISHED.compute(picture[:, :, :3]))


def test_a_smaller_size_is_the_mean_of_what_becomes_one_pixel():
    picture = np.random.default_rng(4).integers(0, 256, (12, 20, 3), dtype=np.uint8)
    means = picture.reshape(4, 3, 4, 5, 3).mean(axis=(1, 3))
    assert resized(picture, 4).dtype == np.uint8
    assert np.abs(resized(picture, 4) - means).max() <= 0.5 + 1e-9
    assert resized(picture[:12, :12], 12).tobytes() == picture[:12, :12].tobytes()


def test_coloured_is_square_and_has_three_channels_that_are_equal_where_it_was_grey():
    picture = np.random.default_rng(5).integers(0, 256, (9, 5, 3), dtype=np.uint8)
    assert_array_equal(coloured(picture, 7), resized(picture, 7))
    flat = coloured(picture[:, :, 0], 7)
    assert flat.shape == (7, 7, 3)
    for channel in range(3):
        assert_array_equal(flat[:, :, channel], resized(picture[:, :, 0], 7))
