"""Random numbers that are the same on every machine and in every version of numpy."""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

# Independent streams of one picture, so that a change of the rock's looks leaves the fold alone.
ORDER, GEOMETRY, STACK, SURFACE, CAMERA = range(5)


class Draws:
    """One stream of random numbers, named by (seed, split, index, purpose).

    Numbers come from the raw bits of Philox (Salmon et al. 2011, "Parallel random numbers: as easy
    as 1, 2, 3"). numpy promises that raw bits and `SeedSequence` never change (NEP 19); it makes no
    such promise for `Generator.normal` and its like, and their tails call the machine's `log`.
    """

    def __init__(self, seed: int, split: str, index: int, purpose: int) -> None:
        name = zlib.crc32(split.encode())
        self._bits = np.random.Philox(
            np.random.SeedSequence(seed, spawn_key=(name, purpose, index))
        )

    def unit(self, *shape: int) -> NDArray[np.float64]:
        """Uniform numbers in [0, 1), of the given shape, in steps of 2^-53."""
        raw = np.asarray(self._bits.random_raw(int(np.prod(shape, dtype=np.int64))), np.uint64)
        whole: NDArray[np.float64] = (raw >> np.uint64(11)).astype(np.float64)
        return (whole * 2.0**-53).reshape(shape)

    def signed(self, *shape: int) -> NDArray[np.float32]:
        """Uniform numbers in (-1, 1) in steps of 2^-15: four to a word, for large fields."""
        raw = np.asarray(self._bits.random_raw(-(-int(np.prod(shape)) // 4)), "<u8")
        parts = raw.view("<u2")[: int(np.prod(shape))].astype(np.float32)
        return ((parts - np.float32(32767.5)) * np.float32(2.0**-15)).reshape(shape)

    def between(self, low: float, high: float) -> float:
        """One uniform number in [low, high)."""
        return low + (high - low) * self._one()

    def peaked(self, spread: float) -> float:
        """One number in (-spread, spread), triangular about 0."""
        return spread * (self._one() + self._one() - 1.0)

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._one() < probability

    def below(self, n: int) -> int:
        """One of 0 ... n-1, all equally likely."""
        return int(self._one() * n)

    def order(self, n: int) -> list[int]:
        """A random permutation of 0 ... n-1 (Fisher-Yates)."""
        items = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items

    def bell(self, *shape: int) -> NDArray[np.float32]:
        """Bell-shaped noise of mean 0 and deviation 1: four 16-bit integers of each word, summed.

        Sums of integers are exact, unlike a normal variate made with `log` and `cos`.
        """
        raw = np.asarray(self._bits.random_raw(int(np.prod(shape, dtype=np.int64))), "<u8")
        total = raw.view("<u2").reshape(-1, 4).astype(np.int64).sum(axis=1)
        return ((total - 131070) * (1.0 / 37837.0)).astype(np.float32).reshape(shape)

    def _one(self) -> float:
        return (int(self._bits.random_raw()) >> 11) * 2.0**-53
