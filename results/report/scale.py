"""Scales: from values to places in a drawing, and the ticks between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_SECONDS = {
    0.001: "1 ms",
    0.01: "10 ms",
    0.1: "0.1 s",
    1.0: "1 s",
    10.0: "10 s",
    60.0: "1 min",
    600.0: "10 min",
    3600.0: "1 h",
    36000.0: "10 h",
    345600.0: "4 days",
    3456000.0: "40 days",
}


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
        value = min(max(value, self.low), self.high)
        share = (self._flat(value) - self._flat(self.low)) / (
            self._flat(self.high) - self._flat(self.low)
        )
        return round(self.start + share * (self.end - self.start), 1)

    def _flat(self, value: float) -> float:
        return math.log(value) if self.log else value


def shares(values: Sequence[float], start: float, end: float) -> Scale:
    """A scale for shares in [0, 1], from a tenth below the least to a tenth above the largest."""
    low = max(0.0, math.floor(min(values, default=0.0) * 10) / 10)
    high = min(1.0, math.ceil(max(values, default=1.0) * 10) / 10)
    return Scale(low, max(high, low + 0.1), start, end)


def share_ticks(scale: Scale) -> list[tuple[float, str]]:
    """(place, text) of five or so round shares."""
    step = 0.05 if scale.high - scale.low < 0.35 else 0.1 if scale.high - scale.low < 0.65 else 0.2
    count = math.floor((scale.high - math.ceil(scale.low / step - 1e-9) * step) / step + 1e-9)
    first = math.ceil(scale.low / step - 1e-9) * step
    return [
        (scale(first + k * step), f"{first + k * step:.2f}"[1 if first + k * step < 0.995 else 0 :])
        for k in range(count + 1)
    ]


def durations(values: Sequence[float], start: float, end: float) -> Scale:
    """A logarithmic scale for seconds, with a little room on both sides."""
    low, high = max(min(values), 1e-3), max(max(values), 1e-3)
    room = max((high / low) ** 0.06, 1.3)
    return Scale(low / room, high * room, start, end, log=True)


def duration_ticks(scale: Scale) -> list[tuple[float, str]]:
    """(place, text) of the round durations within."""
    return [(scale(s), text) for s, text in _SECONDS.items() if scale.low <= s <= scale.high]
