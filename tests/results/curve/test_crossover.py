from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from results.curve.crossover import crossing, crossover

SIZES = (25, 50, 100, 200)


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        ([-0.2, -0.1, 0.1, 0.2], math.sqrt(50 * 100)),  # half way in the logarithm
        ([-0.3, -0.3, -0.1, 0.3], 100 * 2**0.25),
        ([0.1, 0.2, 0.3, 0.4], -math.inf),
        ([-0.4, -0.3, -0.2, -0.1], math.inf),
        ([-0.4, -0.3, -0.2, 0.0], math.inf),
        ([0.1, -0.1, 0.1, 0.2], math.sqrt(50 * 100)),  # for good, not for the first time
        ([0.1, 0.1, 0.1, -0.1], math.inf),
        ([-0.1, 0.0, 0.1, 0.1], 50),
    ],
)
def test_where_a_difference_becomes_positive_for_good(difference, expected):
    assert crossing(SIZES, np.array(difference)) == pytest.approx(expected)


def found(difference, apart, n=400, seeds=1, sizes=SIZES):
    """A crossover of two models that part on the share `apart` of n pictures at each size."""
    rows = []
    for mean in difference:
        deep, classical = round(n * (apart + mean) / 2), round(n * (apart - mean) / 2)
        row = np.zeros(n)
        row[:deep], row[deep : deep + classical] = 1, -1
        rows.append(np.stack([row] * seeds))
    return crossover(sizes, "Net", "Forest", rows)


def test_the_interval_is_fiellers():
    crossed = found([-0.3, -0.1, 0.1, 0.3], 0.4)
    assert crossed.at == pytest.approx(math.sqrt(50 * 100))
    # Where the squared difference is t squared times its variance, a quadratic in the part w of
    # the way from 50 to 100: with one row of 400 pictures and half pictures added by hand.
    n, w = 400, np.array([0.0, 0.5, 1.0])
    first, other = np.repeat([1, -1, 0.0], [60, 100, 240]), np.repeat([1, -1, 0.0], [100, 60, 240])
    mixed = [(1 - part) * first + part * other for part in w]
    centres = np.array([row.sum() / (n + 2) for row in mixed])
    squares = np.array([((row**2).sum() + 1) / (n + 2) for row in mixed])
    t = stats.t.ppf(0.975, n - 1)
    excess = centres**2 - t**2 * (squares - centres**2) / n
    low, high = sorted(np.roots(np.polyfit(w, excess, 2)))
    assert crossed.low == pytest.approx(50 * 2**low, rel=2e-3)
    assert crossed.high == pytest.approx(50 * 2**high, rel=2e-3)


def test_seeds_that_agree_change_nothing_and_seeds_that_do_not_widen_it():
    one, three = (found([-0.3, -0.1, 0.1, 0.3], 0.4, seeds=seeds) for seeds in (1, 3))
    assert (one.low, one.high) == pytest.approx((three.low, three.high))
    rows = [
        np.stack([np.full(400, mean + shift) for shift in (-0.02, 0, 0.02)])
        for mean in (-0.3, -0.1, 0.1, 0.3)
    ]
    wide = crossover(SIZES, "Net", "Forest", rows)
    # Pictures all alike: Student's interval of three values, 0.02 apart.
    half = stats.t.ppf(0.975, 2) * 0.02 / math.sqrt(3)
    assert wide.low == pytest.approx(wide.at * 2 ** (-half / 0.2), rel=0.01)
    assert (wide.difference_low, wide.difference_high) == pytest.approx(
        (0.3 - half, 0.3 + half), abs=0.01
    )


def said(difference, apart, **more):
    return found(difference, apart, **more).sentences


def test_the_sentences_of_a_crossing():
    first, last = said([-0.3, -0.1, 0.1, 0.3], 0.4)
    assert first == (
        "Deep overtakes classical at about 71 training pictures (95 % interval 58 to 86)."
    )
    assert last == (
        "With 200 training pictures Net is 30.0 points ahead of Forest (95 % interval of the "
        "difference +24.4 to +35.3), which is more than chance."
    )


def test_an_uncertain_crossing_says_that_it_may_lie_outside():
    first, last = said([-0.02, -0.01, 0.01, 0.02], 0.5)
    assert "(95 % interval below 25 to beyond 200)" in first
    assert last.endswith("which is within chance.")


def test_no_crossing_within_the_sizes_is_said_so():
    first, last = said([-0.4, -0.3, -0.2, -0.1], 0.4)
    assert first == "Deep does not overtake classical within the sizes tried, 25 to 200."
    assert "10.0 points behind Forest" in last
    assert last.endswith("which is more than chance.")
    first, last = said([-0.4, -0.3, -0.2, -0.02], 0.5)
    assert first.endswith("within the sizes tried, 25 to 200, but chance may hide that it does.")
    assert last.endswith("which is within chance.")


def test_deep_ahead_everywhere():
    first, _ = said([0.2, 0.3, 0.3, 0.4], 0.4)
    assert first == "Deep is ahead at every size tried, from 25 training pictures on."
    first, _ = said([0.02, 0.3, 0.3, 0.4], 0.5)
    assert "(95 % interval of where it overtakes: below 25 to " in first
    first, _ = said([0.02, 0.02, 0.02, 0.02], 0.5)
    assert "that it still is with 200 is not beyond chance" in first


def test_a_tie_is_neither_ahead_nor_behind():
    first, last = said([-0.1, -0.1, -0.1, 0.0], 0.1)
    assert first.startswith("Deep does not overtake classical")
    assert last == (
        "With 200 training pictures Net is exactly as accurate as Forest (95 % interval of the "
        "difference -3.1 to +3.1)."
    )
    _, last = said([0.0002] * 4, 0.0202, n=10_000)
    assert "Net is less than 0.1 points ahead of Forest" in last


def test_one_size_is_no_range():
    first, _ = said([0.1], 0.2, sizes=(100,))
    assert first == "Deep is ahead with 100 training pictures, the only size tried."
    first, _ = said([-0.1], 0.2, sizes=(100,))
    assert first == "Deep is not ahead with 100 training pictures, the only size tried."
