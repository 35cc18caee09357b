"""Oddities of pictures that can be read: as flags of each, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from benchmark.datasets.codec import (
    FIRST_OF_SEVERAL,
    LOW_BYTE,
    ODDITIES,
    ONE_VALUE,
    Decoded,
    is_of_one_value,
)

_FLAGS = {name: 1 << place for place, name in enumerate(ODDITIES)}
_SAID = {
    LOW_BYTE: "pictures of more than 8 bits that use the lowest 8 alone, so that they are read as "
    "black or nearly so (multiply their values, or save them with 8 bits)",
    ONE_VALUE: "pictures that show one value in all their pixels",
    FIRST_OF_SEVERAL: "files that hold several pictures, of which the first is read",
}


def flags_of(decoded: Decoded) -> int:
    """A bit for each oddity of a picture. One of which the low byte alone is used is black."""
    names = {*decoded.oddities}
    if LOW_BYTE not in names and is_of_one_value(decoded.picture):
        names.add(ONE_VALUE)
    return sum(_FLAGS[name] for name in names)


def counted(flags: Iterable[np.ndarray]) -> dict[str, int]:
    """How many pictures have each oddity, of those that any has; from arrays of their flags."""
    every = np.concatenate([*flags])
    counts = {name: int(np.count_nonzero(every & flag)) for name, flag in _FLAGS.items()}
    return {name: count for name, count in counts.items() if count}


def lines_about(counts: Mapping[str, int], source: str) -> list[str]:
    """A line for each oddity that pictures of a source have."""
    return [f"warning: {source} has {_SAID[name]}: {n:,}" for name, n in counts.items()]
