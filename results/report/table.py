"""The sortable board: a table for each split, with intervals drawn as whiskers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from results import numerals
from results.board.naming import stamped
from results.board.ranking import Standing, Uncertainty
from results.board.row import Row, commonest_share
from results.board.standings import Standings
from results.records.record import Record
from results.scale import Scale, whisker, whisker_scale
from results.text.cells import without_score


class _Cell(NamedTuple):
    """A text, the number or text that it is sorted by (None for nothing), and what follows it."""

    text: str
    key: float | str | None
    small: str = ""


class _Column(NamedTuple):
    """A heading, and the cell under it of each line."""

    heading: str
    cell: Callable[[_Line], _Cell]
    # 'number', 'text' or 'whisker'.
    kind: str = "number"
    # Whether it waits to be asked for.
    more: bool = False
    # Which way a score is better, 'higher' or 'lower': that end comes first when sorted.
    better: str = "lower"
    # What it says, for a reader who is no statistician; empty where the heading says it.
    meaning: str = ""
    # Of a column that the page treats in its own way: 'rank', 'name', 'total' or 'reason'.
    role: str = ""


class _Line(NamedTuple):
    """A row of the board as it is drawn, and how sure its numbers are if it is compared."""

    standing: Standing
    name: str
    uncertainty: Uncertainty | None
    letters: Mapping[str, str]
    whisker: tuple[float, float, float] | None
    columns: Sequence[_Column]

    @property
    def row(self) -> Row:
        return self.standing.row

    @property
    def record(self) -> Record:
        return self.standing.row.record

    @property
    def cells(self) -> list[_Cell]:
        return [column.cell(self) for column in self.columns]


class _BoardTable(NamedTuple):
    """The board of one split, and what always naming the commonest class would score there."""

    split: str
    n: int
    scale: Scale
    common: str
    # Where that is drawn, None where it lies left of what is drawn.
    chance: float | None
    columns: Sequence[_Column]
    lines: Sequence[_Line]
    unscored: Sequence[str]


def board_tables(board: Standings) -> list[_BoardTable]:
    """A table for each split, in the board's order."""
    metrics = list(board.metrics.values())[1:]
    scores = [
        _Column(m.title, partial(_score, m.name), more=True, better=m.direction) for m in metrics
    ]
    columns = [*_FIRST, *scores, *_LAST]
    if not all(record.ok for record in board.records):
        columns += _OF_FAILURE
    sure = {uncertainty.difference.row: uncertainty for uncertainty in board.uncertainties}
    return [_table(board, split, columns, sure) for split in board.by_split]


def _table(
    board: Standings, split: str, columns: Sequence[_Column], sure: Mapping[Row, Uncertainty]
) -> _BoardTable:
    standings = board.by_split[split]
    rows = [standing.row for standing in standings]
    scale = whisker_scale([end for row in rows for end in row.interval or ()])
    common = commonest_share(rows)
    lines = [
        _Line(
            standing=standing,
            name=board.names[row.record.trial],
            uncertainty=sure.get(row),
            letters=board.letters,
            whisker=whisker(scale, row.scores.get("accuracy", math.nan), row.interval),
            columns=columns,
        )
        for standing, row in zip(standings, rows, strict=True)
    ]
    return _BoardTable(
        split=split,
        n=rows[0].n,
        scale=scale,
        common=numerals.score(common),
        chance=None if common is None or common < scale.low else scale(common),
        columns=columns,
        lines=lines,
        unscored=without_score(standings, board.names),
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
    return _text(getattr(line.record, name))


def _count(name: str, line: _Line) -> _Cell:
    return _number(getattr(line.record, name), numerals.count)


def _seconds(of: Callable[[_Line], float | None], line: _Line) -> _Cell:
    machine, letters = line.record.machine, line.letters
    return _number(of(line), lambda value: stamped(value, machine, letters))


def _score(metric: str, line: _Line) -> _Cell:
    intervals = line.uncertainty.intervals if line.uncertainty else {}
    return _number(line.row.scores.get(metric), numerals.score, intervals.get(metric))


def _interval(line: _Line) -> _Cell:
    ends = line.row.interval
    return _Cell(numerals.interval(ends), ends[0] if ends else None)


def _to_best(line: _Line) -> _Cell:
    """The difference to the most accurate row in points, with its interval."""
    if line.uncertainty is None:
        return _Cell("", None)
    difference = line.uncertainty.difference
    if difference.row is difference.best:
        return _Cell("best", 0.0)
    low, high = map(numerals.points, difference.interval)
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


_FIRST = (
    _Column("Rank", lambda line: _number(line.standing.rank, numerals.count), role="rank"),
    _Column("Model", lambda line: _text(line.name), "text", role="name"),
    _Column(
        "Accuracy and interval",
        lambda line: _number(line.row.scores.get("accuracy"), lambda value: ""),
        "whisker",
        better="higher",
    ),
    _Column(
        "Accuracy",
        lambda line: _number(line.row.scores.get("accuracy"), numerals.score),
        better="higher",
        meaning="The share of pictures named rightly.",
    ),
    _Column(
        "95\u00a0% interval",
        _interval,
        better="higher",
        meaning="Where the accuracy on any number of such pictures may lie (Wilson).",
    ),
    _Column(
        "To best",
        _to_best,
        better="higher",
        meaning="Accuracy minus that of the most accurate row, in percentage points on the same "
        "pictures, and its 95\u00a0% interval (bootstrap).",
    ),
    _Column(
        "Ranks",
        _ranks,
        meaning="The ranks by accuracy that these pictures leave open, at 95\u00a0%: with other "
        "pictures of the kind the row may stand anywhere between.",
    ),
    _Column(
        "Tied",
        lambda line: _text(line.standing.tied_text),
        "text",
        meaning="Whether the row cannot be told from the most accurate one: its p (Holm) is 0.05 "
        "or more.",
    ),
    _Column(
        "Total s",
        partial(_seconds, lambda line: line.row.total_seconds),
        meaning="Features, fit and prediction of the split, in seconds.",
        role="total",
    ),
    _Column("Family", partial(_fact, "family"), "text", more=True),
    _Column(
        "p",
        partial(_p, "p"),
        more=True,
        meaning="How often chance alone would part the row and the most accurate one as far, were "
        "they equally good (exact McNemar).",
    ),
    _Column(
        "p (Holm)",
        partial(_p, "p_holm"),
        more=True,
        meaning="The same, raised for there being so many comparisons: of many, some look "
        "different by chance.",
    ),
    _Column(
        "P (best)",
        _probability_best,
        more=True,
        better="higher",
        meaning="The share of test sets drawn again from these pictures on which the row is the "
        "most accurate: how stable the choice is.",
    ),
    _Column("Training", partial(_fact, "training"), "text", more=True),
)

# After every metric but the accuracy.
_LAST = (
    _Column("Fit s", partial(_seconds, lambda line: line.record.fit_seconds), more=True),
    _Column("Predict s", partial(_seconds, lambda line: line.row.predict_seconds), more=True),
    _Column("Features s", partial(_seconds, lambda line: line.record.feature_seconds), more=True),
    _Column("Device", partial(_fact, "device"), "text", more=True),
    _Column("Threads", partial(_count, "threads"), more=True),
    _Column("Memory MB", partial(_count, "peak_memory_mb"), more=True),
    _Column("Parameters", partial(_count, "parameter_count"), more=True),
    _Column("Seed", lambda line: _number(line.record.seed, str), more=True),
)

# Left out where no row failed.
_OF_FAILURE = (
    _Column("Status", partial(_fact, "status"), "text", more=True),
    _Column("Reason", partial(_fact, "reason"), "text", more=True, role="reason"),
)
