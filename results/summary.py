"""The merged classical-vs-deep summary, in the shape of the study's own table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from results import numerals
from results.answer import deciding_split
from results.ranking import Standing
from results.record import Record
from results.row import Row, splits_of

_BEST_CLASSICAL = 5


@dataclass(frozen=True)
class Line:
    """One line: what learned, how accurate it is on each split, and what it cost on either device.

    learning: 'shallow' (classical), 'deep' (from random weights) or 'transfer' (pretrained).
    on_cpu, on_gpu: its rows on the deciding split, of which there may be one or both. accuracies:
    split -> the share on each device that it finished on, CPU first. status: the trial's.
    """

    learning: str
    model: str
    training: str
    accuracies: Mapping[str, Sequence[float]]
    on_cpu: Row | None
    on_gpu: Row | None
    status: str

    @property
    def cpu_seconds(self) -> float | None:
        """Features, fit and the prediction of the deciding split, on a CPU."""
        return self.on_cpu.total_seconds if self.on_cpu else None

    @property
    def gpu_seconds(self) -> float | None:
        """The same on a GPU."""
        return self.on_gpu.total_seconds if self.on_gpu else None

    def accuracy(self, split: str) -> str:
        """The accuracy as text; that on a CPU, then that on a GPU, where the two differ."""
        shares = self.accuracies.get(split, ())
        return " / ".join(dict.fromkeys(numerals.score(share) for share in shares))


def summarise(standings: Sequence[Standing]) -> list[Line]:
    """The best five classical rows of the deciding split, then every deep row, as ranked.

    A trial that finished on a CPU and on a GPU, as in merged runs, has one line.
    """
    rows = [standing.row for standing in standings]
    accuracies: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.record.ok:
            accuracies.setdefault(row.record.trial, {})[row.split] = row.scores["accuracy"]
    here = [row for row in rows if row.split == deciding_split(rows)]
    classical = [r for r in here if r.record.family == "classical" and r.record.ok]
    deep = [r for r in here if r.record.family == "deep"]
    return [_line(group, accuracies) for group in _grouped(classical[:_BEST_CLASSICAL] + deep)]


def _grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one model, training and seed that finished; each other row by itself."""
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        record = row.record
        alike = (record.model, record.training, record.seed)
        groups.setdefault(alike if record.ok else record.trial, []).append(row)
    return list(groups.values())


def _line(rows: Sequence[Row], accuracies: Mapping[str, Mapping[str, float]]) -> Line:
    record = rows[0].record
    on_cpu = next((r for r in rows if r.record.ok and r.record.device in ("", "cpu")), None)
    on_gpu = next((r for r in rows if r.record.ok and r.record.device not in ("", "cpu")), None)
    by_device = [accuracies[r.record.trial] for r in (on_cpu, on_gpu) if r is not None]
    splits = dict.fromkeys(split for shares in by_device for split in shares)
    return Line(
        learning=_learning(record),
        model=record.model,
        training=record.training,
        accuracies={split: [shares[split] for shares in by_device] for split in splits},
        on_cpu=on_cpu,
        on_gpu=on_gpu,
        status=record.status,
    )


def summary_splits(standings: Sequence[Standing]) -> list[str]:
    """The splits that the summary has a column of accuracies for, in order."""
    return splits_of(standing.row for standing in standings)


def _learning(record: Record) -> str:
    if record.family == "classical":
        return "shallow"
    return "transfer" if record.training == "pretrained" else "deep"
