"""Accuracy against total time, and the rows that nothing beats in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from results import numerals
from results.board.row import Row
from results.board.standings import Standings
from results.scale import Scale, duration_ticks, durations, share_ticks, shares

# The chart in each of its sizes, (width, height) in user units.
_SIZES = {"wide": (760, 430), "narrow": (372, 400)}

# Margins.
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 16, 14, 44

# Of a label's text, about.
_LETTER, _HEIGHT = 7.1, 13

_MOST_LABELS = 9

# Between a label and the ticks.
_GAP = 6

_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Mark:
    """A row in the chart.

    Attributes
    ----------
    low, high : ends of its interval.
    front : whether nothing beats it in both.
    """

    x: float
    y: float
    low: float
    high: float
    family: str
    front: bool
    text: str


@dataclass(frozen=True)
class _Label:
    """A name beside a mark, centred on x; y is the text's baseline."""

    x: float
    y: float
    text: str
    family: str


@dataclass(frozen=True)
class _Front:
    """What nothing beats, as a line.

    Attributes
    ----------
    letter : its machine's, empty for the only one.
    label : where the letter's baseline is, right of the line's end.
    """

    letter: str
    path: str
    label: float


@dataclass(frozen=True)
class _FrontLine:
    """A row of the front in numbers; the time in seconds, so finely that it tells rows apart."""

    letter: str
    name: str
    family: str
    accuracy: str
    interval: str
    time: str


@dataclass(frozen=True)
class _CostChart:
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
    marks: Sequence[_Mark]
    labels: Sequence[_Label]
    fronts: Sequence[_Front]


def costs(board: Standings) -> dict[str, tuple[list[_CostChart], list[_FrontLine]]]:
    """For each split the chart in each size, and the front in numbers."""
    drawn = {}
    for place, (split, standings) in enumerate(board.by_split.items()):
        rows = [standing.row for standing in standings]
        charts = [
            cost_chart(rows, board.names, board.letters, *size, name=f"{name}-{place}")
            for name, size in _SIZES.items()
        ]
        if known := [chart for chart in charts if chart is not None]:
            drawn[split] = (known, front_lines(rows, board.names, board.letters))
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
    """The rows that have both an accuracy and a time."""
    return [row for row in rows if row.record.ok and row.n and row.total_seconds is not None]


def _accuracy(row: Row) -> float:
    return row.scores["accuracy"]


def fronts(rows: Sequence[Row], letters: Mapping[str, str]) -> dict[str, list[Row]]:
    """The front of each machine that has one, by its letter; '' is that of the only machine.

    Times of different machines say nothing of one model against another.
    """
    by_letter: dict[str, list[Row]] = {letter: [] for letter in letters.values()}
    for row in rows:
        by_letter.setdefault(letters.get(row.record.machine.name, ""), []).append(row)
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
            letter=letter,
            name=names[row.record.trial],
            family=row.record.family,
            accuracy=numerals.score(_accuracy(row)),
            interval=numerals.interval(row.interval),
            time=time,
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
    """The rows of one split as a chart; None if no row has both an accuracy and a time.

    Parameters
    ----------
    rows : of the split.
    names : trial to what it is called.
    letters : machine to its letter.
    width, height : in user units.
    name : unique on the page.
    """
    known = _timed(rows)
    if not known:
        return None
    right, bottom = width - _RIGHT, height - _BOTTOM
    x = durations([row.total_seconds or 0.0 for row in known], _LEFT, right)
    y = shares([end for row in known for end in _ends(row)], bottom, _TOP)
    by_letter = fronts(known, letters)
    front = sorted((r for each in by_letter.values() for r in each), key=_accuracy, reverse=True)
    marks = {row: _mark(row, x, y, row in front, names, letters) for row in known}
    labelled = [(marks[row], names[row.record.trial]) for row in _worth_a_label(known, front)]
    return _CostChart(
        name=name,
        width=width,
        height=height,
        left=_LEFT,
        right=right,
        top=_TOP,
        bottom=bottom,
        x_ticks=duration_ticks(x),
        y_ticks=share_ticks(y),
        marks=sorted(marks.values(), key=lambda mark: mark.front),
        labels=_labels(labelled, list(marks.values()), width, height),
        fronts=_lines({m: [marks[row] for row in rows] for m, rows in by_letter.items()}, right),
    )


def _ends(row: Row) -> tuple[float, float]:
    return row.interval or (0.0, 1.0)


def _mark(
    row: Row,
    x: Scale,
    y: Scale,
    is_front: bool,
    names: Mapping[str, str],
    letters: Mapping[str, str],
) -> _Mark:
    low, high = _ends(row)
    accuracy, seconds = _accuracy(row), row.total_seconds or 0.0
    letter = letters.get(row.record.machine.name)
    text = (
        f"{names[row.record.trial]}: accuracy {numerals.score(accuracy)} "
        f"({numerals.interval((low, high))}) in {numerals.duration(seconds)}"
    ) + (f" on {letter}" if letter else "")
    return _Mark(x(seconds), y(accuracy), y(low), y(high), row.record.family, is_front, text)


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
    first = front[0]
    parts = [f"M{first.x} {first.y}", *(f"H{mark.x}V{mark.y}" for mark in front[1:]), f"H{right}"]
    return "".join(parts)


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
            free = all(not _overlap(box, other) for other in taken)
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


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
