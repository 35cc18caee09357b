"""The stratified bootstrap: every row of a split scored again on the same resampled pictures.

Pictures are drawn with replacement within each class, one fewer than the class has and weighted up
to its number, which makes the variance of a mean unbiased (Rao and Wu 1988). What is resampled is
the test set of this class mix; the fitted models stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from results.records.predictions import Predictions

_Floats = NDArray[np.float64]

# Metrics that are resampled beside the accuracy.
RESAMPLED = ("balanced_accuracy", "f1_weighted", "f1_macro", "roc_auc")
_RESAMPLES = 1000

# The most numbers of one array, which bounds memory whatever the number of pictures.
_CELLS = 4_000_000


class _Resamples(NamedTuple):
    accuracies: _Floats
    errors: dict[str, _Floats]


def resample(
    rows: Sequence[Predictions], n_classes: int, resamples: int = _RESAMPLES, seed: int = 0
) -> _Resamples:
    """Score rows on resampled pictures, the same for all of them.

    The counts of right and of predicted answers per class in a resample are one product of sparse
    indicators with the pictures' weights. The AUC is resampled by its linear part (see
    `auc_influence`).

    Parameters
    ----------
    rows : r, predictions for the same pictures in the same order, at least one.
    resamples : m, how many times all pictures are drawn.

    Returns
    -------
    accuracies : float (m, r).
    errors : metric of `RESAMPLED` to standard errors, float (r,), NaN where the metric is undefined
        for a row.
    """
    labels, n_rows = rows[0].labels, len(rows)
    right, named = _indicators(rows, n_classes)
    support = np.bincount(labels, minlength=n_classes)
    influence = np.stack([auc_influence(row, n_classes) for row in rows])
    rng = np.random.default_rng(seed)
    batch = max(1, min(resamples, _CELLS // max(len(labels), n_rows * n_classes)))
    batches = []
    for start in range(0, resamples, batch):
        weights = _weights(labels, min(batch, resamples - start), rng)
        hits, given = ((a @ weights).reshape(n_rows, n_classes, -1) for a in (right, named))
        scores = _scores(hits, given, support)
        batches.append(np.stack([*scores, influence @ weights]))
    accuracy, *others = np.concatenate(batches, axis=2)
    errors = {name: o.std(axis=1, ddof=1) for name, o in zip(RESAMPLED, others, strict=True)}
    return _Resamples(accuracy.T, errors)


def auc_influence(row: Predictions, n_classes: int) -> _Floats:
    """What each picture adds to the area under the ROC curve, float (n,); NaN without scores.

    The structural components of DeLong et al. (1988): for a picture of the class the share of the
    others that it outscores, and for one of the others the share of the class that outscores it;
    weighted over the classes as the metric itself is. The AUC of a resample is the weighted sum,
    up to a constant and a remainder of the order of 1/n.
    """
    n, present = len(row), np.unique(row.labels)
    if row.scores is None or len(present) < 2 or not np.isfinite(row.scores).all():
        return np.full(n, np.nan)
    total = np.zeros(n)
    for k in [1] if n_classes == 2 else present:
        own = row.labels == k
        share = own.mean() if n_classes > 2 else 1.0
        outscored, outscoring = _placements(row.scores[:, k], own)
        total[own] += share * outscored / own.sum()
        total[~own] += share * outscoring / (~own).sum()
    return total


def _placements(scores: _Floats, own: NDArray[np.bool_]) -> tuple[_Floats, _Floats]:
    """Shares of the others below each own score, and of the own above each other; ties half."""
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    below = ranks[own] - rankdata(scores[own])
    above = own.sum() - (ranks[~own] - rankdata(scores[~own]))
    return below / (~own).sum(), above / own.sum()


def _indicators(rows: Sequence[Predictions], n_classes: int) -> tuple[NDArray, NDArray]:
    """Sparse (r * n_classes, n): which pictures a row gets right, and names, of each class."""
    from scipy.sparse import csr_array

    n = len(rows[0])
    cell = np.concatenate([k * n_classes + row.predicted for k, row in enumerate(rows)])
    picture = np.tile(np.arange(n), len(rows))
    correct = np.concatenate([row.correct for row in rows])
    shape, ones = (len(rows) * n_classes, n), np.ones(len(cell))
    right = csr_array((ones[correct], (cell[correct], picture[correct])), shape=shape)
    return right, csr_array((ones, (cell, picture)), shape=shape)


def _weights(labels: NDArray[np.int64], size: int, rng: np.random.Generator) -> _Floats:
    """How much each picture counts in each of `size` resamples, float (n, size)."""
    weights = np.empty((len(labels), size))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        n, drawn = len(members), max(len(members) - 1, 1)
        draws = rng.integers(n, size=(drawn, size)) * size + np.arange(size)
        counts = np.bincount(draws.ravel(), minlength=n * size).reshape(n, size)
        weights[members] = counts * (n / drawn)
    return weights


def _scores(right: _Floats, named: _Floats, support: NDArray[np.int64]) -> tuple[_Floats, ...]:
    """Accuracy, balanced accuracy, weighted and macro F1 from counts (r, n_classes, size)."""
    n, present = support.sum(), support > 0
    both = named + support[:, None]
    with np.errstate(invalid="ignore"):
        f1 = np.where(both > 0, 2 * right / both, 0)
    return (
        right.sum(axis=1) / n,
        (right[:, present] / support[present, None]).mean(axis=1),
        (f1 * support[:, None]).sum(axis=1) / n,
        f1.sum(axis=1) / (both > 0).sum(axis=1),
    )


def rank_intervals(accuracies: ArrayLike, resampled: _Floats) -> list[tuple[int, int]]:
    """The 95 % interval of each row's rank by accuracy.

    A row is compared with every other at once: as many are surely better or worse as differ by more
    than the bootstrap's quantile of the largest studentised difference (Mogstad et al. 2024). It
    holds the true rank at least as often, more where rows are clearly apart; the percentiles of
    resampled ranks do not, for the best row seen is partly lucky and resampling it repeats that.

    Parameters
    ----------
    accuracies : float (r,), as observed.
    resampled : float (m, r), on resampled pictures.

    Returns
    -------
    intervals : (low, high) of each row, in 1 to r.
    """
    observed = np.asarray(accuracies, dtype=np.float64)
    moves, intervals = resampled - observed, []
    for row, own in enumerate(observed):
        differences = moves - moves[:, [row]]
        errors = differences.std(axis=0)
        unequal = errors > 0
        studentised = np.abs(differences[:, unequal]) / errors[unequal]
        largest = studentised.max(axis=1, initial=0.0)
        margin = np.quantile(largest, 0.95) * errors
        better, worse = observed - own > margin, own - observed > margin
        intervals.append((1 + int(better.sum()), len(observed) - int(worse.sum())))
    return intervals


def probabilities_best(resampled: _Floats) -> _Floats:
    """The share of m resamples in which each of r rows is the most accurate; equals share it.

    Of accuracies, float (m, r). It says how stable the choice is, and is no posterior probability.
    """
    top = np.isclose(resampled, resampled.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return (top / top.sum(axis=1, keepdims=True)).mean(axis=0)
