from __future__ import annotations

from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from results.statistics import difference_interval, holm, mcnemar, pictures_needed, wilson


def pair(only_a, only_b, both=0, neither=0):
    a = [True] * only_a + [False] * only_b + [True] * both + [False] * neither
    b = [False] * only_a + [True] * only_b + [True] * both + [False] * neither
    return np.array(a), np.array(b)


def test_wilson_of_the_studys_best_row():
    low, high = wilson(51, 68)
    assert (round(low, 2), round(high, 2)) == (0.64, 0.84)


@pytest.mark.parametrize(("correct", "n"), [(0, 10), (3, 10), (10, 10), (61, 300)])
def test_wilson_by_its_formula(correct, n):
    z, p = stats.norm.ppf(0.975), correct / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = max(middle - half, 0), min(middle + half, 1)
    assert wilson(correct, n) == pytest.approx(expected, abs=1e-12)


def test_wilson_of_nothing():
    assert np.isnan(wilson(0, 0)).all()


@pytest.mark.parametrize(("only_a", "only_b"), [(1, 0), (5, 1), (10, 2), (4, 4), (0, 9)])
def test_mcnemar_by_counting(only_a, only_b):
    n, fewer = only_a + only_b, min(only_a, only_b)
    tail = sum(comb(n, k) for k in range(fewer + 1)) / 2**n
    assert mcnemar(*pair(only_a, only_b, 7, 3)) == pytest.approx(min(1.0, 2 * tail))


def test_mcnemar_without_discordant_pairs():
    assert mcnemar(*pair(0, 0, 5, 5)) == 1.0


def test_rows_of_other_lengths_are_no_pair():
    with pytest.raises(ValueError, match="picture by picture"):
        mcnemar([True], [True, False])


def test_holm_by_hand():
    # 0.01*4, then 0.02*3, then 0.03*2 raised to the one before, then 0.5.
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([]).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_none_and_bonferroni(p_values):
    adjusted, p = holm(p_values), np.array(p_values)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(p * len(p), 1) + 1e-12).all()
    assert adjusted.min() == pytest.approx(min(1.0, p.min() * len(p)))
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_pictures_needed_have_the_power_they_promise():
    a, b = pair(18, 10, 60, 12)
    needed = pictures_needed(a, b)
    draws = np.random.default_rng(1).multinomial(needed, [0.18, 0.10, 0.72], size=4000)
    only_a, only_b = draws[:, 0], draws[:, 1]
    statistic = (only_a - only_b) / np.sqrt(only_a + only_b)
    assert (np.abs(statistic) > stats.norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.03)


def test_pictures_needed_by_its_formula():
    # Rates 0.2 and 0.1 of discordant pairs: Connor's n for alpha 0.05, power 0.8.
    expected = (1.959964 * sqrt(0.3) + 0.841621 * sqrt(0.3 - 0.01)) ** 2 / 0.01
    assert pictures_needed(*pair(20, 10, 70)) == np.ceil(expected)


def test_no_number_of_pictures_tells_equals_apart():
    assert pictures_needed(*pair(4, 4, 2)) is None
    assert pictures_needed(*pair(0, 0, 2)) is None


def test_interval_is_that_of_resampling_pictures():
    a, b = pair(30, 18, 100, 52)
    found = difference_interval(a, b)
    contribution = a.astype(float) - b
    expected = stats.bootstrap(
        (contribution,), np.mean, method="percentile", n_resamples=9999, batch=500, rng=1
    ).confidence_interval
    assert found == pytest.approx((expected.low, expected.high), abs=0.006)
    assert found == difference_interval(a, b), "seeded"


def test_interval_covers_the_true_difference():
    rng, hits = np.random.default_rng(5), 0
    for counts in rng.multinomial(150, [0.2, 0.1, 0.7], size=600):
        low, high = difference_interval(*pair(*counts))
        hits += low <= 0.1 <= high
    assert hits / 600 == pytest.approx(0.95, abs=0.03)


def test_interval_of_nothing():
    assert np.isnan(difference_interval([], [])).all()
