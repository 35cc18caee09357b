"""What a fitted model goes by, as its record tells it."""

from __future__ import annotations

from typing import Any

import msgspec


class GradCam(msgspec.Struct, frozen=True, tag_field="method", tag="gradcam"):
    """Where a network looks.

    Attributes
    ----------
    split, ids : the split and its pictures that were asked about.
    layer : the convolution that was asked.
    maps : of each picture a map of how much a place counts, rows of 0 to 255.
    """

    split: str
    layer: str
    ids: tuple[str, ...]
    maps: tuple[list[list[int]], ...]


class PermutationImportance(
    msgspec.Struct, frozen=True, tag_field="method", tag="permutation", rename={"pictures": "rows"}
):
    """Which features a model needs.

    Attributes
    ----------
    split, pictures : the split, and how many of its pictures were asked about.
    accuracy : on them, with everything in place.
    groups, columns : how many groups of features were shuffled, and columns there are.
    losses : a line for each group that matters most: its name, then the accuracy lost at each
        shuffling.
    """

    split: str
    pictures: int
    accuracy: float
    groups: int
    columns: int
    losses: tuple[tuple[str | float, ...], ...]

    @property
    def by_group(self) -> list[tuple[str, list[float]]]:
        """The losses as (name, accuracies lost)."""
        return [(str(name), [float(value) for value in values]) for name, *values in self.losses]


class FailedExplanation(msgspec.Struct, frozen=True):
    """An explanation that went wrong, and how."""

    error: str


Explanation = GradCam | PermutationImportance | FailedExplanation


def explanation_of(content: Any) -> Explanation | None:
    """The explanation that a record's provenance holds; None if it is none that is known here."""
    for kind in (FailedExplanation, GradCam | PermutationImportance):
        try:
            return msgspec.convert(content, kind)
        except msgspec.ValidationError:
            continue
    return None
