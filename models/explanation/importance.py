"""Permutation importance: what a model's accuracy owes to each feature."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.answers import one_each
from models.contract import Estimator

# Columns that are looked at one by one; more are looked at in groups.
_MOST_SINGLE = 100

_MOST_REPEATS = 10
_FEWEST_EXAMPLES = 100


@dataclass(frozen=True)
class _Importance:
    n: int  # examples that were asked about
    accuracy: float  # theirs, 0 .. 1
    # Name to the accuracy lost in each repeat; below zero where shuffling happened to help.
    losses: Mapping[str, NDArray[np.float64]]


def permutation_importance(
    estimator: Estimator,
    table: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: Mapping[str, Sequence[int]],
    seconds: float,
    seed: int,
) -> _Importance | None:
    """The loss of accuracy by shuffling (Breiman 2001), in about so many seconds.

    Parameters
    ----------
    table : float (n, n_columns), examples that ``estimator`` was not fitted on.
    groups : name to the columns that are shuffled together, as `grouped` makes them.
    seconds : a slow model is asked about fewer examples, less often.

    Returns
    -------
    None where the model is too slow to be asked about 100 examples of every group in that time.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(table))
    table, labels = table[order], labels[order]
    started = time.perf_counter()
    estimator.predict(table)
    once = max((time.perf_counter() - started) * len(groups), 1e-6)
    n = len(table) if once <= seconds else int(len(table) * seconds / once)
    if n < min(_FEWEST_EXAMPLES, len(table)):
        return None
    table, labels = table[:n], labels[:n]
    repeats = max(1, min(_MOST_REPEATS, int(seconds / once)))
    accuracy = _accuracy(estimator, table, labels)
    losses = {}
    for name, columns in groups.items():
        left = []
        for _ in range(repeats):
            shuffled = table.copy()
            shuffled[:, columns] = table[random.permutation(n)][:, columns]
            left.append(_accuracy(estimator, shuffled, labels))
        losses[name] = accuracy - np.array(left)
    return _Importance(n, accuracy, losses)


def _accuracy(estimator: Estimator, table: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return float(np.mean(one_each(estimator.predict(table), len(table)) == labels))


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
