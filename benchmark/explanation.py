"""Explanation: what a fitted model goes by, found inside its trial's process and off the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmark.answers import Answer
from benchmark.errors import one_line

_SECONDS = 2.0  # for permutation importance
_MOST_PICTURES = 12
_MOST_NAMED = 30  # features that a record keeps


def explain(
    estimator: Any,
    inputs: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    answers: Mapping[str, Answer],
    columns: tuple[str, ...],
    seed: int,
) -> dict[str, Any]:
    """Where a network looks, or which features a model needs, as plain JSON values.

    inputs, labels: split to what the model ate and the truth; answers: its own; columns: names of
    the features. Empty for a model that can't be explained; whatever goes wrong is a line in it.
    """
    try:
        eats_pictures = next(iter(inputs.values())).ndim > 2
        if eats_pictures and hasattr(estimator, "network_"):
            return _gradcam(estimator, inputs, labels, answers)
        return {} if eats_pictures else _importance(estimator, inputs, labels, columns, seed)
    except Exception as error:  # noqa: BLE001 - somebody's model; its row stands without
        return {"error": one_line(f"{type(error).__name__}: {error}")[:500]}


def _gradcam(
    estimator: Any,
    inputs: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    answers: Mapping[str, Answer],
) -> dict[str, Any]:
    from models.gradcam import gradcam

    split = "test" if "test" in answers else next(iter(answers))
    rows = telling(answers[split], labels[split])
    # The network's own order of classes is that of its classes_.
    targets = np.searchsorted(estimator.classes_, answers[split].predicted[rows])
    maps, layer = gradcam(estimator, np.ascontiguousarray(inputs[split][rows]), targets)
    return {
        "method": "gradcam",
        "split": split,
        "layer": layer,
        "rows": rows.tolist(),
        "maps": maps.tolist(),
    }


def telling(answer: Answer, labels: np.ndarray) -> np.ndarray:
    """A dozen pictures to look at: of each class in turn the surest right and the surest wrong."""
    sure = np.zeros(len(labels)) if answer.scores is None else answer.scores.max(axis=1)
    order = np.argsort(-sure, kind="stable")
    right = answer.predicted == labels
    queues = [
        list(order[(labels[order] == label) & (right[order] == wanted)])
        for wanted in (True, False)
        for label in np.unique(labels)
    ]
    chosen: list[int] = []
    while any(queues) and len(chosen) < _MOST_PICTURES:
        chosen += [queue.pop(0) for queue in queues if queue]
    return np.array(chosen[:_MOST_PICTURES], dtype=np.int64)


def _importance(
    estimator: Any,
    inputs: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    columns: tuple[str, ...],
    seed: int,
) -> dict[str, Any]:
    from models.importance import grouped, permutation_importance

    split = "val" if "val" in inputs else "test"
    width = inputs[split].shape[1]
    names = columns if len(columns) == width else tuple(f"column {k + 1}" for k in range(width))
    groups = grouped(names)
    if len(groups) < 2:  # a body's hundreds of columns, which have no names of their own
        return {}
    found = permutation_importance(estimator, inputs[split], labels[split], groups, _SECONDS, seed)
    if found is None:
        return {}
    ranked = sorted(found.losses.items(), key=lambda item: -item[1].mean())
    return {
        "method": "permutation",
        "split": split,
        "rows": found.rows,
        "accuracy": found.accuracy,
        "groups": len(groups),
        "columns": width,
        "losses": [[name, *np.round(losses, 6).tolist()] for name, losses in ranked[:_MOST_NAMED]],
    }
