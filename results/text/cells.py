"""Tables of a board as text cells: the summary, and each split, LazyPredict's columns first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from results import numerals
from results.board.naming import stamped
from results.board.ranking import Standing
from results.board.row import Row
from results.board.standings import Standings
from results.records.record import Record

_SUMMARY = ("Learning", "Model", "Training", "Split", "Accuracy", "CPU Time", "GPU Time", "Status")
_BEST_CLASSICAL = 5

# LazyPredict's scores: heading and metric.
_SCORES = {
    "Accuracy": "accuracy",
    "Balanced Accuracy": "balanced_accuracy",
    "ROC AUC": "roc_auc",
    "F1 Score": "f1_weighted",
}

# Columns that hold words; the others hold numbers.
_WORDS = ("Learning", "Model", "Training", "Split", "Tied", "Status")


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

    def text(self, style: str, clean: Callable[[str], str]) -> str:
        """The table without its title, as `text_table` writes it."""
        return text_table(self.headings, self.lines, self.sides, style, clean)


def text_table(
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    sides: Sequence[str],
    style: str = "simple",
    clean: Callable[[str], str] = str,
) -> str:
    """A table as text in one of `tabulate`'s styles; `clean` makes of a cell what may stand there.

    Sides are where each column is aligned: 'left' or 'right'.
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
    """The best five classical models, then every deep one, by accuracy on the deciding split.

    It has the shape of the study's own table: learning is 'shallow' (classical), 'deep' (from
    random weights) or 'transfer' (pretrained). A model has a line for each split. Its trials on a
    CPU and on a GPU share it, with both accuracies where they differ (CPU first), and so do those
    with several seeds: their mean is shown. A deep model without a score has one line. Times are in
    seconds, with the machine's letter where there are several. The status is there if one is not
    ok.
    """
    lines: list[tuple[str, ...]] = []
    for family, most in (("classical", _BEST_CLASSICAL), ("deep", len(board))):
        for mine in _models(board, family)[:most]:
            lines += [_of_model(mine[s], board.letters) for s in board.by_split if s in mine]
    lost = (row.record for row in board.rows if row.record.family == "deep" and not row.record.ok)
    lines += dict.fromkeys(
        (_learning(r), r.model, r.training, "", "", "", "", r.status) for r in lost
    )
    return _table("Classical and deep", _SUMMARY, lines)


def split_tables(board: Standings) -> list[Table]:
    """One table for each split: LazyPredict's columns, the accuracy's interval, `tied`.

    After them the metric that ranks the rows, where it is none of LazyPredict's.
    """
    columns: list[tuple[str, Callable[[Standing], str]]] = [
        ("Model", lambda standing: board.names[standing.row.record.trial]),
        *((heading, partial(_score, metric)) for heading, metric in _SCORES.items()),
        ("Time Taken", lambda standing: _time_taken(standing.row, board.letters)),
        ("95 % interval", lambda standing: numerals.interval(standing.row.interval)),
        ("Tied", lambda standing: standing.tied_text),
    ]
    if board.sort_by not in _SCORES.values():
        columns.append((board.metrics[board.sort_by].title, partial(_score, board.sort_by)))
    columns.append(("Status", lambda standing: standing.row.record.status))
    return [
        _table(
            f"{split}: {numerals.pictures(standings[0].row.n)}",
            [heading for heading, _ in columns],
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


def without_score(standings: Iterable[Standing], names: Mapping[str, str]) -> list[str]:
    """A line for each reason why rows have no score, with the names that it holds for."""
    lost: dict[str, dict[str, None]] = {}
    for standing in standings:
        record = standing.row.record
        if not record.ok:
            why = f"{record.status}, {record.reason}" if record.reason else record.status
            lost.setdefault(why, {})[names[record.trial]] = None
    return [f"{', '.join(called)}: {why}" for why, called in lost.items()]


def _table(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> Table:
    """The table of lines that end in a status, which is left out if all of them are ok."""
    if all(cells[-1] == "ok" for cells in lines):
        return Table(title, headings[:-1], [cells[:-1] for cells in lines])
    return Table(title, headings, lines)


def _models(board: Standings, family: str) -> list[dict[str, list[Row]]]:
    """The ok rows of each model of a family by split, the most accurate model first."""
    decides = board.answer.split
    models: dict[tuple[str, str], dict[str, list[Row]]] = {}
    # Equals stay in the order of the deciding split.
    for row in sorted(board.rows, key=lambda row: row.split != decides):
        record = row.record
        if record.ok and record.family == family:
            mine = models.setdefault((record.model, record.training), {})
            mine.setdefault(row.split, []).append(row)

    def merit(mine: Mapping[str, Sequence[Row]]) -> float:
        return -np.nan_to_num(_accuracy(mine.get(decides, ())))

    return sorted(models.values(), key=merit)


def _of_model(rows: Sequence[Row], letters: Mapping[str, str]) -> tuple[str, ...]:
    record = rows[0].record
    on_cpu = [row for row in rows if row.record.device in ("", "cpu")]
    on_gpu = [row for row in rows if row.record.device not in ("", "cpu")]
    devices = [group for group in (on_cpu, on_gpu) if group]
    counts = [len({row.record.seed for row in group}) for group in devices]
    seeds = f" (mean of {_each(map(str, counts))} seeds)" if max(counts) > 1 else ""
    return (
        *(_learning(record), record.model + seeds, record.training, rows[0].split),
        _each(numerals.score(_accuracy(group)) for group in devices),
        *(_time(on_cpu, letters), _time(on_gpu, letters), "ok"),
    )


def _accuracy(rows: Sequence[Row]) -> float:
    return float(np.mean([row.scores["accuracy"] for row in rows])) if rows else float("nan")


def _time(rows: Sequence[Row], letters: Mapping[str, str]) -> str:
    """Features, fit and the prediction of the split: the mean, but never over two machines."""
    by_machine: dict[str, list[float]] = {}
    for row in rows:
        if row.total_seconds is not None:
            by_machine.setdefault(row.record.machine, []).append(row.total_seconds)
    means = {name: float(np.mean(seconds)) for name, seconds in by_machine.items()}
    return _each(stamped(seconds, name, letters) for name, seconds in means.items())


def _each(texts: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(texts))


def _learning(record: Record) -> str:
    if record.family == "classical":
        return "shallow"
    return "transfer" if record.training == "pretrained" else "deep"


def _score(metric: str, standing: Standing) -> str:
    return numerals.score(standing.row.scores.get(metric))


def _time_taken(row: Row, letters: Mapping[str, str]) -> str:
    record, taken = row.record, None
    if record.ok and record.fit_seconds is not None and row.predict_seconds is not None:
        # LazyPredict's clock covers fit and prediction; the features were there before.
        taken = record.fit_seconds + row.predict_seconds
    return stamped(taken, record.machine, letters)
