"""What a record's provenance says of the training, the hardware, and what the model goes by."""

from __future__ import annotations

import math
from collections.abc import Mapping
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


Explanation = GradCam | PermutationImportance


def explanation_of(content: Any) -> Explanation | None:
    """The explanation that a record's provenance holds; None if it is none that is known here."""
    try:
        return msgspec.convert(content, Explanation)
    except msgspec.ValidationError:
        return None


def history_of(content: Any) -> dict[str, list[float]]:
    """The finite numbers that every epoch of a training has, epoch by epoch, by name."""
    epochs = content if isinstance(content, list) else []
    epochs = [epoch for epoch in epochs if isinstance(epoch, dict)]
    names = [n for n in next(iter(epochs), {}) if all(_is_finite(e.get(n)) for e in epochs)]
    return {name: [float(epoch[name]) for epoch in epochs] for name in names}


def machine_of(provenance: Mapping[str, Any]) -> str:
    """What the hardware is called: 'Node CPU, 64 cores, H200, H200'; empty if it is not known."""
    cores, gpus = provenance.get("cores"), provenance.get("gpus")
    parts = [str(provenance.get("processor") or ""), f"{cores} cores" if cores else ""]
    parts += map(str, gpus) if isinstance(gpus, list) else []
    return ", ".join(part for part in parts if part)


def _is_finite(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)
