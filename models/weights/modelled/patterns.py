"""Patterns: those that fill the plane, then those that are one figure on a ground.

Each function draws a class: the parameters of a generator. What it returns draws pictures of it.
"""

from __future__ import annotations

import numpy as np

from models.weights.modelled.plane import (
    Draws,
    Field,
    Pattern,
    between,
    integer,
    per_picture,
    ramp,
)

_TURN = np.float32(2 * np.pi)

# Harmonics of a contour, and its mean radius.
_HARMONICS, _SIZE = 6, 0.6

# Points that play a fractal's game, and how often each is drawn.
_WALKERS, _STEPS = 400, 24


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

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        start = per_picture(draws.random(len(x)))
        return _wave((x * along_x + y * along_y) * frequency + start, kind)

    return draw


def spiral(draws: Draws) -> Pattern:
    """Rings (no arms) or spirals: the number of arms, their pitch and profile."""
    arms, frequency, kind = integer(draws, -4, 5), between(draws, 0.5, 3), integer(draws, 0, 3)

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        start = per_picture(draws.random(len(x)))
        angle: Field = np.arctan2(y, x)
        return _wave(np.hypot(x, y) * frequency + angle * (arms / _TURN) + start, kind)

    return draw


def layers(draws: Draws) -> Pattern:
    """Folded layers: wavelength, height and hinge of the folds, and the layers' thickness.

    The hinge is rounded (a sine), a kink between straight limbs, or a box with a flat crest.
    """
    hinge, kind = integer(draws, 0, 3), integer(draws, 0, 2)
    wave, height, frequency = (between(draws, a, b) for a, b in ((0.4, 1.5), (0.1, 0.8), (0.8, 3)))

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        n = len(x)
        start, depth = per_picture(draws.random(n)), per_picture(draws.random(n))
        bend = np.sin(_TURN * (x * wave + start))
        if hinge == 1:
            bend = np.arcsin(bend) * np.float32(2 / np.pi)
        elif hinge == 2:
            bend = np.clip(2 * bend, -1, 1)
        return _wave((y + height * bend) * frequency + depth, kind)

    return draw


def spectral_noise(draws: Draws) -> Pattern:
    """Noise with a spectrum: how steep it falls, which direction it prefers, how it is cut."""
    slope, stretch = draws.uniform(0.5, 3), between(draws, 1, 6)
    turn, cut = draws.uniform(0, np.pi), integer(draws, 0, 3)

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        n, side, _ = x.shape
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

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        distances = _distances(x, y, draws, count, metric, np.float32(1))
        first, second = np.partition(distances, 1, axis=0)[:2]
        return np.clip((second - first if walls else first) * np.float32(count**0.5 / 2), 0, 1)

    return draw


def scattered_marks(draws: Draws) -> Pattern:
    """Scattered diamonds, discs, squares or bars: their shape, length, number and size."""
    count, metric = integer(draws, 2, 16), integer(draws, 0, 3)
    size, stretch = between(draws, 0.1, 0.4), np.float32(draws.choice([0.33, 1, 3]))

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        distances = _distances(x, y, draws, count, metric, stretch)
        return ramp(size - distances.min(axis=0), 0.1)

    return draw


def _distances(
    x: Field, y: Field, draws: Draws, count: int, metric: int, stretch: np.float32
) -> Field:
    """Distance of each pixel to each of ``count`` random points: (count, n, side, side)."""
    how = (np.add, np.hypot, np.maximum)[metric]
    distances = []
    for _ in range(count):
        left, top = (per_picture(draws.uniform(-1.2, 1.2, len(x))) for _ in range(2))
        distances.append(how(np.abs(x - left) * stretch, np.abs(y - top)))
    return np.stack(distances)


# --- one figure on a ground ------------------------------------------------------------------


def contour(draws: Draws) -> Pattern:
    """A smooth closed curve: the amplitudes of its harmonics; a disc, a ring or nested rings."""
    amplitude = draws.normal(0, 0.25, _HARMONICS) / np.sqrt(np.arange(1, _HARMONICS + 1))
    start, style = draws.uniform(0, 2 * np.pi, _HARMONICS), integer(draws, 0, 3)

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        n, angle = len(x), np.arctan2(y, x)
        edge = np.full_like(angle, _SIZE)
        for k in range(_HARMONICS):
            own = per_picture(amplitude[k] + draws.normal(0, 0.02, n))
            edge += np.float32(_SIZE) * own * np.cos((k + 1) * angle + np.float32(start[k]))
        return _styled(edge, np.hypot(x, y), style)

    return draw


def polygon(draws: Draws) -> Pattern:
    """A regular polygon or star: corners, depth of the notches, proportions, style."""
    corners, style = integer(draws, 3, 9), integer(draws, 0, 3)
    depth, stretch = draws.choice([0.0, 0.35, 0.6]), between(draws, 0.6, 1.6)

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        x = x * stretch
        sector = np.float32(2 * np.pi / corners)
        turn = (np.arctan2(y, x) + np.float32(np.pi / 2)) % sector - sector / 2  # 0 between corners
        edge = np.float32(0.75 * np.cos(sector / 2)) / np.cos(turn)
        edge *= 1 - np.float32(depth) * (1 - 2 * np.abs(turn) / sector)
        return _styled(edge, np.hypot(x, y), style)

    return draw


def _styled(edge: Field, radius: Field, style: int) -> Field:
    """A figure whose edge lies at this radius: filled, its outline, or outlines inside it."""
    inside = edge - radius
    if style == 0:
        return ramp(inside, 0.08)
    if style == 1:
        return ramp(np.float32(0.1) - np.abs(inside), 0.08)
    return ramp(np.cos(np.float32(6 * np.pi) * radius / edge), 0.8) * (inside > 0)


def attractor(draws: Draws) -> Pattern:
    """The attractor of two to four affine maps (Barnsley's chaos game): the maps."""
    count = integer(draws, 2, 5)
    maps = np.stack([_contraction(draws) for _ in range(count)])
    moves = draws.uniform(-1, 1, (count, 2))
    areas = np.abs(np.linalg.det(maps)) + 0.02

    def draw(x: Field, y: Field, draws: Draws) -> Field:
        n, side, _ = x.shape
        points = np.zeros((n, _WALKERS, 2))
        own = maps * draws.uniform(0.9, 1.1, (n, count, 1, 1))
        pictures, visited = np.arange(n)[:, None], []
        for step in range(_STEPS + 8):
            chosen = draws.choice(count, (n, _WALKERS), p=areas / areas.sum())
            points = np.einsum("nwij,nwj->nwi", own[pictures, chosen], points) + moves[chosen]
            if step >= 8:  # by then they are on the attractor
                visited.append(points)
        return _density(np.concatenate(visited, axis=1), side, draws)

    return draw


def _contraction(draws: Draws) -> np.ndarray:
    """A random linear map (2, 2) whose singular values are below 0.85; one turned, one mirrored."""
    first, second = draws.uniform(0, 2 * np.pi, 2)
    sizes = draws.uniform(0.3, 0.85, 2) * draws.choice([-1, 1], 2)
    return _rotation(first) @ np.diag(sizes) @ _rotation(second)


def _rotation(angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def _density(points: np.ndarray, side: int, draws: Draws) -> Field:
    """How often the points (n, m, 2) of each picture fall on a pixel, as a logarithm, 0 .. 1."""
    n = len(points)
    low, high = np.quantile(points, [0.01, 0.99], axis=1)
    span = (high - low).max(axis=1) * draws.uniform(1.05, 1.4, n)
    pixels = (points - (low + high)[:, None] / 2) / span[:, None, None] + 0.5
    pixels = np.floor(pixels * side).astype(int)
    inside = ((pixels >= 0) & (pixels < side)).all(axis=2)
    which = np.broadcast_to(np.arange(n)[:, None], inside.shape)[inside]
    flat = (which * side + pixels[inside][:, 1]) * side + pixels[inside][:, 0]
    counts = np.bincount(flat, minlength=n * side * side).reshape(n, side, side)
    field = np.log1p(counts).astype(np.float32)
    return field / field.max(axis=(1, 2), keepdims=True)
