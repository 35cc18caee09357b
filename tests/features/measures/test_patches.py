"""Patch features: closed forms of their steps, and what the fit depends on."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

from features import FeatureError, feature_set
from features.measures.patches import _Codebook, _whiten

pytestmark = pytest.mark.filterwarnings("error")

COLOUR = skimage.data.astronaut()
TRAIN = [COLOUR[top : top + 32, left : left + 32] for top in (0, 200) for left in (150, 230)]
PATCHES = feature_set("colour*patches")


def fitted(pictures=TRAIN, seed=7):
    return PATCHES.fit(pictures, seed)


def codebook(fitted_set):
    return fitted_set.chosen[0].measure.take


@pytest.fixture(scope="module")
def learnt():
    return fitted()


def test_whitening_in_closed_form():
    rng = np.random.default_rng(0)
    spread = np.diag([5.0, 1.0, 0.1]) @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    rows = rng.normal(size=(5000, 3)) @ spread + [4, -2, 9]
    mean, matrix = _whiten(rows)
    assert_allclose(mean, rows.mean(axis=0))
    assert_allclose(matrix, matrix.T)
    # A direction of variance V comes out with V / (V + 0.1), and does not turn.
    variances, axes = np.linalg.eigh(np.cov(rows.T, bias=True))
    after = np.cov(((rows - mean) @ matrix).T, bias=True)
    assert_allclose(axes.T @ after @ axes, np.diag(variances / (variances + 0.1)), atol=1e-10)


def test_the_learnt_centroids_lie_among_the_train_patches(learnt):
    book = codebook(learnt)
    assert book.centroids.shape == (150, 108)
    assert book.whitening.shape == (108, 108)
    # k-means centroids are means of whitened patches, whose own mean is 0.
    assert np.abs(book.centroids.mean(axis=0)).max() < 1
    assert np.linalg.norm(book.centroids, axis=1).max() < 3 * np.sqrt(108)


def reference_row(book, picture):
    """The paper's formulas, patch by patch."""
    sums = np.zeros((2, 2, len(book.centroids)))
    counts = np.zeros((2, 2, 1))
    for top in range(27):
        for left in range(27):
            window = picture[top : top + 6, left : left + 6].astype(float)
            patch = np.moveaxis(window, -1, 0).ravel()
            patch = (patch - patch.mean()) / np.sqrt(patch.var() + 10)
            point = book.whitening @ (patch - book.mean)
            distances = np.array([np.linalg.norm(point - c) for c in book.centroids])
            quadrant = (int(top >= 14), int(left >= 14))
            sums[quadrant] += np.maximum(0, distances.mean() - distances)
            counts[quadrant] += 1
    return (sums / counts).ravel()


def test_the_triangle_activation_of_each_quadrant(learnt):
    picture = COLOUR[100:132, 60:92]
    expected = reference_row(codebook(learnt), picture)
    assert_allclose(learnt.compute(picture), expected, rtol=1e-7, atol=1e-9)


def test_quadrants_are_in_reading_order(learnt):
    base = learnt.compute(np.full((32, 32, 3), 90, np.uint8)).reshape(4, -1)
    for quadrant, corner in enumerate([(0, 0), (0, 22), (22, 0), (22, 22)]):
        picture = np.full((32, 32, 3), 90, np.uint8)
        picture[corner[0] : corner[0] + 8, corner[1] : corner[1] + 8, 0] = 250
        changed = np.abs(learnt.compute(picture).reshape(4, -1) - base).max(axis=1) > 1e-9
        assert_array_equal(changed, np.arange(4) == quadrant)


def test_a_patch_that_is_a_centroid_is_nearest_to_it():
    rng = np.random.default_rng(1)
    book = _Codebook(np.zeros(108), np.eye(108), rng.normal(size=(5, 108)))
    activation = book._activation(book.centroids)
    assert_array_equal(activation.argmax(axis=1), np.arange(5))
    assert (activation >= 0).all()


def test_an_unfitted_set_computes_nothing():
    assert PATCHES.needs_fit
    assert feature_set("rich").needs_fit
    with pytest.raises(FeatureError, match="fitted on train pictures first"):
        PATCHES.compute(TRAIN[0])


def test_the_same_train_and_seed_give_the_same_numbers(learnt):
    again = fitted()
    assert_array_equal(again.compute(COLOUR), learnt.compute(COLOUR))
    assert (fitted(seed=8).compute(COLOUR) != learnt.compute(COLOUR)).any()
    assert (fitted(TRAIN[1:]).compute(COLOUR) != learnt.compute(COLOUR)).any()


def test_computing_teaches_nothing(learnt):
    """Whatever val and test hold, what was learnt and each row stay what they are."""
    before = pickle.dumps(codebook(learnt))
    row = learnt.compute(COLOUR)
    for seed in range(3):
        learnt.compute(np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    assert pickle.dumps(codebook(learnt)) == before
    assert_array_equal(learnt.compute(COLOUR), row)
    assert learnt.fit([COLOUR], 1) is learnt


def test_a_fitted_set_travels(learnt):
    there = pickle.loads(pickle.dumps(learnt))  # noqa: S301
    assert there.columns == learnt.columns
    assert there.definition == learnt.definition
    assert_array_equal(there.compute(COLOUR), learnt.compute(COLOUR))


def test_the_number_of_threads_changes_nothing(learnt):
    with threadpool_limits(2):
        assert_array_equal(fitted().compute(COLOUR), learnt.compute(COLOUR))


_FIT = """
import hashlib, numpy as np
from features import feature_set
pictures = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
row = feature_set("colour*patches").fit(list(pictures), 3).compute(pictures[0])
print(hashlib.sha256(row.tobytes()).hexdigest())
"""


def test_nor_does_the_number_that_a_process_starts_with():
    # scikit-learn's own threads come up with its import, which is inside the fit.
    root = str(Path(__file__).parents[3])
    digests = set()
    for threads in ("1", "2"):
        variables = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", _FIT],
            env={**os.environ, **variables, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1


@pytest.mark.parametrize("value", [0, 255])
def test_train_pictures_without_any_pattern(value):
    flat = fitted([np.full((20, 20), value, np.uint8)] * 2)
    assert np.isfinite(flat.compute(COLOUR)).all()


def test_the_picture_s_size_does_not_matter(learnt):
    doubled = np.repeat(np.repeat(TRAIN[0], 3, axis=0), 3, axis=1)
    assert_allclose(learnt.compute(doubled), learnt.compute(TRAIN[0]))
