"""The sortable board: a table for each split, with intervals drawn as whiskers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from results import numerals
from results.metrics import METRICS
from results.ranking import Standing
from results.report.scale import Scale, shares
from results.row import Row
from results.statistics import wilson

WHISKER_WIDTH = 220
_EDGE = 6  # of the whisker's drawing, so that a mark at the end is whole


@dataclass(frozen=True)
class Column:
    """A column: its heading, 'number', 'text' or 'whisker', and whether it waits to be asked for.

    better: which way a score is better, 'higher' or 'lower': that end comes first when sorted.
    """

    heading: str
    kind: str
    more: bool = False
    better: str = "lower"


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and what it is sorted by: a number or a text, None for nothing."""

    text: str
    key: float | str | None


@dataclass(frozen=True)
class Whisker:
    """Where an interval and the value in it are drawn, in user units from the left."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Line:
    """One row of the board; cells in the order of the columns, the whisker's empty."""

    trial: str
    name: str
    family: str
    ok: bool
    tied: bool
    whisker: Whisker | None
    cells: Sequence[Cell]


@dataclass(frozen=True)
class BoardTable:
    """The board of one split. chance: where the share of the commonest class is drawn.

    unscored: for each reason why rows have no score (their names, their status, the reason).
    """

    split: str
    n: int
    scale: Scale
    chance: float | None
    columns: Sequence[Column]
    lines: Sequence[Line]
    unscored: Sequence[tuple[str, str, str]]


def board_tables(standings: Sequence[Standing], names: Mapping[str, str]) -> list[BoardTable]:
    """A table for each split, in the board's order."""
    failed = any(not standing.row.record.ok for standing in standings)
    columns = [column for column in _COLUMNS if column.heading != "Reason" or failed]
    tables = []
    for split, group in groupby(standings, key=lambda standing: standing.row.split):
        rows = list(group)
        intervals = [interval(standing.row) for standing in rows]
        scale = shares(
            [end for ends in intervals if ends for end in ends], _EDGE, WHISKER_WIDTH - _EDGE
        )
        lines = [
            _line(standing, ends, scale, names[standing.row.record.trial], failed)
            for standing, ends in zip(rows, intervals, strict=True)
        ]
        common = commonest(standing.row for standing in rows)
        chance = None if common is None or common < scale.low else scale(common)
        tables.append(
            BoardTable(split, rows[0].row.n, scale, chance, columns, lines, _unscored(lines, rows))
        )
    return tables


def _unscored(lines: Sequence[Line], standings: Sequence[Standing]) -> list[tuple[str, str, str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for line, standing in zip(lines, standings, strict=True):
        record = standing.row.record
        if not record.ok:
            found.setdefault((record.status, record.reason), []).append(line.name)
    return [(", ".join(names), *why) for why, names in found.items()]


def interval(row: Row) -> tuple[float, float] | None:
    """Wilson's interval of a row's accuracy; None if it has none."""
    return wilson(int(row.correct.sum()), row.n) if row.record.ok and row.n else None


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
    Column("Accuracy", "number", better="higher"),
    Column("95 % interval", "number", better="higher"),
    Column("Tied", "text"),
    Column("Total s", "number"),
    Column("Family", "text"),
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
    Column("Status", "text"),
    Column("Reason", "text", more=True),
)


def _line(
    standing: Standing, ends: tuple[float, float] | None, scale: Scale, name: str, failed: bool
) -> Line:
    row, record, scores = standing.row, standing.row.record, standing.row.scores
    accuracy = scores.get("accuracy")
    whisker = None
    if ends and accuracy is not None:
        whisker = Whisker(scale(ends[0]), scale(accuracy), scale(ends[1]))
    cells = [
        _number(standing.rank, numerals.whole),
        _text(name),
        _number(accuracy, lambda value: ""),
        _number(accuracy, numerals.score),
        Cell(numerals.interval(*(ends or (None, None))), ends[0] if ends else None),
        _text({True: "tied", False: "no", None: ""}[standing.tied]),
        _number(row.total_seconds, numerals.seconds),
        _text(record.family),
        _text(record.training),
        *(_number(scores.get(metric), numerals.score) for metric in list(METRICS)[1:]),
        _number(record.fit_seconds, numerals.seconds),
        _number(row.predict_seconds, numerals.seconds),
        _number(record.feature_seconds, numerals.seconds),
        _text(record.device),
        _number(record.threads, numerals.whole),
        _number(record.peak_memory_mb, numerals.whole),
        _number(record.parameter_count, numerals.whole),
        _number(record.seed, lambda seed: str(seed)),
        _text(record.status),
        *([_text(record.reason)] if failed else []),
    ]
    return Line(record.trial, name, record.family, record.ok, bool(standing.tied), whisker, cells)


def _number(value: float | None, written: Callable[[float], str]) -> Cell:
    if value is None or not math.isfinite(value):
        return Cell("", None)
    return Cell(written(value), value)


def _text(text: str) -> Cell:
    return Cell(text, text.lower() or None)
