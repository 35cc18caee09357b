from __future__ import annotations

from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from results.statistics.inference import (
    difference_interval,
    holm,
    interval_around,
    mcnemar,
    pictures_needed,
    wilson,
)


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


@pytest.mark.parametrize(("correct", "n"), [(0, 10), (3, 10), (10, 10), (61, 300)])
def test_with_a_binomial_error_it_is_wilsons_interval(correct, n):
    p = correct / n
    error = sqrt(p * (1 - p) / n)
    assert interval_around(p, error, n) == pytest.approx(wilson(correct, n), abs=1e-12)


def test_the_interval_of_a_small_error_is_the_normal_one():
    assert interval_around(0.7, 1e-4, 50) == pytest.approx((0.7 - 1.96e-4, 0.7 + 1.96e-4), abs=1e-7)


def test_what_is_not_known_has_no_interval():
    for unknown in ((float("nan"), 0.1, 5), (0.5, float("nan"), 5), (0.5, 0.1, 0)):
        assert np.isnan(interval_around(*unknown)).all()


@given(st.floats(0, 1), st.floats(0, 0.6), st.integers(1, 1000))
def test_the_interval_holds_its_value_and_stays_within_0_and_1(value, error, n):
    low, high = interval_around(value, error, n)
    assert 0 <= low <= value <= high <= 1


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


def test_the_exact_test_needs_six_discordant_pictures():
    assert mcnemar(*pair(5, 0)) > 0.05 > mcnemar(*pair(6, 0))
    assert pictures_needed(*pair(5, 0)) == 6
    assert pictures_needed(*pair(5, 0, 1)) == 8


def test_no_number_of_pictures_tells_equals_apart():
    assert pictures_needed(*pair(4, 4, 2)) is None
    assert pictures_needed(*pair(0, 0, 2)) is None


def test_interval_is_that_of_resampling_pictures():
    a, b = pair(300, 180, 1000, 520)
    found = difference_interval(a, b)
    contribution = a.astype(float) - b
    expected = stats.bootstrap(
        (contribution,), np.mean, method="percentile", n_resamples=5000, batch=250, rng=1
    ).confidence_interval
    # Half a picture in each of four cells is nothing to 2,000.
    assert found == pytest.approx((expected.low, expected.high), abs=0.002)
    assert found == difference_interval(a, b), "seeded"


def test_interval_where_nothing_parts_the_two_has_a_width():
    low, high = difference_interval(*pair(0, 0, 60, 8))
    assert low < 0 < high
    assert -low == pytest.approx(high, abs=0.01)
    assert high < 0.06


def test_interval_of_nothing():
    assert np.isnan(difference_interval([], [])).all()


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_difference_seen_from_the_other_side_is_its_mirror(pairs):
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    assume(a.sum() != b.sum())
    low, high = difference_interval(a, b)
    assert difference_interval(b, a) == (-high, -low)
