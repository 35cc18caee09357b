"""The figure of a learning curve: SVG that needs no library to draw and none to look at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle
from typing import Any, NamedTuple

from results import numerals
from results.curve.points import Point, Points
from results.scale import Scale, ticks_of_shares
from results.text.template import filled

# Okabe and Ito's colours (2008), which colour-blind readers can tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777")
_WIDTH, _HEIGHT = 820, 470

# Places of the axes' ends.
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 600, 28, 412

# Least distance of two labels.
_LABEL = 17

# A stretch of sizes without a gap: (x, y, low, high) of each.
_Stretch = Sequence[tuple[float, ...]]


class _Line(NamedTuple):
    """What is drawn of one model."""

    name: str
    deep: bool
    colour: str
    runs: Sequence[_Stretch]
    label: float


def curve_figure(curve: Points) -> str:
    """Accuracy over the size in logarithm: a line and a band for each model, and the crossover."""
    x, y = Scale(curve.sizes[0], curve.sizes[-1], _LEFT, _RIGHT, log=True), _accuracies(curve)
    content = {
        "width": _WIDTH,
        "height": _HEIGHT,
        "left": _LEFT,
        "right": _RIGHT,
        "top": _TOP,
        "bottom": _BOTTOM,
        "text": curve.text,
        "split": curve.split,
        "sizes": [(x(size), numerals.count(size)) for size in curve.sizes],
        "accuracies": _ticks(y),
        "lines": _lines(curve, x, y),
        "crossover": _crossover(curve, x),
    }
    return filled("curve.svg.j2", content)


def _accuracies(curve: Points) -> Scale:
    """A scale that holds every interval, from whole steps to whole steps."""
    least = min((point.accuracy_low for point in curve.shown if point.ok), default=0.0)
    most = max((point.accuracy_high for point in curve.shown if point.ok), default=1.0)
    step = _step(least, most)
    low, high = math.floor(least / step) * step, math.ceil(most / step) * step
    return Scale(low, high if high > low else low + step, _BOTTOM, _TOP)


def _step(low: float, high: float) -> float:
    return 0.1 if high - low > 0.35 else 0.05 if high - low > 0.15 else 0.02


def _ticks(y: Scale) -> list[tuple[float, str]]:
    step = _step(y.low, y.high)
    steps = range(round((y.high - y.low) / step) + 1)
    return ticks_of_shares(y, [y.low + k * step for k in steps])


def _lines(curve: Points, x: Scale, y: Scale) -> list[_Line]:
    names = list(dict.fromkeys(point.name for point in curve.shown))
    mine = {name: [point for point in curve.shown if point.name == name] for name in names}
    runs = {name: _runs(points, x, y) for name, points in mine.items()}
    places = _apart({name: every[-1][-1][1] for name, every in runs.items() if every})
    return [
        _Line(name, mine[name][0].family == "deep", colour, runs[name], places[name])
        for name, colour in zip(names, cycle(_COLOURS), strict=False)
        if name in places
    ]


def _runs(points: Sequence[Point], x: Scale, y: Scale) -> list[_Stretch]:
    runs: list[list[tuple[float, ...]]] = [[]]
    for point in points:
        if point.ok:
            heights = map(y, (point.accuracy, point.accuracy_low, point.accuracy_high))
            runs[-1].append((x(point.train), *heights))
        else:
            runs.append([])
    return [run for run in runs if run]


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Heights of labels near the ends of their lines, none of which covers another."""
    places: dict[str, float] = {}
    lowest = -math.inf
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        lowest = max(end, lowest + _LABEL)
        places[name] = lowest
    over = max(lowest - _BOTTOM, 0.0)
    return {name: place - over for name, place in places.items()}


def _crossover(curve: Points, x: Scale) -> dict[str, Any] | None:
    """The line where deep overtakes and the band of its interval; None if it is not in sight."""
    crossover = curve.crossover
    if crossover is None or math.isinf(crossover.at):
        return None
    # Infinite ends of the interval lie beyond the sizes, where the scale ends.
    place, low, high = map(x, (crossover.at, crossover.low, crossover.high))
    label = f"deep overtakes at about {numerals.about(round(crossover.at))}"
    is_right = place > (_LEFT + _RIGHT) / 2
    return {"x": place, "low": low, "high": high, "label": label, "is_right": is_right}
