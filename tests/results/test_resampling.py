from __future__ import annotations

import numpy as np
import pytest

from results.resampling import resampled_means


def test_with_one_seed_it_is_the_bootstrap_of_a_proportion():
    correct = np.arange(200)[None] < 140
    (means,) = resampled_means([correct], resamples=4000)
    assert means.mean() == pytest.approx(0.7, abs=0.003)
    assert means.std() == pytest.approx(np.sqrt(0.7 * 0.3 / 200), rel=0.05)


def test_seeds_that_differ_on_every_picture_widen_it_by_their_own_variance():
    # Two seeds, one right everywhere, one wrong everywhere: the mean is the share of the first
    # among two draws, whatever the pictures.
    correct = np.array([np.ones(50), np.zeros(50)], dtype=bool)
    (means,) = resampled_means([correct], resamples=8000)
    values, counts = np.unique(np.round(means, 9), return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    assert counts / 8000 == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_models_are_resampled_together():
    noise = np.random.default_rng(0)
    a = noise.random((3, 80)) < 0.6
    first, again, opposite = resampled_means([a, a, ~a])
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first + opposite, 1)


def test_many_pictures_are_resampled_in_parts_with_the_same_law(monkeypatch):
    correct = np.random.default_rng(0).random((2, 60)) < 0.5
    monkeypatch.setattr("results.resampling._AT_A_TIME", 70)
    (means,) = resampled_means([correct], resamples=4000)
    monkeypatch.undo()
    (whole,) = resampled_means([correct], resamples=4000)
    assert means.std() == pytest.approx(whole.std(), rel=0.1)
    assert means.mean() == pytest.approx(correct.mean(), abs=0.01)


def test_the_interval_covers_the_true_mean_of_seeds_and_pictures():
    # Pictures of different difficulty, seeds that shift all of them, and luck of each.
    noise = np.random.default_rng(2)
    covered, times = 0, 200
    for _ in range(times):
        difficulty = noise.normal(0.6, 0.15, 120)
        shift = noise.normal(0, 0.02, 4)
        correct = noise.random((4, 120)) < np.clip(difficulty + shift[:, None], 0, 1)
        (means,) = resampled_means([correct], resamples=400)
        low, high = np.quantile(means, [0.025, 0.975])
        covered += low <= 0.6 <= high
    assert 0.92 < covered / times <= 1.0


@pytest.mark.parametrize("shape", [(0, 5), (2, 0), (5,)])
def test_nothing_is_not_resampled(shape):
    with pytest.raises(ValueError, match="are resampled, not"):
        resampled_means([np.zeros(shape, dtype=bool)])
