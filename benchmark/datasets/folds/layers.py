"""Beds around a centre line: from parallel (class 1B) to similar (class 2).

Ramsay (1967, "Folding and fracturing of rocks") sorts folded layers by how their thickness changes
with dip. A parallel fold that is then flattened evenly, with ratio R of the quadratic elongations,
has t(dip)^2 = t(0)^2 (cos^2 dip + R sin^2 dip): R = 1 is class 1B (the same orthogonal thickness
all round), R = 0 is class 2 (the same thickness along the axial surface), between them lies class
1C. Stiff beds are folded so; the weak rock between them fills what is left, thick in the hinges, as
class 3 does.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.draws import Draws, Floats
from benchmark.datasets.folds.shapes import CentreLine

# Directions in which a surface is searched for its nearest point. Rounded, because `sin` may differ
# in its last bit between machines.
_ANGLES = [math.pi * (k / 24 - 0.5) for k in range(25)]
_ACROSS = np.array([round(math.sin(a), 9) for a in _ANGLES])
_UP = np.array([round(math.cos(a), 9) for a in _ANGLES])


@dataclass(frozen=True)
class Stack:
    """Stiff beds from bottom to top; weak rock lies between them.

    Attributes
    ----------
    levels : (beds,) height of each bed's centre line, in pixels, at the level of the crest.
    halves : (beds,) half the bed's thickness at the hinge, in pixels.
    """

    levels: NDArray[np.float64]
    halves: NDArray[np.float64]


def draw_stack(
    line: CentreLine, flattening: float, thickness: float, beds: int, draws: Draws
) -> Stack:
    """A stack of beds that cannot run into one another, with a bed near level 0 among them.

    `thickness` is the mean of the beds' thickness at the hinge, in pixels. Where dips are steep a
    bed takes more height than in the hinge, so there the weak rock must have room to give way.
    """
    extra = math.sqrt(1.0 + flattening * max(line.limb_slopes) ** 2) - 1.0
    halves = 0.5 * thickness * (0.6 + 0.8 * draws.unit(beds))
    weak = thickness * (0.35 + 0.85 * draws.unit(beds - 1))
    steps = (1.0 + extra) * (halves[1:] + halves[:-1]) + weak
    levels = np.concatenate([[0.0], np.cumsum(steps)])
    at = draws.between(0.3, 0.7) * float(levels[-1])
    return Stack(levels - at, halves)


def boundaries(line: CentreLine, stack: Stack, flattening: float, u: Floats) -> NDArray[np.float64]:
    """Heights (2 beds, n) of all bed surfaces at u (n,): bottom, top, bottom, top ... from below.

    The surface at a given distance from the centre line is the envelope of ellipses along it, as
    high as the half-thickness and sqrt(flattening) times as wide: circles for a parallel fold
    (class 1B), upright needles for a similar one (class 2). Taking the envelope cuts off the
    swallow-tails that a plain offset makes in the core of a tight hinge.

    `flattening` is R in [0, 1].
    """
    half = stack.halves[:, None, None]
    reach = half * math.sqrt(flattening) * _ACROSS if flattening > 0 else np.zeros((1, 1, 1))
    rise = half * (_UP if flattening > 0 else np.ones(1))
    centre = line(u[None, :, None] + reach)
    surfaces = np.empty((2 * len(stack.levels), len(u)))
    surfaces[0::2] = stack.levels[:, None] + (centre - rise).min(axis=2)
    surfaces[1::2] = stack.levels[:, None] + (centre + rise).max(axis=2)
    return surfaces
