"""Patterns that fill the plane: gratings, spirals, bent layers, noise, cells, scattered marks.

Each function draws a class: the parameters of a generator. What it returns draws pictures of it.
"""

from __future__ import annotations

import numpy as np

from models.weights.modelled.plane import (
    Draws,
    Field,
    Pattern,
    Planes,
    between,
    integer,
    per_picture,
    ramp,
)

_TURN = np.float32(2 * np.pi)


def _wave(phase: Field, kind: int) -> Field:
    """A wave of period 1 in 0 .. 1: a sine, a square wave with soft edges, or a saw."""
    if kind == 2:
        return phase - np.floor(phase)
    sine = np.sin(_TURN * phase)
    return (sine + 1) / 2 if kind == 0 else ramp(sine, 0.6)


def grating(draws: Draws) -> Pattern:
    """Parallel stripes: their direction, frequency and profile."""
    turn, frequency, kind = draws.uniform(0, np.pi), between(draws, 0.8, 4), integer(draws, 0, 3)
    along_x, along_y = np.float32(np.cos(turn)), np.float32(np.sin(turn))

    def draw(planes: Planes, draws: Draws) -> Field:
        start = per_picture(draws.random(len(planes.x)))
        return _wave((planes.x * along_x + planes.y * along_y) * frequency + start, kind)

    return draw


def spiral(draws: Draws) -> Pattern:
    """Rings (no arms) or spirals: the number of arms, their pitch and profile."""
    arms, frequency, kind = integer(draws, -4, 5), between(draws, 0.5, 3), integer(draws, 0, 3)

    def draw(planes: Planes, draws: Draws) -> Field:
        start = per_picture(draws.random(len(planes.x)))
        return _wave(planes.radius * frequency + planes.angle * (arms / _TURN) + start, kind)

    return draw


def layers(draws: Draws) -> Pattern:
    """Folded layers: wavelength, height and hinge of the folds, and the layers' thickness.

    The hinge is rounded (a sine), a kink between straight limbs, or a box with a flat crest.
    """
    hinge, kind = integer(draws, 0, 3), integer(draws, 0, 2)
    wave, height, frequency = (between(draws, a, b) for a, b in ((0.4, 1.5), (0.1, 0.8), (0.8, 3)))

    def draw(planes: Planes, draws: Draws) -> Field:
        n = len(planes.x)
        start, depth = per_picture(draws.random(n)), per_picture(draws.random(n))
        bend = np.sin(_TURN * (planes.x * wave + start))
        if hinge == 1:
            bend = np.arcsin(bend) * np.float32(2 / np.pi)
        elif hinge == 2:
            bend = np.clip(2 * bend, -1, 1)
        return _wave((planes.y + height * bend) * frequency + depth, kind)

    return draw


def spectral_noise(draws: Draws) -> Pattern:
    """Noise with a spectrum: how steep it falls, which direction it prefers, how it is cut."""
    slope, stretch = draws.uniform(0.5, 3), between(draws, 1, 6)
    turn, cut = draws.uniform(0, np.pi), integer(draws, 0, 3)

    def draw(planes: Planes, draws: Draws) -> Field:
        n, side, _ = planes.x.shape
        down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
        first = across * np.cos(turn) + down * np.sin(turn)
        second = down * np.cos(turn) - across * np.sin(turn)
        frequency = np.hypot(first * stretch, second)
        frequency[0, 0] = np.inf
        white = np.fft.rfft2(draws.standard_normal((n, side, side)))
        field = np.fft.irfft2(white * frequency**-slope, s=(side, side)).astype(np.float32)
        field /= field.std(axis=(1, 2), keepdims=True)
        if cut == 1:
            return np.clip(np.abs(field) / 2, 0, 1)
        return ramp(field, 4 if cut == 0 else 0.5)

    return draw


def cells(draws: Draws) -> Pattern:
    """Cells about random points (Worley, 1996): how many, in which metric, and what is shown.

    Shown is the distance to the nearest point, or how much farther the next one is.
    """
    count, metric, walls = integer(draws, 4, 24), integer(draws, 0, 3), integer(draws, 0, 2)

    def draw(planes: Planes, draws: Draws) -> Field:
        distances = _distances(planes, draws, count, metric, np.float32(1))
        first, second = np.partition(distances, 1, axis=0)[:2]
        return np.clip((second - first if walls else first) * np.float32(count**0.5 / 2), 0, 1)

    return draw


def scattered_marks(draws: Draws) -> Pattern:
    """Scattered diamonds, discs, squares or bars: their shape, length, number and size."""
    count, metric = integer(draws, 2, 16), integer(draws, 0, 3)
    size, stretch = between(draws, 0.1, 0.4), np.float32(draws.choice([0.33, 1, 3]))

    def draw(planes: Planes, draws: Draws) -> Field:
        distances = _distances(planes, draws, count, metric, stretch)
        return ramp(size - distances.min(axis=0), 0.1)

    return draw


def _distances(planes: Planes, draws: Draws, count: int, metric: int, stretch: np.float32) -> Field:
    """Distance of each pixel to each of ``count`` random points: (count, n, side, side)."""
    n = len(planes.x)
    distances = []
    for _ in range(count):
        x, y = (per_picture(draws.uniform(-1.2, 1.2, n)) for _ in range(2))
        across, down = np.abs(planes.x - x) * stretch, np.abs(planes.y - y)
        how = (np.add, np.hypot, np.maximum)[metric]
        distances.append(how(across, down))
    return np.stack(distances)
