"""Permutation importance: what a model's accuracy owes to each feature."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_SINGLE = 100  # columns that are looked at one by one; more are looked at in groups
_MOST_REPEATS = 10
_FEWEST_ROWS = 100


@dataclass(frozen=True)
class Importance:
    """How much accuracy is lost when a feature, or a group of them, is shuffled.

    rows: how many were asked about; accuracy: theirs, in [0, 1]; losses: name -> float (repeats,),
    accuracy lost in each repeat; below zero where shuffling happened to help.
    """

    rows: int
    accuracy: float
    losses: Mapping[str, NDArray[np.float64]]


def permutation_importance(
    estimator: Any,
    table: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: Mapping[str, Sequence[int]],
    seconds: float,
    seed: int,
) -> Importance | None:
    """The loss of accuracy by shuffling (Breiman 2001), in about so many seconds.

    Parameters
    ----------
    estimator : fitted classifier.
    table, labels : float (n, n_columns) and (n,), rows that it was not fitted on.
    groups : name to the columns that are shuffled together, as `grouped` makes them.
    seconds : how long it may take; a slow model is asked about fewer rows, less often.
    seed : of the rows and of their shuffling.

    Returns None where the model is too slow to be asked about 100 rows of every group in that time.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(table))
    table, labels = table[order], labels[order]
    started = time.perf_counter()
    estimator.predict(table)
    once = max((time.perf_counter() - started) * len(groups), 1e-6)
    rows = len(table) if once <= seconds else int(len(table) * seconds / once)
    if rows < min(_FEWEST_ROWS, len(table)):
        return None
    table, labels = table[:rows], labels[:rows]
    repeats = max(1, min(_MOST_REPEATS, int(seconds / once)))
    accuracy = float(np.mean(estimator.predict(table) == labels))
    losses = {
        name: np.array(
            [
                accuracy - np.mean(estimator.predict(_shuffled(table, columns, random)) == labels)
                for _ in range(repeats)
            ]
        )
        for name, columns in groups.items()
    }
    return Importance(rows, accuracy, losses)


def grouped(columns: Sequence[str]) -> dict[str, list[int]]:
    """Columns by name; where there are more than 100, those that differ in a last number are one.

    Features that share a view and a measure tell much the same: shuffled one at a time, each would
    seem to matter little.
    """
    if len(columns) <= _MOST_SINGLE:
        return {name: [index] for index, name in enumerate(columns)}
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(columns):
        groups.setdefault(re.sub(r"[\W_]*\d+$", "", name) or name, []).append(index)
    return groups


def _shuffled(
    table: NDArray[np.float64], columns: Sequence[int], random: np.random.Generator
) -> NDArray[np.float64]:
    shuffled = table.copy()
    shuffled[:, columns] = table[random.permutation(len(table))][:, columns]
    return shuffled
