"""The sortable board: a table for each split, with intervals drawn as whiskers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np

from results import numerals
from results.machine import machine
from results.metrics import METRICS
from results.ranking import Standing
from results.record import Record
from results.report.scale import Scale, shares
from results.row import Row
from results.statistics import wilson
from results.uncertainty import Interval, Uncertainty

WHISKER_WIDTH = 160
_EDGE = 6  # of the whisker's drawing, so that a mark at the end is whole


@dataclass(frozen=True)
class Column:
    """A column: its heading, 'number', 'text' or 'whisker', and whether it waits to be asked for.

    better: which way a score is better, 'higher' or 'lower': that end comes first when sorted;
    meaning: what it says, for a reader who is no statistician; empty where the heading says it.
    """

    heading: str
    kind: str
    more: bool = False
    better: str = "lower"
    meaning: str = ""


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and what it is sorted by: a number or a text, None for nothing.

    small: an interval, or whatever is to be read after the text.
    """

    text: str
    key: float | str | None
    small: str = ""


@dataclass(frozen=True)
class Whisker:
    """Where an interval and the value in it are drawn, in user units from the left."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Line:
    """One row of the board; cells in the order of the columns, the whisker's empty.

    status: shown in the whisker's place where there is none.
    """

    trial: str
    name: str
    family: str
    status: str
    tied: bool
    whisker: Whisker | None
    cells: Sequence[Cell]


@dataclass(frozen=True)
class BoardTable:
    """The board of one split.

    common: the accuracy of always naming the commonest class; chance: where it is drawn, None where
    it lies left of what is drawn.
    unscored: for each reason why rows have no score (their names, their status, the reason).
    """

    split: str
    n: int
    scale: Scale
    common: str
    chance: float | None
    columns: Sequence[Column]
    lines: Sequence[Line]
    unscored: Sequence[tuple[str, str, str]]


def board_tables(
    standings: Sequence[Standing],
    names: Mapping[str, str],
    sure: Mapping[int, Uncertainty],
    marked: Mapping[str, str],
) -> list[BoardTable]:
    """A table for each split, in the board's order.

    sure: how sure the numbers of a row are, by the row's id(); marked: machine to its mark.
    """
    failed = any(not standing.row.record.ok for standing in standings)
    columns = [c for c in _COLUMNS if failed or c.heading not in _OF_FAILURE]
    tables = []
    for split, group in groupby(standings, key=lambda standing: standing.row.split):
        rows = list(group)
        intervals = [interval(standing.row) for standing in rows]
        scale = shares(
            [end for ends in intervals if ends for end in ends], _EDGE, WHISKER_WIDTH - _EDGE
        )
        lines = [
            _line(
                standing,
                ends,
                scale,
                names[standing.row.record.trial],
                sure.get(id(standing.row)),
                marked,
                failed,
            )
            for standing, ends in zip(rows, intervals, strict=True)
        ]
        common = commonest(standing.row for standing in rows)
        tables.append(
            BoardTable(
                split=split,
                n=rows[0].row.n,
                scale=scale,
                common=numerals.score(common),
                chance=None if common is None or common < scale.low else scale(common),
                columns=columns,
                lines=lines,
                unscored=_unscored(lines, rows),
            )
        )
    return tables


def timed(seconds: float | None, record: Record, marked: Mapping[str, str]) -> str:
    """Seconds with the mark of the machine they were measured on, where there are several."""
    text, mark = numerals.seconds(seconds), marked.get(machine(record), "")
    return f"{text} ({mark})" if text and mark else text


def _unscored(lines: Sequence[Line], standings: Sequence[Standing]) -> list[tuple[str, str, str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for line, standing in zip(lines, standings, strict=True):
        record = standing.row.record
        if not record.ok:
            found.setdefault((record.status, record.reason), []).append(line.name)
    return [(", ".join(names), *why) for why, names in found.items()]


def interval(row: Row) -> tuple[float, float] | None:
    """Wilson's interval of a row's accuracy; None if it has none."""
    return _wilson(int(row.correct.sum()), row.n) if row.record.ok and row.n else None


# A page asks for each row's several times, and rows share their counts; scipy takes milliseconds.
_wilson = lru_cache(maxsize=4096)(wilson)


def commonest(rows: Iterable[Row]) -> float | None:
    """The accuracy of always naming a split's commonest class; None if its labels are unknown."""
    for row in rows:
        if row.predictions is not None and row.n:
            return float(np.bincount(row.predictions.labels).max() / row.n)
    return None


_COLUMNS = (
    Column("Rank", "number"),
    Column("Model", "text"),
    Column("Accuracy and interval", "whisker", better="higher"),
    Column("Accuracy", "number", better="higher", meaning="The share of pictures named rightly."),
    Column(
        "95\u00a0% interval",
        "number",
        better="higher",
        meaning="Where the accuracy on any number of such pictures may lie (Wilson).",
    ),
    Column(
        "To best",
        "number",
        better="higher",
        meaning="Accuracy minus that of the most accurate row, in percentage points on the same "
        "pictures, and its 95\u00a0% interval (bootstrap).",
    ),
    Column(
        "Ranks",
        "number",
        meaning="The ranks by accuracy that these pictures leave open, at 95\u00a0%: with other "
        "pictures of the kind the row may stand anywhere between.",
    ),
    Column(
        "Tied",
        "text",
        meaning="Whether the row cannot be told from the most accurate one: its p (Holm) is 0.05 "
        "or more.",
    ),
    Column("Total s", "number", meaning="Features, fit and prediction of the split, in seconds."),
    Column("Family", "text", more=True),
    Column(
        "p",
        "number",
        more=True,
        meaning="How often chance alone would part the row and the most accurate one as far, were "
        "they equally good (exact McNemar).",
    ),
    Column(
        "p (Holm)",
        "number",
        more=True,
        meaning="The same, raised for there being so many comparisons: of many, some look "
        "different by chance.",
    ),
    Column(
        "P (best)",
        "number",
        more=True,
        better="higher",
        meaning="The share of test sets drawn again from these pictures on which the row is the "
        "most accurate: how stable the choice is.",
    ),
    Column("Training", "text", more=True),
    *(
        Column(metric.title, "number", more=True, better=metric.direction)
        for metric in list(METRICS.values())[1:]
    ),
    Column("Fit s", "number", more=True),
    Column("Predict s", "number", more=True),
    Column("Features s", "number", more=True),
    Column("Device", "text", more=True),
    Column("Threads", "number", more=True),
    Column("Memory MB", "number", more=True),
    Column("Parameters", "number", more=True),
    Column("Seed", "number", more=True),
    Column("Status", "text", more=True),
    Column("Reason", "text", more=True),
)
_OF_FAILURE = ("Status", "Reason")  # left out where no row failed


def _line(
    standing: Standing,
    ends: tuple[float, float] | None,
    scale: Scale,
    name: str,
    sure: Uncertainty | None,
    marked: Mapping[str, str],
    failed: bool,
) -> Line:
    row, record, scores = standing.row, standing.row.record, standing.row.scores
    accuracy, found = scores.get("accuracy"), standing.difference
    whisker = None
    if ends and accuracy is not None:
        whisker = Whisker(scale(ends[0]), scale(accuracy), scale(ends[1]))

    def time(seconds: float | None) -> Cell:
        return _number(seconds, lambda value: timed(value, record, marked))

    cells = [
        _number(standing.rank, numerals.whole),
        _text(name),
        _number(accuracy, lambda value: ""),
        _number(accuracy, numerals.score),
        Cell(numerals.interval(*(ends or (None, None))), ends[0] if ends else None),
        _to_best(standing, sure),
        Cell("–".join(map(str, sure.ranks)), sure.ranks[0]) if sure else Cell("", None),
        _text({True: "tied", False: "no", None: ""}[standing.tied]),
        time(row.total_seconds),
        _text(record.family),
        *(_number(p, _p) for p in ((found.p, found.p_holm) if found else (None, None))),
        _number(sure.probability_best if sure else None, lambda share: f"{share:.2f}"),
        _text(record.training),
        *(
            _number(
                scores.get(metric), numerals.score, sure.intervals.get(metric) if sure else None
            )
            for metric in list(METRICS)[1:]
        ),
        time(record.fit_seconds),
        time(row.predict_seconds),
        time(record.feature_seconds),
        _text(record.device),
        _number(record.threads, numerals.whole),
        _number(record.peak_memory_mb, numerals.whole),
        _number(record.parameter_count, numerals.whole),
        _number(record.seed, lambda seed: str(seed)),
        *([_text(record.status), _text(record.reason)] if failed else []),
    ]
    tied = bool(standing.tied)
    return Line(record.trial, name, record.family, record.status, tied, whisker, cells)


def _to_best(standing: Standing, sure: Uncertainty | None) -> Cell:
    """The difference to the most accurate row in points, with its interval."""
    found = standing.difference
    if found is None or sure is None:
        return Cell("", None)
    if found.row is found.best:
        return Cell("best", 0.0)
    difference = found.row.scores["accuracy"] - found.best.scores["accuracy"]
    low, high = (numerals.points(end) for end in sure.difference)
    return Cell(numerals.points(difference), round(difference, 9), f"{low} to {high}")


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _number(
    value: float | None, written: Callable[[float], str], ends: Interval | None = None
) -> Cell:
    if value is None or not math.isfinite(value):
        return Cell("", None)
    return Cell(written(value), value, numerals.interval(*ends) if ends else "")


def _text(text: str) -> Cell:
    return Cell(text, text.lower() or None)
