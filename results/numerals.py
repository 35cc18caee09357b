"""How numbers are written for people: one place, so that every page writes them alike."""

from __future__ import annotations

import math


def score(value: float | None, sign: str = "") -> str:
    """A score with three decimals, a difference of scores with sign '+'; nothing for nothing."""
    return "" if _absent(value) else f"{value:{sign}.3f}"


def interval(ends: tuple[float, float] | None) -> str:
    """An interval of scores, 0.640 to 0.840 as '0.640–0.840'; nothing if there is none."""
    return "" if ends is None or any(map(_absent, ends)) else f"{ends[0]:.3f}–{ends[1]:.3f}"


def seconds(value: float | None) -> str:
    """Seconds with two decimals, as LazyPredict writes them; nothing if there are none."""
    return "" if _absent(value) else f"{value:.2f}"


def count(value: float | None) -> str:
    """A whole number, with thousands separated; nothing if there is none."""
    return "" if _absent(value) else f"{round(value):,}"  # type: ignore[arg-type]


def pictures(n: int) -> str:
    """A number of pictures: '1 picture', '1,234 pictures'."""
    return "1 picture" if n == 1 else f"{count(n)} pictures"


def about(number: int) -> str:
    """A large number that is not known to the last digit: rounded up to two figures."""
    step = 10 ** max(len(str(number)) - 2, 0)
    return f"{math.ceil(number / step) * step:,}"


def percent(share: float, n: int = 0) -> str:
    """A share of one in per cent; of n pictures, so finely that one more of them shows."""
    return f"{100 * share:.{_decimals(n)}f} %"


def points(difference: float, n: int = 0) -> str:
    """A difference of two shares in signed percentage points, as fine as `percent`."""
    text = f"{100 * difference:+.{_decimals(n)}f}"
    return text if float(text) else text[1:]


def _decimals(n: int) -> int:
    """The decimals of a percentage of n pictures: one up to 1,000, two up to 10,000, ..."""
    return max(len(str(n - 1)) - 2, 1)


def duration(value: float) -> str:
    """Seconds as one says them: '0.35 s', '42 s', '3 min 20 s', '2 h 5 min'."""
    if value < 10:
        return f"{value:.2g} s"
    if value < 120:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 120:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def times(ratio: float) -> str:
    """How many times as much, in two figures: '1.8 times', '35 times', '4,300 times'."""
    if ratio < 10:
        return f"{ratio:.1f} times"
    rounded = round(ratio, 2 - math.ceil(math.log10(ratio)))
    return f"{rounded:,.0f} times"


def p_value(p: float) -> str:
    """A p value: 'p = 0.039', 'p < 0.001'."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def _absent(value: float | None) -> bool:
    # True of pandas' NA too, which is not equal to itself in its own way.
    return value is None or not isinstance(value, int | float) or math.isnan(value)
