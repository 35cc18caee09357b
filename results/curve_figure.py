"""The figure of a learning curve: SVG that needs no library to draw and none to look at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results import numerals
from results.point import Point

if TYPE_CHECKING:
    from jinja2 import Environment

    from results.curve import Curve

# Okabe and Ito's colours (2008), which colour-blind readers can tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777")
_WIDTH, _HEIGHT = 820, 470
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 220, 28, 58  # margins
_LABEL = 17  # least distance of two labels


@dataclass(frozen=True)
class _Axes:
    """Pixels of a size, in its logarithm, and of an accuracy."""

    sizes: Sequence[int]
    low: float
    high: float

    def x(self, size: float) -> float:
        first, last = math.log(self.sizes[0]), math.log(self.sizes[-1])
        inner = _WIDTH - _LEFT - _RIGHT
        if first == last:
            return round(_LEFT + inner / 2, 1)
        part = (math.log(size) - first) / (last - first)
        return round(_LEFT + min(max(part, 0.0), 1.0) * inner, 1)

    def y(self, accuracy: float) -> float:
        part = (accuracy - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - part * (_HEIGHT - _TOP - _BOTTOM), 1)


@dataclass(frozen=True)
class _Line:
    """What is drawn of one model. runs: stretches of sizes without a gap, of (x, y, low, high)."""

    name: str
    deep: bool
    colour: str
    runs: Sequence[Sequence[tuple[float, ...]]]
    label: float


def to_svg(curve: Curve) -> str:
    """Accuracy over the size in logarithm: a line and a band for each model, and the crossover."""
    axes = _axes(curve)
    return (
        environment()
        .get_template("curve.svg.j2")
        .render(
            width=_WIDTH,
            height=_HEIGHT,
            left=_LEFT,
            right=_WIDTH - _RIGHT,
            top=_TOP,
            bottom=_HEIGHT - _BOTTOM,
            text=curve.text,
            split=curve.split,
            sizes=[(axes.x(size), numerals.whole(size)) for size in curve.sizes],
            accuracies=[(axes.y(a), f"{a:.2f}") for a in _ticks(axes.low, axes.high)],
            lines=_lines(curve, axes),
            crossover=_crossover(curve, axes),
        )
    )


def environment() -> Environment:
    """Where the templates of a curve are found, and names in them are escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _axes(curve: Curve) -> _Axes:
    scores = [point.scores for point in curve.shown if point.scores]
    least = min((s.accuracy_low for s in scores), default=0.0)
    most = max((s.accuracy_high for s in scores), default=1.0)
    step = _step(least, most)
    low, high = math.floor(least / step) * step, math.ceil(most / step) * step
    return _Axes(curve.sizes, low, high if high > low else low + step)


def _step(low: float, high: float) -> float:
    return 0.1 if high - low > 0.35 else 0.05 if high - low > 0.15 else 0.02


def _ticks(low: float, high: float) -> list[float]:
    step = _step(low, high)
    return [low + k * step for k in range(round((high - low) / step) + 1)]


def _lines(curve: Curve, axes: _Axes) -> list[_Line]:
    names = list(dict.fromkeys(point.model for point in curve.shown))
    mine = {name: [point for point in curve.shown if point.model == name] for name in names}
    runs = {name: _runs(points, axes) for name, points in mine.items()}
    ends = {name: found[-1][-1][1] for name, found in runs.items() if found}
    places = _apart(ends)
    return [
        _Line(
            name=name,
            deep=mine[name][0].family == "deep",
            colour=_COLOURS[k % len(_COLOURS)],
            runs=runs[name],
            label=places[name],
        )
        for k, name in enumerate(names)
        if name in places
    ]


def _runs(points: Sequence[Point], axes: _Axes) -> list[list[tuple[float, ...]]]:
    runs: list[list[tuple[float, ...]]] = [[]]
    for point in points:
        if point.scores is None:
            runs.append([])
            continue
        scores = point.scores
        heights = map(axes.y, (scores.accuracy, scores.accuracy_low, scores.accuracy_high))
        runs[-1].append((axes.x(point.train), *heights))
    return [run for run in runs if run]


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Heights of labels near the ends of their lines, none of which covers another."""
    places: dict[str, float] = {}
    lowest = -math.inf
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        lowest = max(end, lowest + _LABEL)
        places[name] = lowest
    over = max(lowest - (_HEIGHT - _BOTTOM), 0.0)
    return {name: place - over for name, place in places.items()}


def _crossover(curve: Curve, axes: _Axes) -> dict[str, Any] | None:
    """The line where deep overtakes and the band of its interval; None if it is not in sight."""
    found = curve.crossover
    if found is None or math.isinf(found.at):
        return None
    least, most = curve.sizes[0], curve.sizes[-1]
    low = axes.x(least if math.isinf(found.low) else found.low)
    high = axes.x(most if math.isinf(found.high) else found.high)
    label = f"deep overtakes at about {numerals.about(round(found.at))}"
    x = axes.x(found.at)
    is_right = x > (_LEFT + _WIDTH - _RIGHT) / 2
    return {"x": x, "low": low, "high": high, "label": label, "is_right": is_right}
