from itertools import pairwise

import pytest

from results.scale import Scale, duration_ticks, durations, share_ticks, shares


def test_a_logarithmic_scale_puts_equal_ratios_at_equal_distances():
    scale = Scale(1, 1000, 0, 300, log=True)
    assert [scale(s) for s in (1, 10, 100, 1000, 5000)] == [0, 100, 200, 300, 300]


@pytest.mark.parametrize("seconds", [[0.02], [5.8, 6.1], [0.5, 90000.0], [0.0, 3.0]])
def test_there_are_ticks_apart_whatever_the_times(seconds):
    scale = durations(seconds, 44, 360)
    places = [place for place, _ in duration_ticks(scale)]
    assert places
    assert all(b - a >= 55 for a, b in pairwise(places))
    assert all(44 <= scale(s) < 360 for s in seconds)


def test_ticks_of_shares_are_round_and_within():
    for values in ([0.31, 0.33], [0.6, 0.95], [0.0, 1.0], []):
        ticks = share_ticks(shares(values, 400, 10))
        assert 2 <= len(ticks) <= 8
        assert all(10 <= place <= 400 for place, _ in ticks)


def test_a_single_value_is_drawn_in_the_middle():
    assert Scale(30, 30, 66, 600, log=True)(30) == 333
    assert Scale(0.5, 0.5, 0, 10)(7.0) == 5
