"""The sortable board: a table for each split, with intervals drawn as whiskers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from results import numerals
from results.board.naming import stamped
from results.board.ranking import Standing
from results.board.row import Row, commonest_share
from results.board.standings import Standings
from results.board.uncertainty import Uncertainty
from results.records.record import Record
from results.scale import Scale, shares
from results.statistics.metrics import Metric
from results.text.cells import unscored

WHISKER_WIDTH = 160

# Of the whisker's drawing, so that a mark at the end is whole.
WHISKER_EDGE = 6


@dataclass(frozen=True)
class Whisker:
    """Where an interval and the value in it are drawn, in user units from the left."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class _Cell:
    """A cell.

    Attributes
    ----------
    text : what it shows.
    key : what it is sorted by, a number or a text; None for nothing.
    small : an interval, or whatever is to be read after the text.
    """

    text: str
    key: float | str | None
    small: str = ""


@dataclass(frozen=True)
class _Column:
    """A column.

    Attributes
    ----------
    heading : above it.
    kind : 'number', 'text' or 'whisker'.
    cell : what it shows of a line.
    more : whether it waits to be asked for.
    better : which way a score is better, 'higher' or 'lower': that end comes first when sorted.
    meaning : what it says, for a reader who is no statistician; empty where the heading says it.
    role : of a column that the page treats in its own way: 'rank', 'name', 'total' or 'reason'.
    """

    heading: str
    kind: str
    cell: Callable[[_Line], _Cell]
    more: bool = False
    better: str = "lower"
    meaning: str = ""
    role: str = ""


@dataclass(frozen=True)
class _Line:
    """A row of the board as it is drawn.

    Attributes
    ----------
    uncertainty : how sure its numbers are; None for a row that is compared with none.
    letters : machine to its letter.
    """

    standing: Standing
    name: str
    uncertainty: Uncertainty | None
    letters: Mapping[str, str]
    scale: Scale
    columns: Sequence[_Column]

    @property
    def row(self) -> Row:
        """The row."""
        return self.standing.row

    @property
    def record(self) -> Record:
        """The row's record."""
        return self.standing.row.record

    @property
    def cells(self) -> list[_Cell]:
        """In the order of the columns."""
        return [column.cell(self) for column in self.columns]

    @cached_property
    def whisker(self) -> Whisker | None:
        """The accuracy and its interval; None where there is none, and the status is shown."""
        if self.row.interval is None:
            return None
        low, high = self.row.interval
        return Whisker(self.scale(low), self.scale(self.row.scores["accuracy"]), self.scale(high))


@dataclass(frozen=True)
class _BoardTable:
    """The board of one split.

    Attributes
    ----------
    common : the accuracy of always naming the commonest class.
    chance : where that is drawn, None where it lies left of what is drawn.
    unscored : for each reason why rows have no score: their names, their status, the reason.
    """

    split: str
    n: int
    scale: Scale
    common: str
    chance: float | None
    columns: Sequence[_Column]
    lines: Sequence[_Line]
    unscored: Sequence[tuple[str, str, str]]


def board_tables(board: Standings) -> list[_BoardTable]:
    """A table for each split, in the board's order."""
    metrics = list(board.metrics.values())[1:]
    columns = [*_FIRST, *map(_of_metric, metrics), *_LAST]
    if not all(record.ok for record in board.records):
        columns += _OF_FAILURE
    uncertain = {difference.row: uncertainty for difference, uncertainty in board.compared}
    return [
        _table(split, standings, board, columns, uncertain)
        for split, standings in board.by_split.items()
    ]


def _table(
    split: str,
    standings: Sequence[Standing],
    board: Standings,
    columns: Sequence[_Column],
    uncertain: Mapping[Row, Uncertainty],
) -> _BoardTable:
    rows = [standing.row for standing in standings]
    ends = [end for row in rows for end in row.interval or ()]
    scale = shares(ends, WHISKER_EDGE, WHISKER_WIDTH - WHISKER_EDGE)
    common = commonest_share(rows)
    lines = [
        _Line(
            standing=standing,
            name=board.names[standing.row.record.trial],
            uncertainty=uncertain.get(standing.row),
            letters=board.letters,
            scale=scale,
            columns=columns,
        )
        for standing in standings
    ]
    return _BoardTable(
        split=split,
        n=rows[0].n,
        scale=scale,
        common=numerals.score(common),
        chance=None if common is None or common < scale.low else scale(common),
        columns=columns,
        lines=lines,
        unscored=unscored(standings, board.names),
    )


def _number(
    value: float | None,
    written: Callable[[float], str],
    ends: tuple[float, float] | None = None,
) -> _Cell:
    if value is None or not math.isfinite(value):
        return _Cell("", None)
    return _Cell(written(value), value, numerals.interval(ends))


def _text(text: str) -> _Cell:
    return _Cell(text, text.lower() or None)


def _fact(name: str, line: _Line) -> _Cell:
    """A text of the record."""
    return _text(getattr(line.record, name))


def _count(name: str, line: _Line) -> _Cell:
    """A whole number of the record."""
    return _number(getattr(line.record, name), numerals.count)


def _seconds(of: Callable[[_Line], float | None], line: _Line) -> _Cell:
    machine, letters = line.record.machine.name, line.letters
    return _number(of(line), lambda value: stamped(value, machine, letters))


def _score(metric: str, line: _Line) -> _Cell:
    intervals = line.uncertainty.intervals if line.uncertainty else {}
    return _number(line.row.scores.get(metric), numerals.score, intervals.get(metric))


def _interval(line: _Line) -> _Cell:
    ends = line.row.interval
    return _Cell(numerals.interval(ends), ends[0] if ends else None)


def _to_best(line: _Line) -> _Cell:
    """The difference to the most accurate row in points, with its interval."""
    difference = line.standing.difference
    if difference is None or line.uncertainty is None:
        return _Cell("", None)
    if difference.row is difference.best:
        return _Cell("best", 0.0)
    low, high = map(numerals.points, line.uncertainty.difference)
    points = numerals.points(difference.value)
    return _Cell(points, round(difference.value, 9), f"{low} to {high}")


def _ranks(line: _Line) -> _Cell:
    if line.uncertainty is None:
        return _Cell("", None)
    ranks = line.uncertainty.ranks
    return _Cell("–".join(map(str, ranks)), ranks[0])


def _p(name: str, line: _Line) -> _Cell:
    p = getattr(line.standing.difference, name, None)
    return _number(p, lambda p: "< 0.001" if p < 0.001 else f"{p:.3f}")


def _probability_best(line: _Line) -> _Cell:
    share = line.uncertainty.probability_best if line.uncertainty else None
    return _number(share, lambda share: f"{share:.2f}")


def _of_metric(metric: Metric) -> _Column:
    cell = partial(_score, metric.name)
    return _Column(metric.title, "number", cell, more=True, better=metric.direction)


_FIRST = (
    _Column(
        "Rank", "number", lambda line: _number(line.standing.rank, numerals.count), role="rank"
    ),
    _Column("Model", "text", lambda line: _text(line.name), role="name"),
    _Column(
        "Accuracy and interval",
        "whisker",
        lambda line: _number(line.row.scores.get("accuracy"), lambda value: ""),
        better="higher",
    ),
    _Column(
        "Accuracy",
        "number",
        lambda line: _number(line.row.scores.get("accuracy"), numerals.score),
        better="higher",
        meaning="The share of pictures named rightly.",
    ),
    _Column(
        "95\u00a0% interval",
        "number",
        _interval,
        better="higher",
        meaning="Where the accuracy on any number of such pictures may lie (Wilson).",
    ),
    _Column(
        "To best",
        "number",
        _to_best,
        better="higher",
        meaning="Accuracy minus that of the most accurate row, in percentage points on the same "
        "pictures, and its 95\u00a0% interval (bootstrap).",
    ),
    _Column(
        "Ranks",
        "number",
        _ranks,
        meaning="The ranks by accuracy that these pictures leave open, at 95\u00a0%: with other "
        "pictures of the kind the row may stand anywhere between.",
    ),
    _Column(
        "Tied",
        "text",
        lambda line: _text(line.standing.tied_text),
        meaning="Whether the row cannot be told from the most accurate one: its p (Holm) is 0.05 "
        "or more.",
    ),
    _Column(
        "Total s",
        "number",
        partial(_seconds, lambda line: line.row.total_seconds),
        meaning="Features, fit and prediction of the split, in seconds.",
        role="total",
    ),
    _Column("Family", "text", partial(_fact, "family"), more=True),
    _Column(
        "p",
        "number",
        partial(_p, "p"),
        more=True,
        meaning="How often chance alone would part the row and the most accurate one as far, were "
        "they equally good (exact McNemar).",
    ),
    _Column(
        "p (Holm)",
        "number",
        partial(_p, "p_holm"),
        more=True,
        meaning="The same, raised for there being so many comparisons: of many, some look "
        "different by chance.",
    ),
    _Column(
        "P (best)",
        "number",
        _probability_best,
        more=True,
        better="higher",
        meaning="The share of test sets drawn again from these pictures on which the row is the "
        "most accurate: how stable the choice is.",
    ),
    _Column("Training", "text", partial(_fact, "training"), more=True),
)

# After every metric but the accuracy.
_LAST = (
    _Column("Fit s", "number", partial(_seconds, lambda line: line.record.fit_seconds), more=True),
    _Column(
        "Predict s", "number", partial(_seconds, lambda line: line.row.predict_seconds), more=True
    ),
    _Column(
        "Features s",
        "number",
        partial(_seconds, lambda line: line.record.feature_seconds),
        more=True,
    ),
    _Column("Device", "text", partial(_fact, "device"), more=True),
    _Column("Threads", "number", partial(_count, "threads"), more=True),
    _Column("Memory MB", "number", partial(_count, "peak_memory_mb"), more=True),
    _Column("Parameters", "number", partial(_count, "parameter_count"), more=True),
    _Column("Seed", "number", lambda line: _number(line.record.seed, str), more=True),
)

# Left out where no row failed.
_OF_FAILURE = (
    _Column("Status", "text", partial(_fact, "status"), more=True),
    _Column("Reason", "text", partial(_fact, "reason"), more=True, role="reason"),
)
