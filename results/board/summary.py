"""The merged classical-vs-deep summary, in the shape of the study's own table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from results import numerals
from results.board.naming import stamped
from results.board.row import Row
from results.board.standings import Standings
from results.records.record import Record

_BEST_CLASSICAL = 5


@dataclass(frozen=True)
class _Line:
    """One model on one split: what learned, how accurate it is, what it cost on either device.

    Attributes
    ----------
    learning : 'shallow' (classical), 'deep' (from random weights) or 'transfer' (pretrained).
    accuracy, cpu_time, gpu_time : as text, times in seconds; both values where the devices came to
        different accuracies (CPU first), and a letter at each time where there are several
        machines. They and the split are empty where status is not 'ok'.
    """

    learning: str
    model: str
    training: str
    split: str = ""
    accuracy: str = ""
    cpu_time: str = ""
    gpu_time: str = ""
    status: str = "ok"


def summarise(board: Standings) -> list[_Line]:
    """The best five classical models, then every deep one, by accuracy on the deciding split.

    A model has a line for each split. Its trials on a CPU and on a GPU share it, and so do those
    with several seeds: their mean is shown. A deep model without a score has one line.
    """
    lines = []
    for family, most in (("classical", _BEST_CLASSICAL), ("deep", len(board))):
        for mine in _models(board, family)[:most]:
            lines += [_line(mine[s], board.letters) for s in board.by_split if s in mine]
    return lines + _unscored(board.rows)


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


def _unscored(rows: Sequence[Row]) -> list[_Line]:
    """A line for each deep model and reason to have no score."""
    lost = (row.record for row in rows if row.record.family == "deep" and not row.record.ok)
    lines = (_Line(_learning(r), r.model, r.training, status=r.status) for r in lost)
    return list(dict.fromkeys(lines))


def _line(rows: Sequence[Row], letters: Mapping[str, str]) -> _Line:
    record = rows[0].record
    on_cpu = [row for row in rows if row.record.device in ("", "cpu")]
    on_gpu = [row for row in rows if row.record.device not in ("", "cpu")]
    devices = [group for group in (on_cpu, on_gpu) if group]
    return _Line(
        learning=_learning(record),
        model=record.model + _of_seeds(devices),
        training=record.training,
        split=rows[0].split,
        accuracy=_each(numerals.score(_accuracy(group)) for group in devices),
        cpu_time=_time(on_cpu, letters),
        gpu_time=_time(on_gpu, letters),
    )


def _of_seeds(devices: Sequence[Sequence[Row]]) -> str:
    counts = [len({row.record.seed for row in group}) for group in devices]
    return f" (mean of {_each(map(str, counts))} seeds)" if max(counts) > 1 else ""


def _accuracy(rows: Sequence[Row]) -> float:
    return float(np.mean([row.scores["accuracy"] for row in rows])) if rows else float("nan")


def _time(rows: Sequence[Row], letters: Mapping[str, str]) -> str:
    """Features, fit and the prediction of the split: the mean, but never over two machines."""
    by_machine: dict[str, list[float]] = {}
    for row in rows:
        if row.total_seconds is not None:
            by_machine.setdefault(row.record.machine.name, []).append(row.total_seconds)
    means = {name: float(np.mean(seconds)) for name, seconds in by_machine.items()}
    return _each(stamped(seconds, name, letters) for name, seconds in means.items())


def _each(texts: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(texts))


def _learning(record: Record) -> str:
    if record.family == "classical":
        return "shallow"
    return "transfer" if record.training == "pretrained" else "deep"
