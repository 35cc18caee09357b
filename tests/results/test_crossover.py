from __future__ import annotations

import math

import numpy as np
import pytest

from results.crossover import crossing, crossover

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


def found(difference, spread, count=2001):
    """A crossover whose resamples are the difference, shifted by -spread to spread."""
    shifts = np.linspace(-spread, spread, count)
    return crossover(SIZES, "Net", "Forest", difference, np.add.outer(difference, shifts))


def test_the_interval_is_that_of_the_resampled_crossings():
    crossed = found([-0.3, -0.1, 0.1, 0.3], 0.1)
    assert crossed.at == pytest.approx(math.sqrt(50 * 100))
    # The difference is 0.2 per doubling here: a shift of 0.095 moves it by 0.475 doublings.
    assert crossed.low == pytest.approx(crossed.at * 2**-0.475, rel=1e-3)
    assert crossed.high == pytest.approx(crossed.at * 2**0.475, rel=1e-3)
    assert (crossed.difference_low, crossed.difference_high) == pytest.approx((0.205, 0.395))


def said(difference, spread):
    return found(difference, spread).sentences


def test_the_sentences_of_a_crossing():
    first, last = said([-0.3, -0.1, 0.1, 0.3], 0.1)
    assert first == (
        "Deep overtakes classical at about 71 training pictures (95 % interval 51 to 98)."
    )
    assert last == (
        "With 200 training pictures Net is 30.0 points ahead of Forest (95 % interval of the "
        "difference +20.5 to +39.5), which is more than chance."
    )


def test_an_uncertain_crossing_says_that_it_may_lie_outside():
    first, last = said([-0.1, -0.05, 0.05, 0.1], 0.3)
    assert "(95 % interval below 25 to beyond 200)" in first
    assert last.endswith("which is within chance.")


def test_no_crossing_within_the_sizes_is_said_so():
    first, last = said([-0.4, -0.3, -0.2, -0.1], 0.05)
    assert first == "Deep does not overtake classical within the sizes tried, 25 to 200."
    assert "10.0 points behind Forest" in last
    assert last.endswith("which is more than chance.")
    first, last = said([-0.4, -0.3, -0.2, -0.1], 0.2)
    assert first.endswith("within the sizes tried, 25 to 200, but chance may hide that it does.")
    assert last.endswith("which is within chance.")


def test_deep_ahead_everywhere():
    first, _ = said([0.2, 0.3, 0.3, 0.4], 0.05)
    assert first == "Deep is ahead at every size tried, from 25 training pictures on."
    first, _ = said([0.1, 0.3, 0.3, 0.4], 0.2)
    assert "(95 % interval of where it overtakes: below 25 to " in first
    first, _ = said([0.1, 0.1, 0.1, 0.1], 0.3)
    assert "that it still is with 200 is not beyond chance" in first
