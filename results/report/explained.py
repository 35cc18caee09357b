"""Can deductions be drawn: where the best deep row looks, what the best classical one needs."""

from __future__ import annotations

import base64
import io
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from results import numerals
from results.report.scale import Scale
from results.row import Row, best

_MOST_FEATURES = 15
_WIDTH = 220
_ABOUT = {"gradcam": ("deep", "Grad-CAM"), "permutation": ("classical", "permutation importance")}
_HEAT = (230, 80, 0)  # of a map's colour


@dataclass(frozen=True)
class Look:
    """A picture and where the network looked: its id, classes, and the map as a data URI."""

    id: str
    true: str
    said: str
    sure: str
    right: bool
    heat: str


@dataclass(frozen=True)
class Looks:
    """Grad-CAM of one row: the model, which of its layers was asked, and the pictures."""

    name: str
    layer: str
    split: str
    looks: Sequence[Look]


@dataclass(frozen=True)
class Need:
    """A feature: the accuracy lost without it, and the least and most over repeats, as places."""

    name: str
    loss: str
    spread: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Needs:
    """Permutation importance of one row; zero: the place of no loss; repeats: of the shuffling."""

    name: str
    text: str
    zero: float
    width: int
    repeats: int
    needs: Sequence[Need]


def looks(rows: Sequence[Row], names: Mapping[str, str]) -> Looks | None:
    """Grad-CAM of the best deep row that has it among those of the deciding split."""
    row = _best_with(rows, "gradcam")
    if row is None or row.predictions is None:
        return None
    said = _explanation(row)
    places = {name: k for k, name in enumerate(row.ids)}
    shown = [
        _look(row, places[name], name, heat)
        for name, heat in zip(said["ids"], said["maps"], strict=True)
        if name in places
    ]
    return Looks(names[row.record.trial], str(said["layer"]), row.split, shown)


def _look(row: Row, place: int, name: str, heat: Sequence[Sequence[int]]) -> Look:
    predictions, classes = row.predictions, row.record.classes
    assert predictions is not None
    true, given = int(predictions.labels[place]), int(predictions.predicted[place])
    sure = ""
    if predictions.kind == "probability" and predictions.scores is not None:
        sure = f"{predictions.scores[place, given]:.0%}".replace("%", " %")
    return Look(name, classes[true], classes[given], sure, true == given, _heat_uri(heat))


def _heat_uri(heat: Sequence[Sequence[int]]) -> str:
    """A map as a small PNG of one colour, its strength in the opacity; the browser smoothes it."""
    from PIL import Image

    strength = np.asarray(heat, dtype=np.uint8)
    pixels = np.empty((*strength.shape, 4), np.uint8)
    pixels[..., :3] = _HEAT
    pixels[..., 3] = strength * 0.78
    sink = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(sink, "PNG")
    return "data:image/png;base64," + base64.b64encode(sink.getvalue()).decode()


def needs(rows: Sequence[Row], names: Mapping[str, str]) -> Needs | None:
    """Permutation importance of the best classical row that has it."""
    row = _best_with(rows, "permutation")
    if row is None:
        return None
    said = _explanation(row)
    losses = [(str(name), values) for name, *values in said["losses"][:_MOST_FEATURES]]
    if not losses:
        return None
    every = [value for _, values in losses for value in values]
    x = Scale(min(*every, 0.0), max(*every, 0.001), 4, _WIDTH - 4)
    grouped = said["groups"] < said["columns"]
    text = (
        f"Accuracy lost on {numerals.whole(said['rows'])} pictures of {said['split']} "
        f"({numerals.score(said['accuracy'])} with everything in place) when a "
        f"{'group of features' if grouped else 'feature'} is shuffled: the "
        f"{len(losses)} that matter most of {said['groups']}. "
        "Features that tell the same share their importance: each alone may seem to matter little."
    )
    shown = [
        Need(
            name,
            f"{100 * statistics.fmean(values):.1f}",
            f"{100 * min(values):.1f} to {100 * max(values):.1f}",
            x(min(values)),
            x(statistics.fmean(values)),
            x(max(values)),
        )
        for name, values in losses
    ]
    return Needs(names[row.record.trial], text, x(0.0), _WIDTH, len(losses[0][1]), shown)


def unexplained(rows: Sequence[Row], names: Mapping[str, str], method: str) -> str:
    """Why the best row of a method's family has no explanation, and whose is shown instead.

    method: 'gradcam' or 'permutation'. Empty where the best row has one, or there is no row.
    """
    family, called = _ABOUT[method]
    top, shown = best(row for row in rows if row.record.family == family), _best_with(rows, method)
    if top is None or top is shown:
        return ""
    text = f"The best {family} row, {_with_accuracy(top, names)}, has no {called}: {_why(top)}."
    if shown is None:
        return f"{text} Nor has any other {family} row."
    return f"{text} Shown is the best {family} row that has one, {_with_accuracy(shown, names)}."


def _with_accuracy(row: Row, names: Mapping[str, str]) -> str:
    return f"{names[row.record.trial]} (accuracy {numerals.score(row.scores['accuracy'])})"


def _why(row: Row) -> str:
    """Why a row has no explanation, as far as its record knows."""
    said = _explanation(row)
    if said.get("error"):
        return f"it failed ({said['error']})"
    eats_pictures = row.record.inputs == "images"
    if eats_pictures and row.record.family == "classical":
        return "the model is fed pictures, not features"
    if not eats_pictures and row.record.family == "deep":
        return "the model is fed features, not pictures"
    return "its record holds none"


def _best_with(rows: Sequence[Row], method: str) -> Row | None:
    """The best row of the method's family that is explained by it."""
    family, _ = _ABOUT[method]
    return best(
        row
        for row in rows
        if row.record.family == family and _explanation(row).get("method") == method
    )


def _explanation(row: Row) -> Mapping[str, Any]:
    said = row.record.provenance.get("explanation")
    return said if isinstance(said, Mapping) else {}
