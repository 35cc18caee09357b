"""How a training went, epoch by epoch."""

from __future__ import annotations

import math
from typing import Any

import msgspec


class History(msgspec.Struct, frozen=True):
    """The numbers of each epoch by name, as a record's provenance has them."""

    epochs: tuple[dict[str, float], ...] = ()

    @classmethod
    def of(cls, history: Any) -> History:
        """The epochs of a history, of which whatever is no finite number is left out."""
        epochs = history if isinstance(history, list) else []
        return cls(tuple(_numbers(epoch) for epoch in epochs if isinstance(epoch, dict)))

    @property
    def columns(self) -> dict[str, list[float]]:
        """The numbers that every epoch has, by name."""
        return {
            name: [epoch[name] for epoch in self.epochs]
            for name in next(iter(self.epochs), {})
            if all(name in epoch for epoch in self.epochs)
        }


def _numbers(epoch: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in epoch.items() if _is_finite(value)}


def _is_finite(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)
