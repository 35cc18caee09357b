"""The measure ``patches``: how much a picture's parts look like the train split's patches."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.picture import resized
from features.registry import fitted_measure

# Sides of the picture and of a patch, in pixels.
_SIDE = 32
_PATCH = 6
_HALVES = (slice(None, (_SIDE - _PATCH + 2) // 2), slice((_SIDE - _PATCH + 2) // 2, None))

# Patches to fit on, kinds that are learnt, and rounds of k-means at most.
_DRAWN = 40_000
_CENTROIDS = 150
_ROUNDS = 50

# Both are Coates's: added to a patch's variance (in grey values squared) and to the variances of
# the whitened directions, so that noise in flat patches and flat directions is not blown up.
_FLAT_PATCH = 10.0
_FLAT_DIRECTION = 0.1


@dataclass(frozen=True)
class _Codebook:
    """What was learnt: the whitening and the centroids."""

    mean: np.ndarray  # of the normalised train patches, float64, (108,)
    whitening: np.ndarray  # symmetric, float64, (108, 108)
    centroids: np.ndarray  # in whitened space, float64, (n, 108)

    def whitened(self, patches: np.ndarray) -> np.ndarray:
        return (patches - self.mean) @ self.whitening

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """The numbers of one image (uint8, (H, W, 3)), quadrant by quadrant: float64, (600,)."""
        patches = _patches(resized(image, _SIDE))
        quadrants = []
        with _blas().limit(limits=1):
            for half in (patches[rows] for rows in _HALVES):
                activation = self._activation(_normalised(half.reshape(-1, half.shape[-1])))
                places = activation.reshape(*half.shape[:2], -1)
                quadrants += [places[:, columns].mean(axis=(0, 1)) for columns in _HALVES]
        return np.concatenate(quadrants)

    def _activation(self, patches: np.ndarray) -> np.ndarray:
        """How much nearer than the mean distance each centroid is, 0 or more: (n, centroids)."""
        points = self.whitened(patches)
        # One array from here on: fresh memory of its size costs more than the arithmetic.
        distances = points @ self.centroids.T
        distances *= -2
        distances += (self.centroids**2).sum(axis=1)
        distances += np.einsum("ij,ij->i", points, points)[:, None]
        np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
        np.subtract(distances.mean(axis=1, keepdims=True), distances, out=distances)
        return np.maximum(distances, 0, out=distances)


@fitted_measure(
    "patches",
    names=[f"patch_{quadrant}_{k}" for quadrant in (1, 2, 3, 4) for k in range(_CENTROIDS)],
    channels=3,
)
def patches(images: Iterator[np.ndarray], seed: int) -> _Codebook:
    """Learn 150 kinds of patch: ``patch_Q_K`` says how much of kind K is in quadrant Q.

    Of the pictures at 32x32, 40,000 random patches of 6x6 pixels are drawn, each brought to mean 0
    and variance 1, whitened, and clustered by k-means. A picture's number is the mean over the
    patches in a quadrant (1 upper left, 2 upper right, 3 lower left, 4 lower right) of the triangle
    activation max(0, mean distance to all centroids - distance to centroid K); 0 or more.

    Source: Coates, Ng and Lee, "An analysis of single-layer networks in unsupervised feature
    learning", AISTATS 2011; Coates and Ng, "Learning feature representations with k-means" (2012).
    """
    # Imported first: a limit holds for the libraries that are loaded when it is set.
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    means = KMeans(_CENTROIDS, init="random", n_init=1, max_iter=_ROUNDS, random_state=seed)
    small = [resized(image, _SIDE) for image in images]
    drawn = _normalised(_drawn(small, np.random.default_rng(seed)))
    # The order in which threads add up decides the last digits, and these the clusters.
    with threadpool_limits(1):
        mean, whitening = _whiten(drawn)
        return _Codebook(mean, whitening, _centroids(means, (drawn - mean) @ whitening))


def _whiten(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and symmetric (ZCA) whitening matrix (d, d) of ``points`` (n, d)."""
    # (points - mean) @ matrix has covariance V / (V + 0.1) along each axis of variance V.
    mean = points.mean(axis=0)
    centred = points - mean
    variances, axes = np.linalg.eigh(centred.T @ centred / len(points))
    return mean, (axes / np.sqrt(variances + _FLAT_DIRECTION)) @ axes.T


def _centroids(means: Any, points: np.ndarray) -> np.ndarray:
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Few or flat pictures have fewer kinds of patch; some centroids are then the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return means.fit(points).cluster_centers_


def _drawn(images: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Random patches, of every image about as many: uint8, (40,000, 108)."""
    counts = np.bincount(np.arange(_DRAWN) % len(images), minlength=len(images))
    drawn = []
    for image, count in zip(images, counts, strict=True):
        top, left = rng.integers(0, _SIDE - _PATCH + 1, (2, count))
        drawn.append(_patches(image)[top, left])
    return np.concatenate(drawn)


def _patches(image: np.ndarray) -> np.ndarray:
    """Every patch of an image (32, 32, 3), by its upper left corner: uint8, (27, 27, 108)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (_PATCH, _PATCH), axis=(0, 1))
    return windows.reshape(*windows.shape[:2], -1)


def _normalised(patches: np.ndarray) -> np.ndarray:
    """Patches (n, 108), each of mean 0 and, unless it is flat, variance 1."""
    centred = patches - patches.mean(axis=1, keepdims=True)
    centred /= np.sqrt(centred.var(axis=1, keepdims=True) + _FLAT_PATCH)
    return centred


@functools.cache
def _blas() -> Any:
    """Looked for once: that takes longer than a picture does."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
