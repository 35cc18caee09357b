"""Tables of a board as text cells: the summary, and each split, LazyPredict's columns first.

Every format is written from these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from results import numerals
from results.machine import machine, marks, stamped
from results.metrics import METRICS
from results.naming import names
from results.ranking import Standing
from results.statistics import wilson
from results.summary import summarise

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

_SCORES = {
    "Accuracy": "accuracy",
    "Balanced Accuracy": "balanced_accuracy",
    "ROC AUC": "roc_auc",
    "F1 Score": "f1_weighted",
}
_WORDS = ("Learning", "Model", "Training", "Split", "Tied", "Status")


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
    headings = ["Learning", "Model", "Training", "Split", "Accuracy", "CPU Time", "GPU Time"]
    lines = summarise(board.standings)
    return _table("Classical and deep", headings, [list(astuple(line)) for line in lines])


def split_tables(board: Leaderboard) -> list[Table]:
    """One table for each split: LazyPredict's columns, the accuracy's interval, `tied`.

    After them the metric that ranks the rows, where it is none of LazyPredict's.
    """
    marked, called = marks(board.selection.records), names(board.selection.records)
    ranking = [] if board.sort_by in _SCORES.values() else [board.sort_by]
    headings = ["Model", *_SCORES, "Time Taken", "95 % interval", "Tied"]
    headings += [METRICS[metric].title for metric in ranking]
    tables = []
    for split, group in groupby(board.standings, key=lambda standing: standing.row.split):
        standings = list(group)
        title = f"{split}: {numerals.pictures(standings[0].row.n)}"
        rows = [_split_cells(standing, called, marked, ranking) for standing in standings]
        tables.append(_table(title, headings, rows))
    return tables


def ranked_by(board: Leaderboard) -> str:
    """What ranks the rows of a board's tables, and what its `tied` says, in words."""
    ranking = METRICS[board.sort_by]
    order = "" if ranking.direction == "higher" else ", the lowest first"
    return (
        f"Ranked by {board.sort_by} within each split{order}. Tied: an accuracy that cannot be "
        "told from the best row's."
    )


def without_score(board: Leaderboard) -> list[str]:
    """A line for each reason why rows have no score, with the names that it holds for."""
    called = names(board.selection.records)
    lost: dict[tuple[str, str], dict[str, None]] = {}
    for standing in board.standings:
        record = standing.row.record
        if not record.ok:
            lost.setdefault((record.status, record.reason), {})[called[record.trial]] = None
    return [
        f"{', '.join(rows)}: {status}{f', {reason}' if reason else ''}"
        for (status, reason), rows in lost.items()
    ]


def _table(title: str, headings: list[str], rows: list[list[str]]) -> Table:
    """The table of rows that end in a status, which is left out if all of them are ok."""
    if all(cells[-1] == "ok" for cells in rows):
        return Table(title, headings, [cells[:-1] for cells in rows])
    return Table(title, [*headings, "Status"], rows)


def _split_cells(
    standing: Standing,
    called: Mapping[str, str],
    marked: Mapping[str, str],
    ranking: Sequence[str],
) -> list[str]:
    row, record = standing.row, standing.row.record
    taken = None
    if record.ok and record.fit_seconds is not None and row.predict_seconds is not None:
        # LazyPredict's clock covers fit and prediction; the features were there before.
        taken = record.fit_seconds + row.predict_seconds
    low, high = wilson(int(row.correct.sum()), row.n) if record.ok else (None, None)
    return [
        called[record.trial],
        *(numerals.score(row.scores.get(name)) for name in _SCORES.values()),
        stamped(taken, machine(record), marked),
        numerals.interval(low, high),
        {True: "tied", False: "no", None: ""}[standing.tied],
        *(numerals.score(row.scores.get(name)) for name in ranking),
        record.status,
    ]
