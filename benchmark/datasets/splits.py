"""Splits: what they are called, and how to make them where a source has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from benchmark.datasets.dataset import SPLITS
from benchmark.errors import InputError

_WORDS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation", "validate", "dev", "development"),
    "test": ("test", "testing"),
}
_SPLIT_OF = {word: split for split, words in _WORDS.items() for word in words}
# Of three splits the one that models are chosen on, of two the one that they are asked about.
_EVALUATION = ("eval", "evaluation")
# What may stand beside a split's word: `train_images`, `test-set`.
_BESIDE = {"set", "split", "data", "dataset", "images", "imgs", "pictures", "photos"}
_SHARES = {"val": 0.15, "test": 0.15}


def split_names(names: Iterable[str]) -> dict[str, str | None]:
    """What each name says as a split's: ``train``, ``val``, ``test``, or None if it is none.

    Any case; the usual other words too (``Training``, ``valid``, ``dev``, ``test_set`` ...).
    ``eval`` is val where there is a test split beside it, else test.
    """
    words = {name: _word(name) for name in names}
    found = {name: _SPLIT_OF.get(word or "") for name, word in words.items()}
    evaluation = "val" if "test" in found.values() else "test"
    return {
        name: evaluation if words[name] in _EVALUATION else split for name, split in found.items()
    }


def is_about_a_split(name: str) -> bool:
    """Whether a word for a split is in a name, whatever else is: `fold1-test`."""
    return any(word in _SPLIT_OF for word in re.findall("[a-z]+", name.casefold()))


def _word(name: str) -> str | None:
    """The word for a split in a name that says no more than that."""
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if word]
    said = [word for word in words if word in _SPLIT_OF or word in _EVALUATION]
    return said[0] if len(said) == 1 and {*words} <= {*said, *_BESIDE} else None


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
