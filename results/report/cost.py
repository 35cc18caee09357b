"""Accuracy against total time, and the rows that nothing beats in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from results import numerals
from results.machine import machine
from results.report.scale import duration_ticks, durations, share_ticks, shares
from results.report.table import interval
from results.row import Row

_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 16, 14, 44
_LETTER, _HEIGHT = 7.1, 13  # of a label's text, about
_MOST_LABELS = 9
_GAP = 6  # between a label and the ticks

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A row in the chart. low, high: the ends of its interval; front: nothing beats it in both."""

    x: float
    y: float
    low: float
    high: float
    family: str
    front: bool
    text: str


@dataclass(frozen=True)
class Label:
    """A name beside a mark, centred on x; y is the text's baseline."""

    x: float
    y: float
    text: str
    family: str


@dataclass(frozen=True)
class Front:
    """What nothing beats, as a line; mark: its machine's, empty for the only one.

    label: where the mark's baseline is, right of the line's end.
    """

    mark: str
    path: str
    label: float


@dataclass(frozen=True)
class FrontLine:
    """A row of the front in numbers; time: in seconds, to as many digits as tell the rows apart."""

    mark: str
    name: str
    family: str
    accuracy: str
    interval: str
    time: str


@dataclass(frozen=True)
class CostChart:
    """The chart of one split at one size; ticks are (place, text)."""

    name: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    marks: Sequence[Mark]
    labels: Sequence[Label]
    fronts: Sequence[Front]


def pareto(rows: Sequence[Row]) -> list[Row]:
    """Rows that no other beats in both time and accuracy, the quickest first.

    Of rows that are equal in both, the first counts.
    """
    front: list[Row] = []
    known = [row for row in rows if row.record.ok and row.n and row.total_seconds is not None]
    for row in sorted(known, key=lambda row: (row.total_seconds, -row.scores["accuracy"])):
        if not front or row.scores["accuracy"] > front[-1].scores["accuracy"]:
            front.append(row)
    return front


def fronts(rows: Sequence[Row], marked: Mapping[str, str]) -> dict[str, list[Row]]:
    """The front of each machine that has one, by its mark; '' is the mark of the only machine.

    Times of different machines say nothing of one model against another.
    """
    by_mark: dict[str, list[Row]] = {mark: [] for mark in marked.values()}
    for row in rows:
        by_mark.setdefault(marked.get(machine(row.record), ""), []).append(row)
    found = {mark: pareto(each) for mark, each in by_mark.items()}
    return {mark: front for mark, front in found.items() if front}


def front_lines(
    rows: Sequence[Row], names: Mapping[str, str], marked: Mapping[str, str]
) -> list[FrontLine]:
    """The front of each machine after the other, each from its quickest row."""
    found = [(mark, row) for mark, each in fronts(rows, marked).items() for row in each]
    times = _apart([row.total_seconds or 0.0 for _, row in found])
    return [
        FrontLine(
            mark=mark,
            name=names[row.record.trial],
            family=row.record.family,
            accuracy=numerals.score(row.scores["accuracy"]),
            interval=numerals.interval(*(interval(row) or (None, None))),
            time=time,
        )
        for (mark, row), time in zip(found, times, strict=True)
    ]


def _apart(times: Sequence[float]) -> list[str]:
    """Seconds with two decimals, or up to five where fewer would make unequal ones look equal."""
    for decimals in (2, 3, 4, 5):
        written = [f"{time:,.{decimals}f} s" for time in times]
        if len(set(written)) == len(set(times)):
            break
    return written


def cost_chart(
    rows: Sequence[Row],
    names: Mapping[str, str],
    marked: Mapping[str, str],
    width: int,
    height: int,
    name: str,
) -> CostChart | None:
    """The rows of one split as a chart; None if no row has both an accuracy and a time.

    marked: machine to its mark; width, height: in user units; name: unique on the page.
    """
    known = [row for row in rows if row.record.ok and row.n and row.total_seconds is not None]
    if not known:
        return None
    ends = {id(row): interval(row) or (0.0, 1.0) for row in known}
    x = durations([row.total_seconds or 0.0 for row in known], _LEFT, width - _RIGHT)
    y = shares([end for pair in ends.values() for end in pair], height - _BOTTOM, _TOP)
    found = fronts(known, marked)
    front = sorted((row for each in found.values() for row in each), key=_merit, reverse=True)
    on_front = {id(row) for row in front}
    right = width - _RIGHT

    def mark(row: Row) -> Mark:
        low, high = ends[id(row)]
        accuracy, seconds = row.scores["accuracy"], row.total_seconds or 0.0
        on = marked.get(machine(row.record), "")
        text = (
            f"{names[row.record.trial]}: accuracy {numerals.score(accuracy)} "
            f"({numerals.interval(low, high)}) in {numerals.duration(seconds)}"
        ) + (f" on {on}" if on else "")
        place = (x(seconds), y(accuracy), y(low), y(high))
        return Mark(*place, row.record.family, id(row) in on_front, text)

    marks = {id(row): mark(row) for row in known}
    named = [(marks[id(row)], names[row.record.trial]) for row in _worth_a_label(known, front)]
    return CostChart(
        name=name,
        width=width,
        height=height,
        left=_LEFT,
        right=right,
        top=_TOP,
        bottom=height - _BOTTOM,
        x_ticks=duration_ticks(x),
        y_ticks=share_ticks(y),
        marks=sorted(marks.values(), key=lambda mark: mark.front),
        labels=_labels(named, list(marks.values()), width, height),
        fronts=_lines({m: [marks[id(row)] for row in each] for m, each in found.items()}, right),
    )


def _lines(found: Mapping[str, Sequence[Mark]], right: float) -> list[Front]:
    """The line of each front; labels of lines that end close to one another are moved down."""
    labels, lowest = {}, 0.0
    for mark, steps in sorted(found.items(), key=lambda item: item[1][-1].y):
        labels[mark] = lowest = max(steps[-1].y + 4, lowest + _HEIGHT)
    return [Front(mark, _steps(steps, right), labels[mark]) for mark, steps in found.items()]


def _merit(row: Row) -> float:
    return row.scores["accuracy"]


def _worth_a_label(known: Sequence[Row], front: Sequence[Row]) -> list[Row]:
    """The front from its most accurate end, and the best of each family."""
    best: dict[str, Row] = {}
    for row in sorted(known, key=lambda row: -row.scores["accuracy"]):
        best.setdefault(row.record.family, row)
    chosen = [*best.values(), *front]
    return list({id(row): row for row in chosen}.values())[:_MOST_LABELS]


def _steps(front: Sequence[Mark], right: float) -> str:
    """The line of what can be had in a given time: level, then up at each mark of the front."""
    first = front[0]
    parts = [f"M{first.x} {first.y}", *(f"H{mark.x}V{mark.y}" for mark in front[1:]), f"H{right}"]
    return "".join(parts)


def _labels(
    named: Sequence[tuple[Mark, str]], marks: Sequence[Mark], width: int, height: int
) -> list[Label]:
    """Names where they cover neither a mark nor one another; one without a place is left out."""
    taken: list[Box] = [(m.x - 5, m.y - 5, m.x + 5, m.y + 5) for m in marks]
    labels = []
    for mark, text in named:
        half = len(text) * _LETTER / 2
        for dx, dy in _offsets(half):
            x = min(max(mark.x + dx, _LEFT + half + _GAP), width - half - 2)
            y = mark.y + dy
            box = (x - half, y - _HEIGHT, x + half, y + 2)
            free = all(not _overlap(box, other) for other in taken)
            if free and box[1] > _TOP - 4 and box[3] < height - _BOTTOM:
                labels.append(Label(round(x, 1), round(y, 1), text, mark.family))
                taken.append(box)
                break
    return labels


def _offsets(half: float) -> list[tuple[float, float]]:
    """Where a name of that half width may stand from its mark, the best places first."""
    beside = half + 9
    near: list[tuple[float, float]] = [(0, -9), (beside, 4), (-beside, 4), (0, 19)]
    corners = [(sx * (beside - 4), dy) for dy in (-8, 17, -20, 29) for sx in (-1, 1)]
    return near + corners + [(0, -23), (0, 33), (0, -37), (0, 47)]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
