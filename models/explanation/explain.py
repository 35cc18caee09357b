"""Explanation: what a fitted model goes by, found inside its trial's process and off the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.answers import EstimatorAnswer
from models.contract import Estimator
from models.errors import on_one_line

# Seconds for permutation importance.
_SECONDS = 2.0

_MOST_PICTURES = 12

# Features, and characters of an error, that a record keeps.
_MOST_FEATURES = 30
_MOST_TEXT = 500


def explain(
    estimator: Estimator,
    inputs: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    answers: Mapping[str, EstimatorAnswer],
    columns: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """Where a fitted network looks, or which features a model needs, as plain JSON values.

    ``inputs``, ``labels`` and ``answers`` are by split, ``columns`` the features' names. A model
    that can't be explained gives an empty dict; whatever goes wrong is its ``error``, on one line.
    """
    try:
        if next(iter(inputs.values())).ndim == 2:
            split = "val" if "val" in inputs else "test"
            return _importance(estimator, split, inputs[split], labels[split], columns, seed)
        split = "test" if "test" in answers else next(iter(answers))
        return _gradcam(estimator, split, inputs[split], labels[split], answers[split])
    except Exception as error:  # noqa: BLE001 - somebody's model; its row stands without
        return {"error": on_one_line(f"{type(error).__name__}: {error}")[:_MOST_TEXT]}


def _gradcam(
    estimator: Estimator,
    split: str,
    pictures: np.ndarray,
    labels: np.ndarray,
    answer: EstimatorAnswer,
) -> dict[str, Any]:
    network = getattr(estimator, "network_", None)
    if network is None:
        return {}
    from models.explanation.gradcam import gradcam

    chosen = _telling(answer, labels)
    predicted = answer.predicted[chosen]
    # The network's own order of classes is that of its classes_.
    own = np.asarray(getattr(estimator, "classes_", np.arange(predicted.max() + 1)))
    order = np.argsort(own)
    targets = order[np.searchsorted(own, predicted, sorter=order)]
    device = getattr(estimator, "device", "cpu")
    maps, layer = gradcam(network, np.ascontiguousarray(pictures[chosen]), targets, device)
    return {
        "method": "gradcam",
        "split": split,
        "layer": layer,
        "rows": chosen.tolist(),
        "maps": maps.tolist(),
    }


def _telling(answer: EstimatorAnswer, labels: np.ndarray) -> np.ndarray:
    """A dozen pictures to look at: of each class in turn the surest right and the surest wrong."""
    sure = np.zeros(len(labels)) if answer.scores is None else answer.scores.max(axis=1)
    order = np.argsort(-sure, kind="stable")
    right = answer.predicted == labels
    queues = [
        list(order[(labels[order] == label) & (right[order] == side)])
        for side in (True, False)
        for label in np.unique(labels)
    ]
    chosen: list[int] = []
    while any(queues) and len(chosen) < _MOST_PICTURES:
        chosen += [queue.pop(0) for queue in queues if queue]
    return np.array(chosen[:_MOST_PICTURES], dtype=np.int64)


def _importance(
    estimator: Estimator,
    split: str,
    table: np.ndarray,
    labels: np.ndarray,
    columns: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    from models.explanation.importance import grouped, permutation_importance

    width = table.shape[1]
    names = columns if len(columns) == width else [f"column {k + 1}" for k in range(width)]
    groups = grouped(names)
    if len(groups) < 2:  # a body's hundreds of columns, which have no names of their own
        return {}
    importance = permutation_importance(estimator, table, labels, groups, _SECONDS, seed)
    if importance is None:
        return {}
    ranked = sorted(importance.losses.items(), key=lambda item: -item[1].mean())
    return {
        "method": "permutation",
        "split": split,
        "rows": importance.n,
        "accuracy": importance.accuracy,
        "groups": len(groups),
        "columns": width,
        "losses": [[name, *np.round(lost, 6).tolist()] for name, lost in ranked[:_MOST_FEATURES]],
    }
