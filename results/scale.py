"""Scales: from values to places in a drawing, and the ticks between."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_ROUND = (
    *("1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "0.1 s", "0.2 s", "0.5 s"),
    *("1 s", "2 s", "5 s", "10 s", "20 s", "30 s", "1 min", "2 min", "5 min", "10 min", "20 min"),
    *("30 min", "1 h", "2 h", "5 h", "10 h", "20 h", "2 days", "4 days", "10 days", "40 days"),
)
_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0}

# User units between two ticks of durations, at least.
_CLOSEST = 55

# Of a whisker's drawing, and of what it leaves free so that a mark at the end is whole.
WHISKER_WIDTH, _EDGE = 160, 6


@dataclass(frozen=True)
class Scale:
    """A map from values between low and high to places between start and end, in user units."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value, to a tenth; one outside is put at the nearer end."""
        first, last = self._flat(self.low), self._flat(self.high)
        flat = self._flat(min(max(value, self.low), self.high))
        share = (flat - first) / (last - first) if last > first else 0.5
        return round(self.start + share * (self.end - self.start), 1)

    def _flat(self, value: float) -> float:
        return math.log(value) if self.log else value


def shares(values: Sequence[float], start: float, end: float) -> Scale:
    """A scale for shares in [0, 1], from a tenth below the least to a tenth above the largest."""
    low = max(0.0, math.floor(min(values, default=0.0) * 10) / 10)
    high = min(1.0, math.ceil(max(values, default=1.0) * 10) / 10)
    return Scale(low, max(high, low + 0.1), start, end)


def share_ticks(scale: Scale) -> list[tuple[float, str]]:
    """(place, text) of the round shares within, five or so."""
    span = round((scale.high - scale.low) * 20)  # in steps of 0.05
    step = 1 if span <= 6 else 2 if span <= 12 else 4
    return ticks_of_shares(scale, [k / 20 for k in range(0, 21, step)])


def ticks_of_shares(scale: Scale, every: Iterable[float]) -> list[tuple[float, str]]:
    """(place, text) of those shares that the scale holds."""
    within = [share for share in every if scale.low - 1e-9 <= share <= scale.high + 1e-9]
    return [(scale(share), f"{share:.2f}") for share in within]


def durations(values: Sequence[float], start: float, end: float) -> Scale:
    """A logarithmic scale for seconds, with a little room on both sides."""
    low, high = max(min(values), 1e-3), max(max(values), 1e-3)
    room = max((high / low) ** 0.06, 1.3)
    return Scale(low / room, high * room, start, end, log=True)


def duration_ticks(scale: Scale) -> list[tuple[float, str]]:
    """(place, text) of the round durations within, as many as leave each other room."""
    ticks: list[tuple[float, str]] = []
    for text in _ROUND:
        number, unit = text.split()
        seconds = float(number) * _UNITS[unit]
        if not scale.low <= seconds <= scale.high:
            continue
        if not ticks or scale(seconds) - ticks[-1][0] >= _CLOSEST:
            ticks.append((scale(seconds), text))
    return ticks


class _Whisker(NamedTuple):
    low: float
    middle: float
    high: float


def whisker_scale(values: Sequence[float]) -> Scale:
    """A scale for shares that are drawn as whiskers."""
    return shares(values, _EDGE, WHISKER_WIDTH - _EDGE)


def whisker(scale: Scale, value: float, interval: tuple[float, float] | None) -> _Whisker | None:
    """Where an interval and the value in it are drawn; None where there is no interval, or NaN."""
    if interval is None or math.isnan(interval[0]):
        return None
    return _Whisker(scale(interval[0]), scale(value), scale(interval[1]))
