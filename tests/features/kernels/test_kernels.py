"""The compiled kernels against scikit-image, PyWavelets, SciPy and mahotas, picture by picture."""

import os
import subprocess
import sys
import warnings

import mahotas
import numba
import numpy as np
import pytest
import skimage
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from skimage.feature import canny, local_binary_pattern
from skimage.filters import gabor as skimage_gabor
from skimage.restoration import estimate_sigma

from features import feature_set, grey
from features.kernels import kernel as kernels
from features.kernels.sums import sums
from features.kernels.wavelet import median
from features.measures.brightness import mean, std
from features.measures.gabors import gabors
from features.measures.haralick import _room, haralick
from features.measures.lbp import lbp
from features.measures.noise import noise
from features.views import edge as edge_view
from features.views import gabor as gabor_view
from features.views.edge import edge
from features.views.gabor import gabor

pytestmark = pytest.mark.filterwarnings("error")

PHOTOGRAPHS = ["astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel"]
PHOTOGRAPHS += ["moon", "page", "text"]
SIDES = st.one_of(st.integers(1, 9), st.integers(1, 60))


@st.composite
def pictures(draw):
    """Pictures of few and many values, flat areas, soft and hard edges, of any shape."""
    shape = (draw(SIDES), draw(SIDES))
    kind = draw(st.sampled_from(["any", "soft", "shapes", "few", "faint"]))
    if kind == "any":
        return draw(hnp.arrays(np.uint8, shape))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    top = draw(st.integers(1, 255))
    if kind == "few":
        return np.uint8(rng.integers(0, min(top, 3) + 1, shape) * (top // min(top, 3)))
    if kind == "shapes":
        return shapes(rng, shape, top)
    field = ndimage.gaussian_filter(rng.normal(size=shape), draw(st.floats(0.5, 5)))
    span = (field - field.min()) / max(np.ptp(field), 1e-9)
    return np.uint8(span * top if kind == "soft" else 255 - 2 * span)


def shapes(rng, shape, top):
    picture = np.full(shape, rng.integers(0, top + 1), np.uint8)
    for _ in range(6):
        (y, x), (height, width) = rng.integers(0, shape), rng.integers(1, 25, 2)
        picture[y : y + height, x : x + width] = rng.integers(0, top + 1)
    return picture


def crops(name):
    """Ten pieces of a photograph, of as many shapes."""
    photograph = grey(getattr(skimage.data, name)())
    rng = np.random.default_rng(len(name))
    for _ in range(10):
        height, width = rng.integers(20, 200, 2)
        y, x = rng.integers(0, np.maximum(np.array(photograph.shape) - (height, width), 1))
        yield photograph[y : y + height, x : x + width]


def reference_gabor(picture):
    response = skimage_gabor(picture.astype(float), frequency=0.6)[0]
    return np.clip(np.rint(response), 0, 255).astype(np.uint8)


def reference_noise(image):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # three columns or fewer, and the median of no numbers
        return estimate_sigma(image)


def check_views(picture):
    assert_array_equal(edge(picture), canny(picture) * np.uint8(255))
    assert_array_equal(gabor(picture), reference_gabor(picture))


def check_measures(image):
    assert_array_equal(noise(image)[0], reference_noise(image))
    assert mean(image)[0] == image.mean()
    assert std(image)[0] == pytest.approx(image.std(), rel=1e-12, abs=1e-13)
    if min(image.shape) > 1:
        expected = mahotas.features.haralick(image).mean(axis=0)
        # What the reference loses to cancellation: it subtracts squares of means (features 3, 4
        # and 7), and takes the root of a difference of entropies (13).
        atol = np.full(13, 1e-9)
        atol[[2, 12]] = 1e-6
        assert (np.abs(haralick(image) - expected) <= atol + 1e-6 * np.abs(expected)).all()


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs(name):
    for number, picture in enumerate(crops(name)):
        check_views(picture)
        if number < 3:
            for image in (picture, gabor(picture), edge(picture)):
                check_measures(image)


@settings(max_examples=400, deadline=None)
@given(pictures())
def test_views_of_any_picture(picture):
    check_views(picture)


@settings(max_examples=150, deadline=None)
@given(pictures())
def test_measures_of_any_image(image):
    check_measures(image)


@settings(max_examples=50, deadline=None)
@given(pictures(), st.integers(0, 255), st.integers(0, 255))
def test_measures_of_two_values(image, low, high):
    check_measures(np.where(image > image.mean(), np.uint8(high), np.uint8(low)))


def test_steps_of_every_height():
    # Edges appear where a step passes the thresholds.
    for height in range(256):
        picture = np.zeros((24, 30), np.uint8)
        picture[6:, 11:] = height
        picture[12:, :5] = height // 2
        assert_array_equal(edge(picture), canny(picture) * np.uint8(255))


def test_a_constant_picture_of_every_value():
    for value in range(256):
        picture = np.full((9, 14), value, np.uint8)
        check_views(picture)
        assert_array_equal(noise(picture)[0], reference_noise(picture))
        features = haralick(picture)
        assert_array_equal(features[[0, 2, 4, 5]], [1, 1, 1, 2 * value])
        assert_array_equal(features[[1, 3, 6, 7, 8, 10, 11, 12]], 0)


@pytest.mark.parametrize("height", range(1, 12))
def test_every_small_shape(height):
    rng = np.random.default_rng(height)
    for width in range(1, 12):
        picture = rng.integers(0, 256, (height, width), dtype=np.uint8)
        check_views(picture)
        check_measures(picture)
        check_measures(picture // np.uint8(128))


def test_the_filters_are_the_libraries():
    impulse = np.zeros(9)
    impulse[4] = 1
    response = ndimage.gaussian_filter1d(impulse, 1, mode="constant", truncate=4)
    assert_array_equal(edge_view._gaussian(), response[4:])
    vertical, horizontal = gabor_view._halves()
    kernel = skimage.filters.gabor_kernel(gabor_view.FREQUENCY).real
    assert kernel.shape == (2 * len(vertical) - 1, 2 * len(horizontal) - 1)
    assert_allclose(np.outer(vertical, horizontal), kernel[3:, 3:], rtol=1e-13)


def test_a_response_on_a_half_is_rounded_by_the_whole_kernel(monkeypatch):
    picture = skimage.data.camera()[:50, :60]
    expected = gabor(picture)
    # Filters whose every second response lies on a half.
    halves = (np.array([0.5, 0.0]), np.array([1.0, 0.0]))
    monkeypatch.setattr(gabor_view, "_halves", lambda: halves)
    assert_array_equal(gabor(picture), expected)


def test_haralick_leaves_its_matrices_empty():
    matrices, _ = _room()
    haralick(skimage.data.camera()[:70, :80])
    haralick(np.arange(4, dtype=np.uint8).reshape(2, 2))
    assert not matrices.any()


def reference_patterns(image):
    shares = []
    for radius in (1, 2, 3):
        wider = np.pad(image, radius, mode="edge")
        codes = local_binary_pattern(wider, 8 * radius, radius, "uniform")
        inner = codes[radius:-radius, radius:-radius]
        shares.append(np.histogram(inner, np.arange(8 * radius + 3))[0] / image.size)
    return np.concatenate(shares)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_patterns_of_photographs(name):
    # The rounding of a neighbour's place, on which equal brightness hangs, grows with the place.
    photograph = grey(getattr(skimage.data, name)())
    for picture in (photograph, photograph // 32, *crops(name)):
        assert_array_equal(lbp(picture), reference_patterns(picture))


@settings(max_examples=300, deadline=None)
@given(pictures())
def test_patterns_of_any_picture(picture):
    assert_array_equal(lbp(picture), reference_patterns(picture))


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 3), (3, 2), (6, 7)])
def test_patterns_of_thin_pictures(shape):
    picture = np.random.default_rng(0).integers(0, 4, shape, dtype=np.uint8)
    assert_array_equal(lbp(picture), reference_patterns(picture))


FREQUENCIES, ANGLES = (0.4, 0.2, 0.1, 0.05), (0, 30, 60, 90, 120, 150)


def bank(image):
    """Mean and standard deviation, by frequency and angle: (4, 6, 2)."""
    return gabors(image).reshape(len(FREQUENCIES), len(ANGLES), 2)


def reference_bank(image):
    # SciPy reads beyond an image whose side is a quarter of the filter's radius, here up to 34, or
    # less: it is given the image with as many of its mirror images as it takes.
    height, width = image.shape
    longer = [(0, -(-8 // side) * side if side < 9 else 0) for side in image.shape]
    whole = np.pad(image.astype(float), longer, mode="symmetric")
    statistics = []
    for frequency in FREQUENCIES:
        for angle in ANGLES:
            parts = skimage_gabor(whole, frequency, theta=np.deg2rad(angle))
            amplitude = np.hypot(*parts)[:height, :width]
            statistics += [amplitude.mean(), amplitude.std()]
    return np.reshape(statistics, (len(FREQUENCIES), len(ANGLES), 2))


@pytest.mark.parametrize("name", ["astronaut", "brick", "text"])
def test_the_bank_of_photographs(name):
    photograph = grey(getattr(skimage.data, name)())
    picture = photograph[100:137, 100:151]
    assert_allclose(bank(picture), reference_bank(picture), rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(pictures())
def test_the_bank_of_any_picture(picture):
    small = picture[:24, :24]
    assert_allclose(bank(small), reference_bank(small), rtol=1e-9, atol=1e-11)


def test_the_bank_where_one_pixel_is_unlike_all_others():
    # Its amplitude is far from the mean, and may be the first to be looked at.
    for y, x in [(0, 0), (12, 17), (24, 29)]:
        picture = np.zeros((25, 30), np.uint8)
        picture[y, x] = 255
        assert_allclose(bank(picture), reference_bank(picture), rtol=1e-9)


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_the_bank_s_response_to_a_constant_picture_does_not_vary(value):
    statistics = bank(np.full((41, 37), value, np.uint8))
    assert_allclose(statistics[:, :, 0], reference_bank(np.full((1, 1), value))[:, :, 0], 1e-9)
    assert_allclose(statistics[:, :, 1], 0, atol=1e-12)


def test_the_bank_s_response_to_a_point_is_its_envelope():
    picture = np.zeros((80, 90), np.uint8)
    picture[40, 44] = 255
    for row, frequency in zip(bank(picture), FREQUENCIES, strict=True):
        sigma = 3 * np.sqrt(np.log(2) / 2) / (np.pi * frequency)
        for (mean_of_amplitude, _), angle in zip(row, np.deg2rad(ANGLES), strict=True):
            radius = np.ceil(3 * sigma * max(abs(np.cos(angle)), abs(np.sin(angle))))
            gaussian = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
            expected = 255 * gaussian.sum() ** 2 / (2 * np.pi * sigma**2) / picture.size
            assert mean_of_amplitude == pytest.approx(expected, rel=1e-12)


@settings(max_examples=50, deadline=None)
@given(pictures())
def test_the_bank_of_a_mirrored_and_of_a_turned_picture(picture):
    statistics = bank(picture)
    mirrored = statistics[:, [0, 5, 4, 3, 2, 1]]
    assert_allclose(bank(picture[:, ::-1]), mirrored, rtol=1e-9, atol=1e-11)
    assert_allclose(bank(picture[::-1]), mirrored, rtol=1e-9, atol=1e-11)
    # Rows become columns: an angle becomes 90 degrees less the angle.
    transposed = statistics[:, [3, 2, 1, 0, 5, 4]]
    assert_allclose(bank(picture.T), transposed, rtol=1e-9, atol=1e-11)


def test_sums_of_more_pixels_than_32_bits_hold():
    white = np.full((300, 1000), 255, np.uint8)
    assert sums(white) == (300_000 * 255, 300_000 * 255**2)


@settings(max_examples=200, deadline=None)
@given(hnp.arrays(float, st.integers(1, 60), elements=st.floats(1e-320, 1e300)))
def test_the_median_is_numpy_s(values):
    expected = np.median(values)
    assert median(values) == expected


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 20_001])
def test_the_median_of_many_alike(count):
    values = 1 + np.random.default_rng(count).integers(0, 9, count) / 64
    expected = np.median(values)
    assert median(values) == expected


def test_a_kernel_without_a_folder_to_write_to(monkeypatch):
    with_folder = numba.njit

    def without(*arguments, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function 'plus': no locator available")
        return with_folder(*arguments, **options)

    monkeypatch.setattr(numba, "njit", without)

    @kernels.kernel(numba.types.int64)
    def plus(number):
        return number + 1

    assert plus(1) == 2


def test_the_first_compilation_is_announced_once():
    said = []
    with kernels.announced(lambda: said.append("compiling")):
        numba.njit("int64(int64)")(lambda number: number + 1)
        numba.njit("int64(int64)")(lambda number: number + 2)
    assert said == ["compiling"]


PREPARE = """
import sys
from features import feature_set
chosen = feature_set("original*noise,original*mean")
assert "numba" not in sys.modules
chosen.prepare(lambda: print("compiling"))
import numpy
row = chosen.compute(numpy.arange(300, dtype=numpy.uint8).reshape(15, 20))
print(row.tobytes().hex())
"""


MIXED = """
import sys
from features import feature_set, fitted_measure, measure, view

@view("plain")
def plain(picture):
    raise AssertionError("a plugin's view is not drawn to prepare")

@measure("ours", names=("ours",))
def ours(image):
    raise AssertionError("a plugin's measure is not taken to prepare")

@fitted_measure("learnt", names=("learnt",))
def learnt(images, seed):
    raise AssertionError("nothing is fitted to prepare")

feature_set(sys.argv[1]).prepare(lambda: print("compiling"))
print(*sorted(name for name in sys.modules if name.startswith("features.kernels.")))
"""


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("plain*haralick", "haralick"),
        ("plain*noise", "wavelet"),
        ("edge*ours", "canny"),
        ("gabor*learnt", "gabor"),
        ("plain*lbp", "patterns"),
        ("plain*gabors", "bank"),
    ],
)
def test_kernels_of_what_is_ours_are_prepared_beside_a_plugin_s(tmp_path, name, kernel):
    script = tmp_path / "mixed.py"
    script.write_text(MIXED)
    done = subprocess.run([sys.executable, script, name], text=True, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert f"features.kernels.{kernel}" in done.stdout.split()


def test_two_processes_that_start_without_compiled_kernels(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def start():
        return subprocess.Popen(
            [sys.executable, "-c", PREPARE], env=environment, text=True, stdout=subprocess.PIPE
        )

    both = [start(), start()]
    first, second = (process.communicate()[0].split() for process in both)
    third = start().communicate()[0].split()
    chosen = feature_set("original*noise,original*mean")
    expected = chosen.compute(np.arange(300, dtype=np.uint8).reshape(15, 20))
    assert first == second == ["compiling", expected.tobytes().hex()]
    assert third == [expected.tobytes().hex()]
