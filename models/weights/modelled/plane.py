"""The plane that patterns are drawn on, and the numbers that they are drawn with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

Draws = np.random.Generator

# A pattern with its parameters: draws a field (n, side, side) in 0 .. 1 from the pixels' x and y.
Pattern = Callable[[Field, Field, Draws], Field]


def posed_plane(n: int, side: int, draws: Draws) -> tuple[Field, Field]:
    """Coordinates x and y of the pixels of n pictures, each (n, side, side), -1 .. 1 at first.

    Each plane is a little turned (up to 15 degrees), scaled (0.8 to 1.25) and moved, at random.
    """
    steps = (np.arange(side, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / side) - 1
    y, x = np.meshgrid(steps, steps, indexing="ij")
    turn = per_picture(draws.uniform(-np.pi / 12, np.pi / 12, n))
    scale = per_picture(1.25 ** draws.uniform(-1, 1, n))
    across, down = (per_picture(draws.uniform(-0.2, 0.2, n)) for _ in range(2))
    cosine, sine = np.cos(turn) * scale, np.sin(turn) * scale
    return x * cosine - y * sine + across, x * sine + y * cosine + down


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
