"""Patterns that are one figure on a ground: contours, polygons and stars, fractals.

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

# Harmonics of a contour, and its mean radius.
_HARMONICS, _SIZE = 6, 0.6

# Points that play a fractal's game, and how often each is drawn.
_WALKERS, _STEPS = 400, 24


def contour(draws: Draws) -> Pattern:
    """A smooth closed curve: the amplitudes of its harmonics; a disc, a ring or nested rings."""
    amplitude = draws.normal(0, 0.25, _HARMONICS) / np.sqrt(np.arange(1, _HARMONICS + 1))
    start, style = draws.uniform(0, 2 * np.pi, _HARMONICS), integer(draws, 0, 3)

    def draw(planes: Planes, draws: Draws) -> Field:
        n, angle = len(planes.x), planes.angle
        edge = np.full_like(angle, _SIZE)
        for k in range(_HARMONICS):
            own = per_picture(amplitude[k] + draws.normal(0, 0.02, n))
            edge += np.float32(_SIZE) * own * np.cos((k + 1) * angle + np.float32(start[k]))
        return _styled(edge, planes, style)

    return draw


def polygon(draws: Draws) -> Pattern:
    """A regular polygon or star: corners, depth of the notches, proportions, style."""
    corners, style = integer(draws, 3, 9), integer(draws, 0, 3)
    depth, stretch = draws.choice([0.0, 0.35, 0.6]), between(draws, 0.6, 1.6)

    def draw(planes: Planes, draws: Draws) -> Field:
        planes = Planes(planes.x * stretch, planes.y)
        sector = np.float32(2 * np.pi / corners)
        turn = (planes.angle + np.float32(np.pi / 2)) % sector - sector / 2  # 0 between corners
        edge = np.float32(0.75 * np.cos(sector / 2)) / np.cos(turn)
        edge *= 1 - np.float32(depth) * (1 - 2 * np.abs(turn) / sector)
        return _styled(edge, planes, style)

    return draw


def _styled(edge: Field, planes: Planes, style: int) -> Field:
    """A figure whose edge lies at this radius: filled, its outline, or outlines inside it."""
    inside = edge - planes.radius
    if style == 0:
        return ramp(inside, 0.08)
    if style == 1:
        return ramp(np.float32(0.1) - np.abs(inside), 0.08)
    return ramp(np.cos(np.float32(6 * np.pi) * planes.radius / edge), 0.8) * (inside > 0)


def attractor(draws: Draws) -> Pattern:
    """The attractor of two to four affine maps (Barnsley's chaos game): the maps."""
    count = integer(draws, 2, 5)
    maps = np.stack([_contraction(draws) for _ in range(count)])
    moves = draws.uniform(-1, 1, (count, 2))
    areas = np.abs(np.linalg.det(maps)) + 0.02

    def draw(planes: Planes, draws: Draws) -> Field:
        n, side, _ = planes.x.shape
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
