"""The plane that patterns are drawn on, and the numbers that they are drawn with."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

Draws = np.random.Generator

# A pattern with its parameters: draws one field (n, side, side) in 0 .. 1 on each of n planes.
Pattern = Callable[["Planes", Draws], Field]


class Planes(NamedTuple):
    """Coordinates of the pixels of n pictures, each (n, side, side), -1 .. 1 before the pose."""

    x: Field
    y: Field

    @property
    def radius(self) -> Field:
        """Distance to the origin."""
        return np.hypot(self.x, self.y)

    @property
    def angle(self) -> Field:
        """Direction from the origin in radians, -pi .. pi."""
        return np.arctan2(self.y, self.x)


def posed_planes(n: int, side: int, draws: Draws) -> Planes:
    """Planes seen a little turned (up to 15 degrees), scaled (0.8 to 1.25) and moved, at random."""
    steps = (np.arange(side, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / side) - 1
    y, x = np.meshgrid(steps, steps, indexing="ij")
    turn = per_picture(draws.uniform(-np.pi / 12, np.pi / 12, n))
    scale = per_picture(1.25 ** draws.uniform(-1, 1, n))
    across, down = (per_picture(draws.uniform(-0.2, 0.2, n)) for _ in range(2))
    cosine, sine = np.cos(turn) * scale, np.sin(turn) * scale
    return Planes(x * cosine - y * sine + across, x * sine + y * cosine + down)


def per_picture(values: NDArray[np.float64]) -> Field:
    """Values (n,) in a shape that broadcasts over fields (n, side, side)."""
    return values.astype(np.float32)[:, None, None]


def between(draws: Draws, low: float, high: float) -> np.float32:
    """One number for a frequency or a size: its logarithm is evenly spread."""
    return np.float32(low * (high / low) ** draws.random())


def integer(draws: Draws, low: int, high: int) -> int:
    """One whole number from ``low`` to ``high`` - 1."""
    return int(draws.integers(low, high))


def ramp(field: Field, width: float) -> Field:
    """0 below zero, 1 above it, with a ramp of this width between."""
    return np.clip(field / np.float32(width) + np.float32(0.5), 0, 1)
