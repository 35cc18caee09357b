"""The face of an outcrop: beds of two rocks, grain, lamination, relief, joints and faults."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.datasets.folds.draws import Draws
from benchmark.datasets.folds.noise import Field, fractal, smooth_step, soften, value_noise
from benchmark.datasets.folds.section import Section

# Typical colours (RGB) of a stiff and a weak rock that are found folded together.
_SUITES = np.array(
    [
        [[0.74, 0.64, 0.48], [0.42, 0.38, 0.34]],  # sandstone, shale
        [[0.70, 0.69, 0.66], [0.50, 0.48, 0.44]],  # limestone, marl
        [[0.62, 0.40, 0.30], [0.42, 0.27, 0.23]],  # red sandstone, mudstone
        [[0.46, 0.48, 0.46], [0.26, 0.28, 0.29]],  # greywacke, slate
        [[0.80, 0.76, 0.70], [0.52, 0.50, 0.50]],  # quartzite, phyllite
        [[0.66, 0.62, 0.58], [0.30, 0.30, 0.31]],  # felsic and mafic bands of gneiss
        [[0.60, 0.52, 0.36], [0.46, 0.44, 0.32]],  # chert, siltstone
    ],
    dtype=np.float64,
)


def displaced(draws: Draws, x: Field, y: Field) -> tuple[Field, Field]:
    """Positions (x, y) moved as real rock is: uneven bedding, and now and then a small fault."""
    size = x.shape[1]
    rough = size * draws.between(0.004, 0.016)
    move_x = fractal(draws, x, y, size / 4, 3) * np.float32(rough)
    move_y = fractal(draws, x, y, size / 4, 3) * np.float32(rough)
    if draws.chance(0.25):
        slip = np.float32(size * draws.between(0.02, 0.05)) * _side(draws, x, y)
        move_y = move_y + slip
    return x + move_x, y + move_y


def _side(draws: Draws, x: Field, y: Field) -> Field:
    """0 or 1 on the two sides of a steep line through the frame."""
    size = x.shape[1]
    offset = size * draws.between(0.15, 0.85)
    lean = draws.between(-0.7, 0.7)
    return (x - np.float32(offset) + np.float32(lean) * (y - np.float32(size / 2)) > 0).astype(
        np.float32
    )


@dataclass(frozen=True)
class Face:
    """What a rock face looks like before light falls on it.

    Attributes
    ----------
    colour : (size, size, 3) RGB in about [0, 1].
    relief : (size, size) height towards the viewer, in pixels.
    """

    colour: Field
    relief: Field


def rock_face(section: Section, x: Field, y: Field, draws: Draws) -> Face:
    """Rock for every layer of the section; x and y are its row and column of pixels."""
    size = x.shape[1]
    stiff = (section.layer % 2).astype(np.float32)
    colour = _beds(section.layer, section.layers, draws)

    grain = _grain(section, x, y, size, draws)
    parting = _partings(section, draws)
    weathered = fractal(draws, x, y, size / 3, 5)
    stain = smooth_step(fractal(draws, x, y, size / 2, 4), 0.05, 0.5)
    stain = stain * np.float32(draws.between(0, 0.5))
    joints = _joints(section, stiff, x, y, draws)

    shade = 1 + grain + weathered * np.float32(draws.between(0.15, 0.4))
    colour = colour * shade[..., None]
    tint = np.array([0.46, 0.33, 0.22], np.float32) * np.float32(draws.between(0.7, 1.4))
    colour = colour + (tint - colour) * stain[..., None]
    dark = np.maximum(parting, joints)
    colour = colour * (1 - np.float32(0.75) * dark)[..., None]

    proud = np.float32(draws.between(-0.8, 2.2))  # stiff beds mostly stand out, seldom weather back
    edge = smooth_step(np.minimum(section.above, section.below), 0.0, 2.5)
    relief = proud * stiff * edge + weathered * np.float32(size * draws.between(0.015, 0.05))
    relief = relief + grain * np.float32(3) - dark * np.float32(1.2)
    return Face(colour, relief)


def _beds(layer: NDArray[np.int32], layers: int, draws: Draws) -> Field:
    """Colour of each layer: stiff and weak rock in turn, no two beds quite alike."""
    pair = _SUITES[draws.below(len(_SUITES))]
    if draws.chance(0.25):
        pair = pair[::-1]
    contrast = draws.between(0.35, 1.15)
    pair = pair.mean(axis=0) + (pair - pair.mean(axis=0)) * contrast
    rock = pair[(np.arange(layers + 1) + 1) % 2]
    bright = 1 + draws.between(0.04, 0.14) * 2 * (draws.unit(layers + 1, 1) - 0.5)
    hue = 1 + 0.05 * (draws.unit(layers + 1, 3) - 0.5)
    return (rock * bright * hue).astype(np.float32)[layer]


def _grain(section: Section, x: Field, y: Field, size: int, draws: Draws) -> Field:
    """Lamination and grain drawn out along bedding, and grains of no direction."""
    across = section.bedding * np.float32(8)
    laminae = fractal(draws, section.along, across, 2.6, 3, stretch=9.0)
    weak = np.float32(draws.between(0.1, 0.45))
    strong = np.float32(draws.between(0.05, 0.3))
    coarse = value_noise(draws, x, y, size / 48, size / 48)
    fine = draws.bell(size, size) * np.float32(draws.between(0.02, 0.07))
    depth: Field = np.where(section.layer % 2, strong, weak)
    return laminae * depth + coarse * np.float32(0.1) + fine


def _partings(section: Section, draws: Draws) -> Field:
    """Dark bedding planes that open and close along their length, in [0, 1]."""
    nearest = np.minimum(section.above, section.below)
    plane = (section.layer + (section.part > np.float32(0.5))).astype(np.float32)
    open_ = value_noise(draws, section.along, plane * np.float32(1.7), 14.0, 1.0)
    width = np.float32(draws.between(0.3, 1.1)) * (1 + open_)
    return np.clip(width + np.float32(0.5) - nearest, 0, 1) * np.float32(draws.between(0.35, 0.9))


def _joints(section: Section, stiff: Field, x: Field, y: Field, draws: Draws) -> Field:
    """Fractures, in [0, 1]: short ones square to stiff beds, and long ones through everything."""
    joints = np.zeros(stiff.shape, np.float32)
    if draws.chance(0.7):
        spacing = draws.between(0.07, 0.25) * stiff.shape[0]
        shift = draws.unit(64).astype(np.float32)[section.layer % 64]
        wander = value_noise(draws, section.square, section.bedding, spacing, 0.5)
        place = section.square * np.float32(1 / spacing) + shift + wander * np.float32(0.35)
        distance = np.abs(place - np.floor(place) - np.float32(0.5)) * np.float32(spacing)
        joints = np.clip(1 - distance, 0, 1) * stiff * np.float32(draws.between(0.3, 0.8))
    for _ in range(draws.below(3)):
        joints = np.maximum(joints, _fracture_set(x, y, draws))
    return joints


def _fracture_set(x: Field, y: Field, draws: Draws) -> Field:
    """Long fractures of one direction, unevenly spaced, each visible for part of its length."""
    size = x.shape[1]
    nx, ny = 1.0, draws.between(-0.8, 0.8)
    if draws.chance(0.25):
        nx, ny = ny, nx
    across = x * np.float32(nx) + y * np.float32(ny)
    length = y * np.float32(nx) - x * np.float32(ny)
    spacing = size * draws.between(0.2, 0.6)
    bent = across + fractal(draws, x, y, size / 6, 3) * np.float32(size * 0.03)
    place = bent * np.float32(1 / spacing) + np.float32(draws.between(0, 1))
    which = np.floor(place)
    distance = np.abs(place - which - np.float32(0.5)) * np.float32(spacing)
    seen = smooth_step(value_noise(draws, length, which * 3, size / 3, 1.0), -0.3, 0.3)
    return np.clip(np.float32(draws.between(0.8, 1.4)) - distance, 0, 1) * seen


def lit(face: Face, draws: Draws) -> Field:
    """The face in oblique light, RGB (size, size, 3): slopes towards the light are bright."""
    surface = soften(face.relief, 1)
    slope_x = np.gradient(surface, axis=1).astype(np.float32)
    slope_y = np.gradient(surface, axis=0).astype(np.float32)
    strength = draws.between(0.12, 0.4)
    from_x, from_y = draws.between(-1, 1), draws.between(0.3, 1)
    shade = 1 + (slope_x * np.float32(from_x) + slope_y * np.float32(from_y)) * np.float32(strength)
    return face.colour * np.clip(shade, 0.35, 1.8)[..., None]
