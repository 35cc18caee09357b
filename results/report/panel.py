"""A panel for each model: its mistakes class by class, its calibration, how it learnt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from results import numerals
from results.board.row import Row
from results.records.predictions import Predictions
from results.records.record import Record
from results.scale import Scale
from results.statistics.calibration import reliability
from results.statistics.classes import class_scores, confusion

# Of a matrix that can be read, of a list, and of a line.
_MOST_CLASSES = 12
_MOST_MISTAKES = 15
_MOST_POINTS = 200

# Of a chart, and its margins.
_SIDE = 230
_LEFT, _BOTTOM, _EDGE = 42, 30, 8


class _MatrixLine(NamedTuple):
    """One true class: cells (count, share of the class's pictures), and its scores as text."""

    name: str
    cells: Sequence[tuple[int, float]]
    recall: str
    f1: str
    support: str


class _Mistakes(NamedTuple):
    """What a row confuses: the matrix of a few classes, or of many the commonest confusions."""

    classes: Sequence[str]
    lines: Sequence[_MatrixLine]
    precision: Sequence[str]
    # (true class, class it was given, pictures, share of the true class's).
    frequent: Sequence[tuple[str, str, str, str]]


class _LineChart(NamedTuple):
    """A small line chart: series are (name, path), points (x, y, radius, text)."""

    title: str
    text: str
    x_label: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    series: Sequence[tuple[str, str]] = ()
    points: Sequence[tuple[float, float, float, str]] = ()
    diagonal: str = ""
    side: int = _SIDE
    left: int = _LEFT
    bottom: int = _SIDE - _BOTTOM
    right: int = _SIDE - _EDGE
    top: int = _EDGE


class _Panel(NamedTuple):
    """One model: the trial that is shown, of its trials that are ok, and what is told of it."""

    trial: str
    trials: Sequence[str]
    name: str
    family: str
    facts: str
    # Split to accuracy, mistakes, and a reliability chart or None.
    by_split: Mapping[str, tuple[str, _Mistakes, _LineChart | None]]
    learning: Sequence[_LineChart]
    notes: Sequence[str]


def panels(rows: Sequence[Row], names: Mapping[str, str]) -> list[_Panel]:
    """A panel for each model and training that has a trial that is ok, as the rows come.

    Of several trials (seeds, devices) the first is shown: it stands before the others.
    """
    models: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in rows:
        if row.record.ok and row.n:
            trials = models.setdefault((row.record.model, row.record.training), {})
            trials.setdefault(row.record.trial, []).append(row)
    return [_panel(trials, names) for trials in models.values()]


def _panel(trials: Mapping[str, Sequence[Row]], names: Mapping[str, str]) -> _Panel:
    trial, rows = next(iter(trials.items()))
    record, by_split = rows[0].record, {}
    for row in rows:
        assert row.predictions is not None
        mistakes = mistakes_of(row.predictions, record.classes)
        accuracy = numerals.score(row.scores["accuracy"])
        by_split[row.split] = accuracy, mistakes, reliability_chart(row.predictions)
    return _Panel(
        trial=trial,
        trials=list(trials),
        name=names[trial],
        family=record.family,
        facts=_facts(record, len(trials), rows[0].split),
        by_split=by_split,
        learning=learning_charts(record.history),
        notes=record.notes,
    )


def _facts(record: Record, trials: int, split: str) -> str:
    facts = [record.family, record.training]
    facts += [f"the best of {trials} trials on {split}"] if trials > 1 else []
    facts += [f"{record.parameter_count:,} parameters"] if record.parameter_count else []
    facts += [f"fitted in {numerals.duration(record.fit_seconds)}"] if record.fit_seconds else []
    return ", ".join(fact for fact in facts if fact)


def mistakes_of(predictions: Predictions, classes: Sequence[str]) -> _Mistakes:
    """The confusion matrix with precision, recall and F1, or its largest cells."""
    matrix = confusion(predictions, len(classes))
    totals = matrix.sum(axis=1)
    if len(classes) > _MOST_CLASSES:
        return _Mistakes(classes, [], [], _frequent(matrix, totals, classes))
    scores = class_scores(predictions, len(classes))
    lines = [
        _MatrixLine(
            name,
            [(int(count), round(float(count / max(total, 1)), 2)) for count in counts],
            numerals.score(score.recall),
            numerals.score(score.f1),
            numerals.count(score.support),
        )
        for name, counts, total, score in zip(classes, matrix, totals, scores, strict=True)
    ]
    return _Mistakes(classes, lines, [numerals.score(score.precision) for score in scores], [])


def _frequent(
    matrix: NDArray[np.int64], totals: NDArray[np.int64], classes: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    wrong = matrix * (1 - np.eye(len(classes), dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_MISTAKES]
    return [
        (classes[t], classes[p], numerals.count(n), numerals.percent(n / totals[t]))
        for t, p in zip(*np.unravel_index(order, wrong.shape), strict=True)
        if (n := int(wrong[t, p]))
    ]


def reliability_chart(predictions: Predictions) -> _LineChart | None:
    """Confidence against accuracy, a dot for each bin; None without probabilities."""
    curve = reliability(predictions)
    if curve is None or not curve.n.any():
        return None
    x, y = Scale(0, 1, _LEFT, _SIDE - _EDGE), Scale(0, 1, _SIDE - _BOTTOM, _EDGE)
    points = [
        (
            x(curve.confidence[k]),
            y(curve.accuracy[k]),
            round(2 + 6 * math.sqrt(curve.n[k] / curve.n.max()), 1),
            f"confidence {curve.confidence[k]:.2f}, accuracy {curve.accuracy[k]:.2f}, "
            f"{curve.n[k]:,} pictures",
        )
        for k in np.flatnonzero(curve.n)
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y, _, _ in points)
    ticks = [0.0, 0.5, 1.0]
    return _LineChart(
        title="Reliability",
        text=f"Mean gap between confidence and accuracy (ECE) {curve.error:.3f}. "
        "On the diagonal a probability can be taken at its word; below it the model is too sure.",
        x_label="confidence",
        x_ticks=[(x(t), f"{t:g}") for t in ticks],
        y_ticks=[(y(t), f"{t:g}") for t in ticks],
        series=[("", line)],
        points=points,
        diagonal=f"M{x(0)} {y(0)}L{x(1)} {y(1)}",
    )


def learning_charts(history: Mapping[str, Sequence[float]]) -> list[_LineChart]:
    """Loss, accuracy and rate by epoch, as far as a training's history has them."""
    if max(map(len, history.values()), default=0) < 2:
        return []
    kinds = {
        "Loss": [name for name in history if "loss" in name],
        "Accuracy": [name for name in history if "accuracy" in name],
        "Learning rate": [name for name in history if "rate" in name.split("_")],
    }
    return [
        _learning(title, {n: history[n] for n in each}) for title, each in kinds.items() if each
    ]


def _learning(title: str, columns: Mapping[str, Sequence[float]]) -> _LineChart:
    epochs = len(next(iter(columns.values())))
    largest = max(max(values) for values in columns.values())
    top = 1.0 if title == "Accuracy" else (largest or 1.0)
    x = Scale(1, epochs, _LEFT, _SIDE - _EDGE)
    y = Scale(0, top, _SIDE - _BOTTOM, _EDGE)
    kept = sorted({*range(0, epochs, math.ceil(epochs / _MOST_POINTS)), epochs - 1})
    series, last = [], []
    for name, values in columns.items():
        called = "val" if name.startswith("val") else "train" if len(columns) > 1 else ""
        series.append((called, "M" + "L".join(f"{x(k + 1)} {y(values[k])}" for k in kept)))
        last.append(f"{name.replace('_', ' ')} {values[-1]:.3g}")
    return _LineChart(
        title=title,
        text=f"After {epochs} epochs: {', '.join(last)}.",
        x_label="epoch",
        x_ticks=[(x(k), str(k)) for k in (1, epochs)],
        y_ticks=[(y(t), f"{t:.2g}") for t in (0, top / 2, top)],
        series=series,
    )
