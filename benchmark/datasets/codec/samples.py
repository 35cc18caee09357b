"""Samples: what a file stores of each pixel, and the 8 bits that are made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOW_BYTE = "low_byte"
ONE_VALUE = "one_value"
FIRST_OF_SEVERAL = "first_of_several"
# What may be odd about a picture that can be read: more than 8 bits of which none above the lowest
# 8 is used, so that it is black; one value in all pixels; others in the same file, which are not
# read.
ODDITIES = (LOW_BYTE, ONE_VALUE, FIRST_OF_SEVERAL)


@dataclass(frozen=True)
class Decoded:
    """A picture, and what is odd about it.

    Attributes
    ----------
    picture : uint8, (H, W) grey or (H, W, 3) RGB.
    oddities : some of `ODDITIES`.
    """

    picture: np.ndarray
    oddities: tuple[str, ...] = ()

    def with_others(self, has_others: bool) -> Decoded:
        """The same, said to be the first of several in its file if that has others."""
        if not has_others:
            return self
        return Decoded(self.picture, (*self.oddities, FIRST_OF_SEVERAL))


def eight_bits(samples: np.ndarray, bits: int) -> Decoded:
    """Samples, unsigned integers of so many bits, as uint8 from 0 to 255.

    Of more than 8 bits the upper 8 are kept; fewer are stretched.
    """
    if bits > 8:
        low = 0 < samples.max() < 256
        return Decoded((samples >> (bits - 8)).astype(np.uint8), (LOW_BYTE,) if low else ())
    if bits < 8:
        top = (1 << bits) - 1
        stretched = (np.arange(top + 1) * 255 + top // 2) // top
        samples = stretched.astype(np.uint8)[samples.astype(np.uint8)]
    return Decoded(samples)


def is_of_one_value(picture: np.ndarray) -> bool:
    """Whether all pixels, (H, W) or (H, W, 3), are the same."""
    first = picture[0, 0]
    return bool((picture[0] == first).all() and (picture == first).all())
