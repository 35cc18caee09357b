from __future__ import annotations

import pytest

from results import numerals


@pytest.mark.parametrize("n", [1, 2, 68, 999, 1000, 1001, 9_999, 10_000, 10_001, 250_000])
def test_one_picture_more_or_less_always_shows(n):
    for right in {0, n // 3, n // 2, n - 1}:
        assert numerals.percent(right / n, n) != numerals.percent((right + 1) / n, n)
        assert float(numerals.points(1 / n, n)) > 0
    assert numerals.percent((n - 1) / n, n) != numerals.percent(1, n)


def test_percentages_have_one_decimal_up_to_a_thousand_pictures():
    assert numerals.percent(2 / 3) == numerals.percent(2 / 3, 1000) == "66.7 %"
    assert numerals.percent(2 / 3, 10_000) == "66.67 %"


def test_a_difference_of_nothing_has_no_sign():
    assert numerals.points(0.0) == numerals.points(-0.0001) == "0.0"
    assert numerals.points(-0.0001, 10_000) == "-0.01"
    assert numerals.points(0.0, 10_000) == "0.00"


def test_one_picture_is_not_several():
    assert [numerals.pictures(n) for n in (0, 1, 1234)] == [
        "0 pictures",
        "1 picture",
        "1,234 pictures",
    ]
