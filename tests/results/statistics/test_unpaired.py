from __future__ import annotations

import numpy as np
import pytest

from results.statistics.inference import unpaired_interval, unpaired_p


def test_none_and_all_of_the_pictures_have_a_closed_form():
    # Wilson's upper limit of 0 of n is z^2 / (n + z^2).
    reach = 1.959964**2 / (10 + 1.959964**2)
    assert unpaired_interval(0, 0, 10) == pytest.approx((-reach, reach), abs=1e-6)
    assert unpaired_interval(10, 0, 10) == pytest.approx((1 - reach * 2**0.5, 1), abs=1e-6)


def test_the_interval_covers_the_true_difference():
    noise = np.random.default_rng(1)
    a, b = noise.binomial(80, 0.8, 2000), noise.binomial(80, 0.7, 2000)
    ends = [unpaired_interval(int(x), int(y), 80) for x, y in zip(a, b, strict=True)]
    covered = np.mean([low <= 0.1 <= high for low, high in ends])
    assert 0.93 < covered < 0.97


def test_equal_shares_say_nothing_and_opposite_ones_everything():
    assert unpaired_p(30, 30, 60) == 1
    assert unpaired_p(60, 0, 60) < 1e-20
