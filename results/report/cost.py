"""Accuracy against total time, and the rows that nothing beats in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from results import numerals
from results.board.row import Row
from results.board.standings import Standings
from results.scale import Scale, duration_ticks, durations, share_ticks, shares

# The chart in each of its sizes, (width, height) in user units, and its margins.
_SIZES = {"wide": (760, 430), "narrow": (372, 400)}
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 16, 14, 44

# Labels: how many at most, their text about, and how far they keep off the ticks.
_MOST_LABELS = 9
_LETTER, _HEIGHT = 7.1, 13
_GAP = 6
_Box = tuple[float, float, float, float]


class _Mark(NamedTuple):
    """A row in the chart, the ends of its interval, and whether nothing beats it in both."""

    x: float
    y: float
    low: float
    high: float
    family: str
    front: bool
    text: str


class _Label(NamedTuple):
    """A name beside a mark, centred on x; y is the text's baseline."""

    x: float
    y: float
    text: str
    family: str


class _Front(NamedTuple):
    """What nothing beats, as a line; its machine's letter, if any, has its baseline at label."""

    letter: str
    path: str
    label: float


class _FrontLine(NamedTuple):
    """A row of the front in numbers; the time in seconds, so finely that it tells rows apart."""

    letter: str
    name: str
    family: str
    accuracy: str
    interval: str
    time: str


class _CostChart(NamedTuple):
    """The chart of one split at one size; ticks are (place, text)."""

    name: str
    width: int
    height: int
    right: float
    bottom: float
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    marks: Sequence[_Mark]
    labels: Sequence[_Label]
    fronts: Sequence[_Front]
    left: float = _LEFT
    top: float = _TOP


def costs(board: Standings) -> dict[str, tuple[list[_CostChart], list[_FrontLine]]]:
    """For each split the chart in each size, and the front in numbers."""
    drawn = {}
    for place, (split, standings) in enumerate(board.by_split.items()):
        given = [standing.row for standing in standings], board.names, board.letters
        charts = [cost_chart(*given, *size, f"{name}-{place}") for name, size in _SIZES.items()]
        if known := [chart for chart in charts if chart is not None]:
            drawn[split] = (known, front_lines(*given))
    return drawn


def pareto(rows: Sequence[Row]) -> list[Row]:
    """Rows that no other beats in both time and accuracy, the quickest first.

    Of rows that are equal in both, the first counts.
    """
    front: list[Row] = []
    for row in sorted(_timed(rows), key=lambda row: (row.total_seconds, -_accuracy(row))):
        if not front or _accuracy(row) > _accuracy(front[-1]):
            front.append(row)
    return front


def _timed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.record.ok and row.n and row.total_seconds is not None]


def _accuracy(row: Row) -> float:
    return row.scores["accuracy"]


def fronts(rows: Sequence[Row], letters: Mapping[str, str]) -> dict[str, list[Row]]:
    """The front of each machine that has one, by its letter; '' is that of the only machine.

    Times of different machines say nothing of one model against another.
    """
    by_letter: dict[str, list[Row]] = {letter: [] for letter in letters.values()}
    for row in rows:
        by_letter.setdefault(letters.get(row.record.machine, ""), []).append(row)
    every = {letter: pareto(mine) for letter, mine in by_letter.items()}
    return {letter: front for letter, front in every.items() if front}


def front_lines(
    rows: Sequence[Row], names: Mapping[str, str], letters: Mapping[str, str]
) -> list[_FrontLine]:
    """The front of each machine after the other, each from its quickest row."""
    every = [(letter, row) for letter, front in fronts(rows, letters).items() for row in front]
    times = _apart([row.total_seconds or 0.0 for _, row in every])
    return [
        _FrontLine(
            letter,
            names[row.record.trial],
            row.record.family,
            numerals.score(_accuracy(row)),
            numerals.interval(row.interval),
            time,
        )
        for (letter, row), time in zip(every, times, strict=True)
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
    letters: Mapping[str, str],
    width: int,
    height: int,
    name: str,
) -> _CostChart | None:
    """The rows of one split as a chart of that many user units, with a name unique on the page.

    None if no row has both an accuracy and a time.
    """
    known = _timed(rows)
    if not known:
        return None
    right, bottom = width - _RIGHT, height - _BOTTOM
    x = durations([row.total_seconds or 0.0 for row in known], _LEFT, right)
    y = shares([end for row in known for end in row.interval or ()], bottom, _TOP)
    by_letter = fronts(known, letters)
    front = sorted((r for each in by_letter.values() for r in each), key=_accuracy, reverse=True)
    marks = {row: _mark(row, x, y, row in front, _described(row, names, letters)) for row in known}
    labelled = [(marks[row], names[row.record.trial]) for row in _worth_a_label(known, front)]
    return _CostChart(
        name=name,
        width=width,
        height=height,
        right=right,
        bottom=bottom,
        x_ticks=duration_ticks(x),
        y_ticks=share_ticks(y),
        marks=sorted(marks.values(), key=lambda mark: mark.front),
        labels=_labels(labelled, list(marks.values()), width, height),
        fronts=_lines({m: [marks[row] for row in rows] for m, rows in by_letter.items()}, right),
    )


def _mark(row: Row, x: Scale, y: Scale, is_front: bool, text: str) -> _Mark:
    low, high = row.interval or (0.0, 1.0)
    place = x(row.total_seconds or 0.0), y(_accuracy(row))
    return _Mark(*place, y(low), y(high), row.record.family, is_front, text)


def _described(row: Row, names: Mapping[str, str], letters: Mapping[str, str]) -> str:
    letter = letters.get(row.record.machine)
    return (
        f"{names[row.record.trial]}: accuracy {numerals.score(_accuracy(row))} "
        f"({numerals.interval(row.interval)}) in {numerals.duration(row.total_seconds or 0.0)}"
    ) + (f" on {letter}" if letter else "")


def _lines(by_letter: Mapping[str, Sequence[_Mark]], right: float) -> list[_Front]:
    """The line of each front; labels of lines that end close to one another are moved down."""
    labels, lowest = {}, 0.0
    for letter, steps in sorted(by_letter.items(), key=lambda item: item[1][-1].y):
        labels[letter] = lowest = max(steps[-1].y + 4, lowest + _HEIGHT)
    return [
        _Front(letter, _steps(steps, right), labels[letter]) for letter, steps in by_letter.items()
    ]


def _worth_a_label(known: Sequence[Row], front: Sequence[Row]) -> list[Row]:
    """The front from its most accurate end, and the best of each family."""
    best: dict[str, Row] = {}
    for row in sorted(known, key=lambda row: -_accuracy(row)):
        best.setdefault(row.record.family, row)
    return list(dict.fromkeys([*best.values(), *front]))[:_MOST_LABELS]


def _steps(front: Sequence[_Mark], right: float) -> str:
    """The line of what can be had in a given time: level, then up at each mark of the front."""
    steps = "".join(f"H{mark.x}V{mark.y}" for mark in front[1:])
    return f"M{front[0].x} {front[0].y}{steps}H{right}"


def _labels(
    labelled: Sequence[tuple[_Mark, str]], marks: Sequence[_Mark], width: int, height: int
) -> list[_Label]:
    """Names where they cover neither a mark nor one another; one without a place is left out."""
    taken: list[_Box] = [(m.x - 5, m.y - 5, m.x + 5, m.y + 5) for m in marks]
    labels = []
    for mark, text in labelled:
        half = len(text) * _LETTER / 2
        for dx, dy in _offsets(half):
            x = min(max(mark.x + dx, _LEFT + half + _GAP), width - half - 2)
            y = mark.y + dy
            box = (x - half, y - _HEIGHT, x + half, y + 2)
            free = all(
                box[0] >= other[2] or other[0] >= box[2] or box[1] >= other[3] or other[1] >= box[3]
                for other in taken
            )
            if free and box[1] > _TOP - 4 and box[3] < height - _BOTTOM:
                labels.append(_Label(round(x, 1), round(y, 1), text, mark.family))
                taken.append(box)
                break
    return labels


def _offsets(half: float) -> list[tuple[float, float]]:
    """Where a name of that half width may stand from its mark, the best places first."""
    beside = half + 9
    near: list[tuple[float, float]] = [(0, -9), (beside, 4), (-beside, 4), (0, 19)]
    corners = [(sx * (beside - 4), dy) for dy in (-8, 17, -20, 29) for sx in (-1, 1)]
    return near + corners + [(0, -23), (0, 33), (0, -37), (0, 47)]
