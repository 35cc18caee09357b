"""The views and measures of the set ``rich`` against NumPy and scikit-image, called directly."""

import numpy as np
import pytest
import skimage
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from skimage.color import rgb2lab
from skimage.feature import hog, local_binary_pattern
from skimage.filters import gabor, sobel

from features import feature_set, grey

pytestmark = pytest.mark.filterwarnings("error")

COLOUR = skimage.data.astronaut()[40:118, 180:271]
GREY = skimage.data.camera()[200:263, 210:301]
LEVELS = np.random.default_rng(3).integers(0, 4, (30, 22), dtype=np.uint8)
GREYS = {"camera": GREY, "few levels": LEVELS, "constant": np.full((20, 31), 9, np.uint8)}


def values(name, picture):
    return feature_set(name).compute(picture)


def image_of(view, picture):
    """What a view shows, by its mean and standard deviation: columns are all that there is."""
    return values(f"{view}_mean,{view}_std", picture)


def test_the_columns():
    columns = feature_set("rich").columns
    assert set(columns) > set(feature_set("published").columns)
    assert len(columns) == 1168
    assert len(set(columns)) == len(columns)
    by_view = {name.split("_")[0] for name in columns}
    assert by_view == {"original", "gabor", "edge", "gradient", "lab", "colour"}


def test_gradient_is_sobel():
    expected = np.rint(sobel(grey(COLOUR)) * 255)
    assert_allclose(image_of("gradient", COLOUR), [expected.mean(), expected.std()])
    step = np.zeros((10, 10), np.uint8)
    step[:, 5:] = 255
    assert values("gradient*histogram", step)[-1] == 0  # 255 / sqrt(2) in two of ten columns
    assert values("gradient_bin_11", step) == 0.2


@pytest.mark.parametrize(("view", "channel"), [("lab_a", 1), ("lab_b", 2)])
def test_lab_is_cie_lab(view, channel):
    expected = rgb2lab(COLOUR)[:, :, channel] + 128
    assert_allclose(image_of(view, COLOUR), [expected.mean(), expected.std()], atol=0.2)


def test_a_grey_picture_has_no_hue():
    for picture in (GREY, np.stack([GREY] * 3, axis=-1)):
        assert_array_equal(
            values("lab_a_mean,lab_a_std,lab_b_mean,lab_b_std", picture), [128, 0] * 2
        )


def test_lab_tells_colours_apart():
    red, green, blue, yellow = (
        np.full((4, 4, 3), rgb, np.uint8)
        for rgb in ([200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0])
    )
    assert values("lab_a_mean", red) > 128 > values("lab_a_mean", green)
    assert values("lab_b_mean", yellow) > 128 > values("lab_b_mean", blue)


@pytest.mark.parametrize("name", GREYS)
def test_histogram_is_numpy_s(name):
    counts = np.histogram(GREYS[name], bins=16, range=(0, 256))[0]
    assert_allclose(values("original*histogram", GREYS[name]), counts / GREYS[name].size)


@pytest.mark.parametrize("name", GREYS)
@pytest.mark.parametrize("radius", [1, 2, 3])
def test_lbp_is_scikit_image_s(name, radius):
    picture = GREYS[name]
    patterns = 8 * radius + 2
    # The border's own pixels would see black in scikit-image: ours are the picture's, continued.
    whole = np.pad(picture, radius, mode="edge")
    codes = local_binary_pattern(whole, 8 * radius, radius, "uniform")
    inner = codes[radius:-radius, radius:-radius]
    expected = np.histogram(inner, np.arange(patterns + 1))[0] / picture.size
    assert_allclose(values(f"original_lbp_{radius}_*", picture), expected)


def test_lbp_away_from_the_border_needs_no_padding():
    expected = local_binary_pattern(GREY, 8, 1, "uniform")[1:-1, 1:-1].ravel()
    inner = values("original_lbp_1_*", GREY[1:-1, 1:-1]) * GREY[1:-1, 1:-1].size
    assert np.abs(inner - np.bincount(expected.astype(int), minlength=10)).sum() < 0.1 * GREY.size


def test_lbp_does_not_change_with_brightness_and_quarter_turns():
    dark = GREY // 2
    # A neighbour between pixels is interpolated, and rounding decides a few ties.
    assert_allclose(values("original*lbp", dark + 90), values("original*lbp", dark), atol=1e-3)
    turned = values("original_lbp_1_*", np.rot90(LEVELS).copy())
    assert_allclose(turned, values("original_lbp_1_*", LEVELS))


def test_a_flat_image_is_one_pattern():
    row = values("original*lbp", GREYS["constant"])
    assert_array_equal(np.flatnonzero(row), [8, 10 + 16, 10 + 18 + 24])
    assert row.sum() == 3


def test_hog_is_scikit_image_s():
    small = GREY[:32, :32]
    expected = hog(small, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2))
    assert_allclose(values("original*hog", small), expected)
    assert len(expected) == 324


def test_hog_is_of_the_picture_at_32x32():
    doubled = np.repeat(np.repeat(GREY[:32, :32], 2, axis=0), 2, axis=1)
    assert_allclose(values("original*hog", doubled), values("original*hog", GREY[:32, :32]))


@pytest.mark.parametrize("angle", [0, 30, 60, 90, 120, 150])
@pytest.mark.parametrize("frequency", [0.4, 0.2, 0.1, 0.05])
def test_gabors_are_scikit_image_s(angle, frequency):
    real, imaginary = gabor(GREY.astype(float), frequency, theta=np.deg2rad(angle))
    amplitude = np.hypot(real, imaginary)
    place = f"{1000 * frequency:03.0f}_{angle:03d}"
    found = values(f"original_bank_mean_{place},original_bank_std_{place}", GREY)
    assert_allclose(found, [amplitude.mean(), amplitude.std()], rtol=1e-9)


@pytest.mark.parametrize("angle", [0, 60, 90])
def test_a_wave_is_found_by_its_filter(angle):
    y, x = np.mgrid[:80, :80]
    phase = 2 * np.pi * 0.2 * (x * np.cos(np.deg2rad(angle)) + y * np.sin(np.deg2rad(angle)))
    wave = np.uint8(np.rint(127 + 100 * np.cos(phase)))
    bank = feature_set("original_bank_mean_*")
    strongest = bank.columns[int(bank.compute(wave).argmax())]
    assert strongest == f"original_bank_mean_200_{angle:03d}"


def test_pillow_agrees_about_resizing_by_whole_factors():
    # The one resizing that every library does alike: the mean of each block.
    picture = np.repeat(np.repeat(GREY[:32, :32], 4, axis=0), 4, axis=1)
    small = np.asarray(Image.fromarray(picture).resize((32, 32), Image.Resampling.BOX))
    assert_allclose(values("original*hog", picture), values("original*hog", small))


def test_a_channel_is_the_picture_s():
    means = values("red*mean,green*mean,blue*mean", COLOUR)
    assert_allclose(means, COLOUR.reshape(-1, 3).mean(axis=0))
    assert len(set(means)) == 3


def test_every_channel_of_a_grey_picture_is_the_picture():
    expected = values("original*", GREY)
    for view in ("red", "green", "blue"):
        assert_array_equal(values(f"{view}*", GREY), expected)
        assert_array_equal(values(f"{view}*", np.stack([GREY] * 3, axis=-1)), expected)


def test_kernels_are_prepared_before_anything_is_fitted():
    unfitted = feature_set("rich")
    unfitted.prepare(lambda: None)
    assert unfitted.needs_fit
    feature_set("colour*patches").prepare(lambda: None)


@pytest.fixture(scope="module")
def rich():
    return feature_set("rich").fit([COLOUR, GREY], seed=0)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 5), (7, 300), (32, 32), (33, 31), (90, 70)]
)
@pytest.mark.parametrize("kind", ["black", "white", "binary", "noise", "colours"])
def test_any_picture_gets_a_row(rich, shape, kind):
    rng = np.random.default_rng(0)
    picture = {
        "black": np.zeros(shape, np.uint8),
        "white": np.full(shape, 255, np.uint8),
        "binary": rng.integers(0, 2, shape, dtype=np.uint8) * np.uint8(255),
        "noise": rng.integers(0, 256, shape, dtype=np.uint8),
        "colours": rng.integers(0, 256, (*shape, 3), dtype=np.uint8),
    }[kind]
    row = rich.compute(picture)
    assert row.shape == (1168,)
    assert not np.isinf(row).any()
    undefined = {name for name, value in zip(rich.columns, row, strict=True) if np.isnan(value)}
    assert all(name.endswith("_noise") or "_h_" in name for name in undefined)
    if kind != "colours":
        assert_array_equal(rich.compute(np.stack([picture] * 3, axis=-1)), row)


def test_rich_has_the_published_numbers(rich):
    row = dict(zip(rich.columns, rich.compute(COLOUR), strict=True))
    published = feature_set("published")
    assert_array_equal(published.compute(COLOUR), [row[name] for name in published.columns])


def test_the_number_of_opencv_threads_changes_nothing(rich):
    import cv2

    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = rich.compute(skimage.data.astronaut()[:300, :300])
        cv2.setNumThreads(2)
        assert_array_equal(rich.compute(skimage.data.astronaut()[:300, :300]), alone)
    finally:
        cv2.setNumThreads(before)
