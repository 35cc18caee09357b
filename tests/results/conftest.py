"""Hand-made records and predictions."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from results.records.predictions import Predictions
from results.records.record import Record
from results.records.store import Store

CLASSES = ("box", "chevron", "rounded")


def make_record(model="SVC", **changes) -> Record:
    """A record of an ok classical trial on val (4 pictures) and test (6), with changes."""
    ok = changes.get("status", "ok") == "ok"
    values = {
        "model": model,
        "family": "classical",
        "training": "",
        "inputs": "features",
        "seed": 0,
        "preset": "quick",
        "status": "ok",
        "parameters": {"C": 1.0},
        "source": "folds",
        "dataset": "folds",
        "fingerprint": "f00d",
        "classes": CLASSES,
        "splits": {"val": 4, "test": 6},
        "feature_set": "published",
        "image_size": None,
        "fit_seconds": 2.0 if ok else None,
        "predict_seconds": {"val": 0.25, "test": 0.5} if ok else {},
        "feature_seconds": 1.0 if ok else None,
        "device": "cpu" if ok else "",
        "threads": 1,
        "started": "2025-03-01T10:00:00+00:00",
        "finished": "2025-03-01T10:01:00+00:00",
    } | changes
    if values["family"] == "deep":
        values |= {"inputs": "images", "feature_set": "", "feature_seconds": None}
        values |= {"training": changes.get("training", "random")}
        values["image_size"] = changes.get("image_size", 32)
    named = [values[k] for k in ("model", "seed", "preset", "fingerprint", "device", "image_size")]
    trial = hashlib.sha256(repr(named).encode())
    values.setdefault("trial", trial.hexdigest()[:16])
    return Record(**values)


def make_predictions(record, wrong=None, kind="probability") -> dict[str, Predictions]:
    """Answers that are right but for the pictures listed in `wrong`, split -> positions."""
    n_classes = len(record.classes)
    answers = {}
    for split, n in record.splits.items():
        labels = np.arange(n) % n_classes
        predicted = labels.copy()
        positions = list((wrong or {}).get(split, ()))
        predicted[positions] = (predicted[positions] + 1) % n_classes
        scores = None
        if kind:
            scores = np.full((n, n_classes), 0.2 / (n_classes - 1))
            scores[np.arange(n), predicted] = 0.8
        ids = [f"{split}/{k}.png" for k in range(n)]
        answers[split] = Predictions(ids, labels, predicted, scores, kind)
    return answers


@pytest.fixture
def record():
    return make_record


@pytest.fixture
def answers():
    return make_predictions


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "run")


@pytest.fixture
def keep(store):
    """Save a trial: keep('SVC', wrong={'test': [0]}, status=..., ...) -> its record."""

    def save(model, wrong=None, kind="probability", **changes):
        made = make_record(model, **changes)
        store.save(made, make_predictions(made, wrong, kind) if made.ok else {})
        return made

    return save
