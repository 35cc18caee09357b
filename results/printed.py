"""Tables of a board as text cells: the summary, and each split in LazyPredict's columns.

Every format is written from these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from results import numerals
from results.machine import machine, marks
from results.ranking import Standing
from results.row import Row
from results.statistics import wilson
from results.summary import summarise, summary_splits

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

_SCORES = {
    "Accuracy": "accuracy",
    "Balanced Accuracy": "balanced_accuracy",
    "ROC AUC": "roc_auc",
    "F1 Score": "f1_weighted",
}
_WORDS = ("Learning", "Model", "Training", "Status")


@dataclass(frozen=True)
class Table:
    """A title, the headings, and rows of as many cells."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def sides(self) -> list[str]:
        """Where each column is aligned: words 'left', numbers 'right'."""
        return ["left" if heading in _WORDS else "right" for heading in self.headings]


def summary_table(board: Leaderboard) -> Table:
    """Classical and deep in the shape of the study's table. The status is there if one is not ok.

    A time has its machine's mark where there are several machines.
    """
    splits = summary_splits(board.standings)
    marked = marks(board.selection.records)
    headings = ["Learning", "Model", "Training", *(f"Accuracy ({split})" for split in splits)]
    lines = summarise(board.standings)
    rows = [
        [
            line.learning,
            line.model,
            line.training,
            *(line.accuracy(split) for split in splits),
            _time(line.cpu_seconds, line.on_cpu, marked),
            _time(line.gpu_seconds, line.on_gpu, marked),
            line.status,
        ]
        for line in lines
    ]
    return _table("Classical and deep", [*headings, "CPU Time", "GPU Time"], rows)


def split_tables(board: Leaderboard, intervals: bool = False) -> list[Table]:
    """One table for each split, in LazyPredict's columns, the accuracy's interval too if asked."""
    marked = marks(board.selection.records)
    scores = list(_SCORES)
    headings = ["Model", *scores[:1], *(["95 % interval"] if intervals else []), *scores[1:]]
    tables = []
    for split, group in groupby(board.standings, key=lambda standing: standing.row.split):
        standings = list(group)
        title = f"{split}: {numerals.whole(standings[0].row.n)} pictures"
        rows = [_split_cells(standing, marked, intervals) for standing in standings]
        tables.append(_table(title, [*headings, "Time Taken"], rows))
    return tables


def _table(title: str, headings: list[str], rows: list[list[str]]) -> Table:
    """The table of rows that end in a status, which is left out if all of them are ok."""
    if all(cells[-1] == "ok" for cells in rows):
        return Table(title, headings, [cells[:-1] for cells in rows])
    return Table(title, [*headings, "Status"], rows)


def _split_cells(standing: Standing, marked: Mapping[str, str], intervals: bool) -> list[str]:
    row, record = standing.row, standing.row.record
    taken = None
    if record.ok and record.fit_seconds is not None and row.predict_seconds is not None:
        # LazyPredict's clock covers fit and prediction; the features were there before.
        taken = record.fit_seconds + row.predict_seconds
    accuracy, *others = (numerals.score(row.scores.get(name)) for name in _SCORES.values())
    low, high = wilson(int(row.correct.sum()), row.n) if record.ok else (None, None)
    interval = [numerals.interval(low, high)] if intervals else []
    time = _time(taken, row, marked)
    return [record.model, accuracy, *interval, *others, time, record.status]


def _time(seconds: float | None, row: Row | None, marked: Mapping[str, str]) -> str:
    text = numerals.seconds(seconds)
    mark = marked.get(machine(row.record), "") if row else ""
    return f"{text} ({mark})" if text and mark else text
