"""The merged classical-vs-deep summary, in the shape of the study's own table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results.answer import deciding_split
from results.ranking import Standing
from results.record import Record
from results.row import splits_of

_BEST_CLASSICAL = 5


@dataclass(frozen=True)
class Line:
    """One line: what learned, how accurate it is on each split, and what it cost.

    learning: 'shallow' (classical), 'deep' (from random weights) or 'transfer' (pretrained).
    accuracies: split -> share, for a trial that is ok. cpu_seconds, gpu_seconds: features, fit and
    the prediction of the deciding split, on whichever of the two it ran. status: the trial's.
    """

    learning: str
    model: str
    training: str
    accuracies: dict[str, float]
    cpu_seconds: float | None
    gpu_seconds: float | None
    status: str


def summarise(standings: Sequence[Standing]) -> list[Line]:
    """The best five classical rows of the deciding split, then every deep row, as ranked."""
    rows = [standing.row for standing in standings]
    deciding = deciding_split(rows)
    accuracies: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.record.ok:
            accuracies.setdefault(row.record.trial, {})[row.split] = row.scores["accuracy"]
    here = [row for row in rows if row.split == deciding]
    classical = [r for r in here if r.record.family == "classical" and r.record.ok]
    deep = [r for r in here if r.record.family == "deep"]
    lines = []
    for row in classical[:_BEST_CLASSICAL] + deep:
        record, total = row.record, row.total_seconds if row.record.ok else None
        on_gpu = record.device not in ("", "cpu")
        lines.append(
            Line(
                learning=_learning(record),
                model=record.model,
                training=record.training,
                accuracies=accuracies.get(record.trial, {}),
                cpu_seconds=None if on_gpu else total,
                gpu_seconds=total if on_gpu else None,
                status=record.status,
            )
        )
    return lines


def summary_splits(standings: Sequence[Standing]) -> list[str]:
    """The splits that the summary has a column of accuracies for, in order."""
    return splits_of(standing.row for standing in standings)


def _learning(record: Record) -> str:
    if record.family == "classical":
        return "shallow"
    return "transfer" if record.training == "pretrained" else "deep"
