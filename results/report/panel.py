"""A panel for each model: its mistakes class by class, its calibration, how it learnt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from results import numerals
from results.calibration import reliability
from results.classes import class_scores, confusion
from results.ranking import Standing
from results.record import Predictions, Record
from results.report.scale import Scale
from results.row import Row

_MOST_CLASSES = 12  # of a matrix that can be read
_MOST_MISTAKES = 15
_MOST_POINTS = 200  # of a line
_SIDE = 230
_LEFT, _BOTTOM, _EDGE = 42, 30, 8


@dataclass(frozen=True)
class MatrixLine:
    """One true class: cells (count, share of the class's pictures), and its scores as text."""

    name: str
    cells: Sequence[tuple[int, float]]
    recall: str
    f1: str
    support: str


@dataclass(frozen=True)
class Mistakes:
    """What a row confuses: the matrix of a few classes, or of many the commonest confusions.

    frequent: (true class, class it was given, pictures, share of the true class's).
    """

    classes: Sequence[str]
    lines: Sequence[MatrixLine]
    precision: Sequence[str]
    frequent: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Curve:
    """A small line chart. series: (name, path, place of its end); points: (x, y, radius, text)."""

    title: str
    text: str
    x_label: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    series: Sequence[tuple[str, str, float]] = ()
    points: Sequence[tuple[float, float, float, str]] = ()
    diagonal: str = ""
    side: int = _SIDE
    left: int = _LEFT
    bottom: int = _SIDE - _BOTTOM
    right: int = _SIDE - _EDGE
    top: int = _EDGE


@dataclass(frozen=True)
class Panel:
    """One model. by_split: split -> (accuracy, mistakes, reliability curve or None).

    trial: the one that is shown of trials, the model's that are ok; facts: of the one shown.
    """

    trial: str
    trials: Sequence[str]
    name: str
    family: str
    facts: str
    by_split: Mapping[str, tuple[str, Mistakes, Curve | None]]
    learning: Sequence[Curve]
    notes: Sequence[str]


def panels(standings: Sequence[Standing], names: Mapping[str, str]) -> list[Panel]:
    """A panel for each model and training that has a trial that is ok, as the rows come.

    Of several trials (seeds, devices) the first is shown: it stands before the others.
    """
    models: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in (standing.row for standing in standings):
        if row.record.ok and row.n:
            trials = models.setdefault((row.record.model, row.record.training), {})
            trials.setdefault(row.record.trial, []).append(row)
    return [_panel(trials, names) for trials in models.values()]


def _panel(trials: Mapping[str, Sequence[Row]], names: Mapping[str, str]) -> Panel:
    trial, rows = next(iter(trials.items()))
    record = rows[0].record
    by_split = {}
    for row in rows:
        assert row.predictions is not None
        mistakes = mistakes_of(row.predictions, record.classes)
        accuracy = numerals.score(row.scores["accuracy"])
        by_split[row.split] = (accuracy, mistakes, reliability_curve(row.predictions))
    facts = [record.family, record.training]
    facts += [f"the best of {len(trials)} trials on {rows[0].split}"] if len(trials) > 1 else []
    facts += [f"{record.parameter_count:,} parameters"] if record.parameter_count else []
    facts += [f"fitted in {numerals.duration(record.fit_seconds)}"] if record.fit_seconds else []
    return Panel(
        trial=trial,
        trials=list(trials),
        name=names[trial],
        family=record.family,
        facts=", ".join(fact for fact in facts if fact),
        by_split=by_split,
        learning=learning_curves(record),
        notes=record.notes,
    )


def mistakes_of(predictions: Predictions, classes: Sequence[str]) -> Mistakes:
    """The confusion matrix with precision, recall and F1, or its largest cells."""
    matrix = confusion(predictions, len(classes))
    totals = matrix.sum(axis=1)
    if len(classes) > _MOST_CLASSES:
        wrong = matrix * (1 - np.eye(len(classes), dtype=int))
        order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_MISTAKES]
        cells = [divmod(int(k), len(classes)) for k in order]
        frequent = [
            (
                classes[t],
                classes[p],
                numerals.whole(int(wrong[t, p])),
                numerals.percent(wrong[t, p] / totals[t]),
            )
            for t, p in cells
            if wrong[t, p]
        ]
        return Mistakes(classes, [], [], frequent)
    scores = class_scores(predictions, len(classes))
    lines = [
        MatrixLine(
            name,
            [(int(count), round(float(count / max(total, 1)), 2)) for count in counts],
            numerals.score(score.recall),
            numerals.score(score.f1),
            numerals.whole(score.support),
        )
        for name, counts, total, score in zip(classes, matrix, totals, scores, strict=True)
    ]
    return Mistakes(classes, lines, [numerals.score(s.precision) for s in scores], [])


def reliability_curve(predictions: Predictions) -> Curve | None:
    """Confidence against accuracy, a dot for each bin; None without probabilities."""
    found = reliability(predictions)
    if found is None or not found.n.any():
        return None
    x, y = Scale(0, 1, _LEFT, _SIDE - _EDGE), Scale(0, 1, _SIDE - _BOTTOM, _EDGE)
    points = [
        (
            x(found.confidence[k]),
            y(found.accuracy[k]),
            round(2 + 6 * math.sqrt(found.n[k] / found.n.max()), 1),
            f"confidence {found.confidence[k]:.2f}, accuracy {found.accuracy[k]:.2f}, "
            f"{found.n[k]:,} pictures",
        )
        for k in np.flatnonzero(found.n)
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y, _, _ in points)
    ticks = [0.0, 0.5, 1.0]
    return Curve(
        title="Reliability",
        text=f"Mean gap between confidence and accuracy (ECE) {found.error:.3f}. "
        "On the diagonal a probability can be taken at its word; below it the model is too sure.",
        x_label="confidence",
        x_ticks=[(x(t), f"{t:g}") for t in ticks],
        y_ticks=[(y(t), f"{t:g}") for t in ticks],
        series=[("", line, 0.0)],
        points=points,
        diagonal=f"M{x(0)} {y(0)}L{x(1)} {y(1)}",
    )


def learning_curves(record: Record) -> list[Curve]:
    """Loss, accuracy and rate by epoch, as far as the record's history has them."""
    history = record.provenance.get("history")
    if not isinstance(history, list) or len(history) < 2:
        return []
    columns = _columns(history)
    kinds = {
        "Loss": [name for name in columns if "loss" in name],
        "Accuracy": [name for name in columns if "accuracy" in name],
        "Learning rate": [name for name in columns if "rate" in name.split("_")],
    }
    return [
        _learning(title, {n: columns[n] for n in each}) for title, each in kinds.items() if each
    ]


def _columns(history: Sequence[Any]) -> dict[str, list[float]]:
    """The numbers that every epoch has, by name."""
    epochs = [epoch for epoch in history if isinstance(epoch, dict)]
    if not epochs:
        return {}
    return {
        name: [float(epoch[name]) for epoch in epochs]
        for name in epochs[0]
        if all(_finite(epoch.get(name)) for epoch in epochs)
    }


def _finite(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _learning(title: str, columns: Mapping[str, Sequence[float]]) -> Curve:
    epochs = max(len(values) for values in columns.values())
    largest = max(max(values) for values in columns.values())
    top = 1.0 if title == "Accuracy" else (largest or 1.0)
    x = Scale(1, max(epochs, 2), _LEFT, _SIDE - _EDGE)
    y = Scale(0, top, _SIDE - _BOTTOM, _EDGE)
    series, last = [], []
    for name, values in columns.items():
        step = math.ceil(len(values) / _MOST_POINTS)
        kept = sorted({*range(0, len(values), step), len(values) - 1})
        path = "M" + "L".join(f"{x(k + 1)} {y(values[k])}" for k in kept)
        called = "val" if name.startswith("val") else "train" if len(columns) > 1 else ""
        series.append((called, path, y(values[-1])))
        last.append(f"{name.replace('_', ' ')} {values[-1]:.3g}")
    return Curve(
        title=title,
        text=f"After {epochs} epochs: {', '.join(last)}.",
        x_label="epoch",
        x_ticks=[(x(k), str(k)) for k in (1, epochs)],
        y_ticks=[(y(t), f"{t:.2g}") for t in (0, top / 2, top)],
        series=series,
    )
