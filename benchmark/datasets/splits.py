"""Splits: what they are called, and how to make them where a source has none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark.datasets.dataset import SPLITS
from benchmark.errors import InputError

_SYNONYMS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_SHARES = {"val": 0.15, "test": 0.15}


def split_name(name: str) -> str | None:
    """Canonical name of a split (any case; ``valid``, ``validation`` too), None if it is none."""
    return _SYNONYMS.get(name.strip().lower())


def stratified(labels: Sequence[str], seed: int, source: str) -> dict[str, np.ndarray]:
    """Split rows 70/15/15 with the same share of each class everywhere, at random by ``seed``.

    Returns
    -------
    Row indexes per split, ascending.

    Raises
    ------
    InputError
        For a class with fewer than three rows, which could not be in all of the splits.
    """
    names = np.asarray(labels, dtype=object)
    chosen: dict[str, list[np.ndarray]] = {split: [] for split in SPLITS}
    generator = np.random.default_rng(seed)
    for name in sorted(set(labels)):
        rows = generator.permutation(np.flatnonzero(names == name))
        if len(rows) < len(SPLITS):
            raise InputError(
                f"{source}: class {name!r} has {len(rows)} pictures; "
                "at least 3 are needed to have one in each of train, val and test"
            )
        held_out = {split: max(1, round(len(rows) * share)) for split, share in _SHARES.items()}
        val, test, train = np.split(rows, np.cumsum(list(held_out.values())))
        for split, part in (("train", train), ("val", val), ("test", test)):
            chosen[split].append(part)
    return {split: np.sort(np.concatenate(parts)) for split, parts in chosen.items() if parts}
