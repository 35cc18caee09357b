"""Tables of a board as text cells: the summary, and each split, LazyPredict's columns first.

Every format is written from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial

from results import numerals
from results.board.naming import stamped
from results.board.ranking import Standing
from results.board.row import Row
from results.board.standings import Standings
from results.board.summary import summarise

# LazyPredict's scores: heading and metric.
_SCORES = {
    "Accuracy": "accuracy",
    "Balanced Accuracy": "balanced_accuracy",
    "ROC AUC": "roc_auc",
    "F1 Score": "f1_weighted",
}

# Columns that hold words; the others hold numbers.
_WORDS = ("Learning", "Model", "Training", "Split", "Tied", "Status")

_Column = tuple[str, Callable[[Standing], str]]


@dataclass(frozen=True)
class Table:
    """A title, the headings, and lines of as many cells."""

    title: str
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]

    @property
    def sides(self) -> list[str]:
        """Where each column is aligned: words 'left', numbers 'right'."""
        return ["left" if heading in _WORDS else "right" for heading in self.headings]


def text_table(
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    sides: Sequence[str],
    style: str = "simple",
    clean: Callable[[str], str] = str,
) -> str:
    """A table as text.

    Parameters
    ----------
    headings, lines : cells as they are.
    sides : where each column is aligned, 'left' or 'right'.
    style : `tabulate`'s.
    clean : makes of a cell what may stand in that style.
    """
    from tabulate import tabulate

    return tabulate(
        [[clean(cell) for cell in cells] for cells in lines],
        headers=[clean(heading) for heading in headings],
        tablefmt=style,
        colalign=sides,
        disable_numparse=True,
    )


def summary_table(board: Standings) -> Table:
    """Classical and deep in the shape of the study's table. The status is there if one is not ok.

    A time has its machine's letter where there are several machines.
    """
    headings = ["Learning", "Model", "Training", "Split", "Accuracy", "CPU Time", "GPU Time"]
    lines = [list(astuple(line)) for line in summarise(board)]
    return _table("Classical and deep", [*headings, "Status"], lines)


def split_tables(board: Standings) -> list[Table]:
    """One table for each split: LazyPredict's columns, the accuracy's interval, `tied`.

    After them the metric that ranks the rows, where it is none of LazyPredict's.
    """
    columns = _columns(board)
    headings = [heading for heading, _ in columns]
    return [
        _table(
            f"{split}: {numerals.pictures(standings[0].row.n)}",
            headings,
            [[cell(standing) for _, cell in columns] for standing in standings],
        )
        for split, standings in board.by_split.items()
    ]


def ranked_by(board: Standings) -> str:
    """What ranks the rows of a board's tables, and what its `tied` says, in words."""
    ranking = board.metrics[board.sort_by]
    order = "" if ranking.direction == "higher" else ", the lowest first"
    return (
        f"Ranked by {board.sort_by} within each split{order}. Tied: an accuracy that cannot be "
        "told from the best row's."
    )


def unscored(standings: Iterable[Standing], names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """For each reason why rows have no score: their names, the status, the reason."""
    lost: dict[tuple[str, str], dict[str, None]] = {}
    for standing in standings:
        record = standing.row.record
        if not record.ok:
            lost.setdefault((record.status, record.reason), {})[names[record.trial]] = None
    return [(", ".join(called), *why) for why, called in lost.items()]


def without_score(board: Standings) -> list[str]:
    """A line for each reason why rows have no score, with the names that it holds for."""
    return [
        f"{names}: {status}{f', {reason}' if reason else ''}"
        for names, status, reason in unscored(board.standings, board.names)
    ]


def _table(title: str, headings: list[str], lines: list[list[str]]) -> Table:
    """The table of lines that end in a status, which is left out if all of them are ok."""
    if all(cells[-1] == "ok" for cells in lines):
        return Table(title, headings[:-1], [cells[:-1] for cells in lines])
    return Table(title, headings, lines)


def _columns(board: Standings) -> list[_Column]:
    """Of a split's table: each heading, and the cell under it."""
    columns: list[_Column] = [
        ("Model", lambda standing: board.names[standing.row.record.trial]),
        *((heading, partial(_score, metric)) for heading, metric in _SCORES.items()),
        ("Time Taken", lambda standing: _time_taken(standing.row, board.letters)),
        ("95 % interval", lambda standing: numerals.interval(standing.row.interval)),
        ("Tied", lambda standing: standing.tied_text),
    ]
    if board.sort_by not in _SCORES.values():
        columns.append((board.metrics[board.sort_by].title, partial(_score, board.sort_by)))
    return [*columns, ("Status", lambda standing: standing.row.record.status)]


def _score(metric: str, standing: Standing) -> str:
    return numerals.score(standing.row.scores.get(metric))


def _time_taken(row: Row, letters: Mapping[str, str]) -> str:
    record, taken = row.record, None
    if record.ok and record.fit_seconds is not None and row.predict_seconds is not None:
        # LazyPredict's clock covers fit and prediction; the features were there before.
        taken = record.fit_seconds + row.predict_seconds
    return stamped(taken, record.machine.name, letters)
