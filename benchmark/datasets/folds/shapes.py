"""Hinge shapes, and the centre line of a train of folds.

A fold is described by quarter waves from hinge to inflection point (Hudleston 1973, "Fold
morphology and some geometrical implications of theories of fold development", Tectonophysics 16).
Along a quarter, q runs from 0 at the hinge to 1 at the inflection point, and the height from about
1 to 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.draws import Draws, Floats

CLASSES = ("box", "chevron", "rounded")

# cos(pi q / 2) as a series in q^2. np.cos differs in the last bit between processors; sums and
# products do not. The error is below 1e-12 for q in [0, 1].
_COSINE = [1.0]
for _power in range(2, 18, 2):
    _COSINE.append(-_COSINE[-1] * (math.pi * math.pi / 4) / (_power * (_power - 1)))


@dataclass(frozen=True)
class HingeShape:
    """The form of one quarter wave.

    Attributes
    ----------
    kind : `chevron`, `box`, `sine`, `parabola` or `ellipse`.
    bend : half-width of the curved part of a kink, in quarters (chevron and box; 0 < bend).
    reach : box: where the flat crest ends, in quarters (bend < reach < 1 - bend); ellipse: the
        part of its half-axis that is followed before the limb runs straight (0 < reach < 1).
    """

    kind: str
    bend: float = 0.0
    reach: float = 0.0

    @property
    def steepest(self) -> float:
        """Largest fall of height per quarter: the slope of the limb at the inflection point."""
        return {
            "chevron": 1.0,
            "box": 1.0 / (1.0 - self.reach),
            "sine": math.pi / 2,
            "parabola": 2.0,
            "ellipse": 1.0 / math.sqrt(1.0 - self.reach * self.reach),
        }[self.kind]

    def height(self, q: Floats) -> Floats:
        """Height above the inflection point at q in [0, 1]; any shape of array."""
        return _HEIGHTS[self.kind](self, q)


def _chevron(shape: HingeShape, q: Floats) -> Floats:
    curved = 1.0 - 0.5 * shape.bend - q * q * (0.5 / shape.bend)
    return np.where(q < shape.bend, curved, 1.0 - q)


def _box(shape: HingeShape, q: Floats) -> Floats:
    start, slope = shape.reach - shape.bend, shape.steepest
    into = np.clip(q - start, 0.0, 2.0 * shape.bend)
    return 1.0 - slope * (
        into * into / (4.0 * shape.bend) + np.maximum(q - start - 2 * shape.bend, 0)
    )


def _sine(shape: HingeShape, q: Floats) -> Floats:
    square, total = q * q, np.full_like(q, _COSINE[-1])
    for term in reversed(_COSINE[:-1]):
        total = total * square + term
    return total


def _parabola(shape: HingeShape, q: Floats) -> Floats:
    return 1.0 - q * q


def _ellipse(shape: HingeShape, q: Floats) -> Floats:
    # A whole semi-ellipse has vertical limbs. The arc is followed to `reach` of its half-axis, and
    # its tangent from there, which meets the inflection point exactly at q = 1.
    arc = np.sqrt(np.maximum(1.0 - (q / shape.reach) ** 2, 0.0))
    return np.where(q < shape.reach * shape.reach, arc, shape.steepest * (1.0 - q))


_HEIGHTS: dict[str, Callable[[HingeShape, Floats], Floats]] = {
    "chevron": _chevron,
    "box": _box,
    "sine": _sine,
    "parabola": _parabola,
    "ellipse": _ellipse,
}


def draw_shape(label: int, draws: Draws) -> HingeShape:
    """A hinge shape of the class `CLASSES[label]`."""
    bend, spare, kind = draws.between(0.0, 1.0), draws.between(0.0, 1.0), draws.below(3)
    if CLASSES[label] == "chevron":
        return HingeShape("chevron", bend=0.02 + 0.13 * bend)
    if CLASSES[label] == "box":
        return HingeShape("box", bend=0.02 + 0.10 * bend, reach=0.45 + 0.25 * spare)
    if kind == 2:
        return HingeShape("ellipse", reach=0.75 + 0.17 * spare)
    return HingeShape(("sine", "parabola")[kind])


@dataclass(frozen=True)
class CentreLine:
    """The middle of a folded layer: a train of folds with a crest at u = 0.

    Attributes
    ----------
    shape : form of every quarter wave.
    wavelength : crest to crest, any unit of length.
    amplitude : half the height from trough to crest (of the unrounded kink, for kinked shapes).
    lopsided : share of the wavelength between a crest and the next trough, in (0, 1); 0.5 is
        symmetric.
    """

    shape: HingeShape
    wavelength: float
    amplitude: float
    lopsided: float

    def __call__(self, u: Floats) -> NDArray[np.floating[Any]]:
        """Height at distance u along the train, both in the unit of the wavelength; any shape."""
        turn = u / self.wavelength
        turn = turn - np.floor(turn)
        falling = turn < self.lopsided
        fall, rise = 2.0 / self.lopsided, 2.0 / (1.0 - self.lopsided)
        quarters = np.where(
            falling, turn * fall, (1.0 - turn) * rise
        )  # 0 crest, 1 inflection, 2 trough
        side = np.where(quarters <= 1.0, 1.0, -1.0)
        return self.amplitude * side * self.shape.height(1.0 - np.abs(quarters - 1.0))

    @property
    def limb_slopes(self) -> tuple[float, float]:
        """Tangent of the dip of both limbs at their inflection points, as positive numbers."""
        per_quarter = 2.0 * self.amplitude * self.shape.steepest / self.wavelength
        return per_quarter / self.lopsided, per_quarter / (1.0 - self.lopsided)


def centre_line(
    shape: HingeShape, wavelength: float, interlimb: float, lopsided: float = 0.5
) -> CentreLine:
    """The centre line whose limbs enclose the interlimb angle, in degrees in (0, 180).

    The interlimb angle is measured between the tangents at the two inflection points (Fleuty 1964,
    "The description of folds"). Limb dips add up to 180 - interlimb; with slopes a*k1 and a*k2 for
    amplitude a, tan(dip1 + dip2) gives a quadratic in a with one positive root.
    """
    unit = CentreLine(shape, wavelength, 1.0, lopsided)
    k1, k2 = unit.limb_slopes
    turn = math.radians(180.0 - interlimb)
    sine, cosine = round(math.sin(turn), 9), round(math.cos(turn), 9)
    linear = (k1 + k2) * cosine
    amplitude = (math.sqrt(linear * linear + 4 * k1 * k2 * sine * sine) - linear) / (
        2 * k1 * k2 * sine
    )
    return CentreLine(shape, wavelength, amplitude, lopsided)
