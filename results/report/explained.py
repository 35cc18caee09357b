"""Can deductions be drawn: where the best deep row looks, what the best classical one needs."""

from __future__ import annotations

import io
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from results import numerals
from results.board.row import Row, best
from results.records.provenance import GradCam, PermutationImportance
from results.scale import Scale
from results.text.template import data_uri

_MOST_FEATURES = 15
_WIDTH = 220

# Of each explanation the family that it is for, and what it is called.
_ABOUT: dict[type, tuple[str, str]] = {
    GradCam: ("deep", "Grad-CAM"),
    PermutationImportance: ("classical", "permutation importance"),
}

_Method = TypeVar("_Method", GradCam, PermutationImportance)


class _Look(NamedTuple):
    """A picture and where the network looked: a map as a data URI."""

    id: str
    true: str
    named: str
    # The probability of the class that it named, in per cent.
    sure: str
    right: bool
    heat: str


class _Looks(NamedTuple):
    """Grad-CAM of one row: the model, which of its layers was asked, and the pictures."""

    name: str
    layer: str
    split: str
    looks: Sequence[_Look]


class _Need(NamedTuple):
    """A feature: the accuracy lost without it, and the least and most over repeats, as places."""

    name: str
    loss: str
    spread: str
    low: float
    middle: float
    high: float


class _Needs(NamedTuple):
    """Permutation importance of one row, drawn around the place of no loss."""

    name: str
    text: str
    zero: float
    width: int
    repeats: int
    needs: Sequence[_Need]


def looks(rows: Sequence[Row], names: Mapping[str, str]) -> _Looks | None:
    """Grad-CAM of the best deep row that has it among those of the deciding split."""
    row, explanation = _best_with(rows, GradCam)
    if row is None or explanation is None or row.predictions is None:
        return None
    places = {name: k for k, name in enumerate(row.ids)}
    shown = [
        _look(row, places[name], name, heat)
        for name, heat in zip(explanation.ids, explanation.maps, strict=True)
        if name in places
    ]
    return _Looks(names[row.record.trial], explanation.layer, row.split, shown)


def _look(row: Row, place: int, name: str, heat: Sequence[Sequence[int]]) -> _Look:
    predictions, classes = row.predictions, row.record.classes
    assert predictions is not None
    true, given = int(predictions.labels[place]), int(predictions.predicted[place])
    sure = ""
    if predictions.kind == "probability" and predictions.scores is not None:
        sure = f"{predictions.scores[place, given]:.0%}".replace("%", " %")
    return _Look(name, classes[true], classes[given], sure, true == given, _heat_uri(heat))


def _heat_uri(heat: Sequence[Sequence[int]]) -> str:
    """A map as a small PNG of one colour, its strength in the opacity; the browser smoothes it."""
    from PIL import Image

    strength = np.asarray(heat, dtype=np.uint8)
    pixels = np.empty((*strength.shape, 4), np.uint8)
    pixels[..., :3] = 230, 80, 0
    pixels[..., 3] = strength * 0.78
    sink = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(sink, "PNG")
    return data_uri(sink.getvalue())


def needs(rows: Sequence[Row], names: Mapping[str, str]) -> _Needs | None:
    """Permutation importance of the best classical row that has it."""
    row, explanation = _best_with(rows, PermutationImportance)
    if row is None or explanation is None or not explanation.losses:
        return None
    losses = explanation.by_group[:_MOST_FEATURES]
    every = [value for _, values in losses for value in values]
    x = Scale(min(*every, 0.0), max(*every, 0.001), 4, _WIDTH - 4)
    return _Needs(
        name=names[row.record.trial],
        text=_shuffled(explanation, len(losses)),
        zero=x(0.0),
        width=_WIDTH,
        repeats=len(losses[0][1]),
        needs=[_need(name, values, x) for name, values in losses],
    )


def _shuffled(explanation: PermutationImportance, shown: int) -> str:
    grouped = explanation.groups < explanation.columns
    return (
        f"Accuracy lost on {numerals.count(explanation.pictures)} pictures of {explanation.split} "
        f"({numerals.score(explanation.accuracy)} with everything in place) when a "
        f"{'group of features' if grouped else 'feature'} is shuffled: the {shown} that matter "
        f"most of {explanation.groups}. Features that tell the same share their importance: each "
        "alone may seem to matter little."
    )


def _need(name: str, losses: Sequence[float], x: Scale) -> _Need:
    mean, least, most = statistics.fmean(losses), min(losses), max(losses)
    spread = f"{100 * least:.1f} to {100 * most:.1f}"
    return _Need(name, f"{100 * mean:.1f}", spread, x(least), x(mean), x(most))


def unexplained(rows: Sequence[Row], names: Mapping[str, str], method: type[_Method]) -> str:
    """Why the best row of a method's family has no explanation, and whose is shown instead.

    Empty where the best row has one, or there is no row.
    """
    family, called = _ABOUT[method]
    top = best(rows, family)
    shown, _ = _best_with(rows, method)
    if top is None or top is shown:
        return ""
    text = f"The best {family} row, {_with_accuracy(top, names)}, has no {called}: {_why(top)}."
    if shown is None:
        return f"{text} Nor has any other {family} row."
    return f"{text} Shown is the best {family} row that has one, {_with_accuracy(shown, names)}."


def _with_accuracy(row: Row, names: Mapping[str, str]) -> str:
    return f"{names[row.record.trial]} (accuracy {numerals.score(row.scores['accuracy'])})"


def _why(row: Row) -> str:
    if error := row.record.explanation_error:
        return f"it failed ({error})"
    takes_pictures = row.record.inputs == "images"
    if takes_pictures and row.record.family == "classical":
        return "the model is fed pictures, not features"
    if not takes_pictures and row.record.family == "deep":
        return "the model is fed features, not pictures"
    return "its record holds none"


def _best_with(
    rows: Sequence[Row], method: type[_Method]
) -> tuple[Row, _Method] | tuple[None, None]:
    """The best row of the method's family that is explained by it, and how."""
    family, _ = _ABOUT[method]
    explained = {
        row: explanation
        for row in rows
        if row.record.family == family and isinstance(explanation := row.record.explanation, method)
    }
    row = best(explained)
    return (row, explained[row]) if row else (None, None)
