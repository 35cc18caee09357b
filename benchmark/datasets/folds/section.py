"""One picture's fold: what is drawn of it, and where each of its layers lies in the frame."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.draws import GEOMETRY, STACK, Draws, Floats
from benchmark.datasets.folds.layers import Stack, boundaries, draw_stack
from benchmark.datasets.folds.noise import Field
from benchmark.datasets.folds.shapes import CentreLine, HingeShape, centre_line, draw_shape


@dataclass(frozen=True)
class Fold:
    """The parameters of one picture. Lengths are in widths of the frame, angles in degrees.

    Attributes
    ----------
    label : index into `CLASSES`; decides `shape` and nothing else.
    clean : drawn as by modelling software (True) or as an outcrop (False).
    interlimb : interlimb angle, 45 ... 125.
    wavelength : crest to crest, 0.45 ... 1.4: from a fold train to a single hinge in view.
    lopsided : see `CentreLine`; with `tilt` it gives the fold its vergence.
    flattening : 1 is class 1B, 0 is class 2, between them 1C (Ramsay 1967).
    thickness : mean thickness of stiff beds.
    tilt : rotation of the train.
    synform : seen upside down, so that the hinge in view closes downwards.
    hinge : (x, y) of the crest that is certain to be in view, near the middle of the frame.
    """

    label: int
    clean: bool
    shape: HingeShape
    interlimb: float
    wavelength: float
    lopsided: float
    flattening: float
    thickness: float
    tilt: float
    synform: bool
    hinge: tuple[float, float]

    def line(self, size: int) -> CentreLine:
        """The centre line, in pixels of a frame of `size`."""
        return centre_line(self.shape, self.wavelength * size, self.interlimb, self.lopsided)


def draw_fold(seed: int, split: str, index: int, label: int, clean: bool) -> Fold:
    """Draw one picture's parameters; all but the hinge shape drawn alike for every class."""
    draws = Draws(seed, split, index, GEOMETRY)
    shape = draw_shape(label, draws)
    wavelength = 0.45 + 0.95 * draws.between(0, 1)
    kind = draws.below(3)  # parallel, similar, or between the two
    return Fold(
        label=label,
        clean=clean,
        shape=shape,
        interlimb=draws.between(45, 125),
        wavelength=wavelength,
        lopsided=0.5 + draws.peaked(0.16),
        flattening=(1.0, 0.0, draws.between(0.1, 0.9))[kind],
        thickness=max(0.042, wavelength * draws.between(0.045, 0.12)),
        tilt=draws.peaked(40),
        synform=draws.chance(0.5),
        hinge=(0.5 + draws.peaked(0.18), 0.5 + draws.peaked(0.18)),
    )


@dataclass(frozen=True)
class Section:
    """Where every pixel of the frame lies in the stack; all arrays are (size, size).

    Attributes
    ----------
    layer : number of bed surfaces below the pixel; odd inside a stiff bed.
    layers : how many surfaces there are.
    above, below : distance to the next surface up and down, square to it, in pixels (large where
        there is none).
    along : distance along the fold train, in pixels.
    square : the same where the layer's middle is met by a line square to bedding.
    part : how far up its layer the pixel is, in [0, 1].
    """

    layer: NDArray[np.int32]
    layers: int
    above: Field
    below: Field
    along: Field
    square: Field
    part: Field

    @property
    def bedding(self) -> Field:
        """Layer and height in it as one number, which follows bedding through the fold."""
        return self.layer.astype(np.float32) + self.part


def cut_section(fold: Fold, seed: int, split: str, index: int, x: Field, y: Field) -> Section:
    """The fold as seen in a square frame whose pixels lie at (x, y), in pixels from the top left.

    x and y have the frame's shape (size, size); displaced positions give a rougher fold.
    """
    size = x.shape[0]
    line = fold.line(size)
    along, up = _fold_axes(fold, x, y, line)
    draws = Draws(seed, split, index, STACK)
    beds = 3 + draws.below(5) if fold.clean else 30
    stack = draw_stack(line, fold.flattening, fold.thickness * size, beds, draws)
    return _locate(line, stack, fold.flattening, along, up)


def _fold_axes(fold: Fold, x: Field, y: Field, line: CentreLine) -> tuple[Field, Field]:
    """Every pixel's place along the train and above its middle, in pixels."""
    size = x.shape[0]
    turn = math.radians(fold.tilt)
    cosine, sine = np.float32(round(math.cos(turn), 6)), np.float32(round(math.sin(turn), 6))
    dx, dy = x - np.float32(fold.hinge[0] * size), y - np.float32(fold.hinge[1] * size)
    up = sine * dx - cosine * dy
    crest = float(line(np.zeros(1))[0])
    return cosine * dx + sine * dy, (-up if fold.synform else up) + np.float32(crest)


def _locate(line: CentreLine, stack: Stack, flattening: float, along: Field, up: Field) -> Section:
    """Find the layer of every pixel, from tables of all surfaces along the train."""
    start, step = math.floor(float(along.min())) - 1.0, 0.5
    size = np.float32(len(along))
    u = start + step * np.arange(int((float(along.max()) - start) / step) + 4)
    place = (along - np.float32(start)) * np.float32(1.0 / step)
    column = place.astype(np.int32)
    part = place - column.astype(np.float32)
    centre = line(u).astype(np.float32)
    level = up - _between(centre, column, part)

    stack = _in_view(stack, level, 2.0 * float(stack.halves.max()) * (1.0 + max(line.limb_slopes)))
    tops = boundaries(line, stack, flattening, u)
    surfaces, width = _with_limits(tops), len(u)
    # The centre line of a bed lies at the same level everywhere. Between those of two beds there
    # are two surfaces only: the top of the lower bed and the bottom of the upper one.
    beds_below = np.searchsorted(stack.levels.astype(np.float32), level).astype(np.int32)
    row = 2 * beds_below * width + column
    layer = 2 * beds_below + (up > _between(surfaces, row + width, part))
    layer -= up <= _between(surfaces, row, part)

    row = layer * width + column
    lower, upper = _between(surfaces, row, part), _between(surfaces, row + width, part)
    squeeze = _squeeze(tops, step)
    inside = (up - lower) / np.maximum(upper - lower, np.float32(1e-3))
    # The foot of the normal lies upslope: offset * slope / (1 + slope^2) along the train.
    slope = np.gradient(centre, np.float32(step))[column]
    offset = np.clip((inside - np.float32(0.5)) * (upper - lower), -size, size)
    foot = offset * slope / (np.float32(1) + slope * slope)
    return Section(
        layer=layer,
        layers=len(tops),
        above=(upper - up) * squeeze[row + width],
        below=(up - lower) * squeeze[row],
        along=along,
        square=along + foot,
        part=inside,
    )


def _in_view(stack: Stack, level: Field, margin: float) -> Stack:
    """Only the beds that some pixel can meet, to save time."""
    seen = (stack.levels > level.min() - margin) & (stack.levels < level.max() + margin)
    return Stack(stack.levels[seen], stack.halves[seen])


def _with_limits(tops: Floats) -> Field:
    """The surfaces row after row, with one far below and one far above them all."""
    far = np.full((1, tops.shape[1]), 1e4)
    return np.concatenate([tops[:1] - far, tops, tops[-1:] + far]).astype(np.float32).ravel()


def _squeeze(tops: Floats, step: float) -> Field:
    """Distance square to a surface over distance upwards: the cosine of its dip; rows as above."""
    slopes = np.gradient(tops, step, axis=1)
    cosines = (1.0 / np.sqrt(1.0 + slopes * slopes)).astype(np.float32)
    return np.concatenate([cosines[:1], cosines, cosines[-1:]]).ravel()


def _between(values: Field, index: NDArray[np.int32], part: Field) -> Field:
    low = values[index]
    return low + (values[index + 1] - low) * part
