"""Provenance: where the numbers of a board come from, as names and texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from results.selection import Selection

# What a trial says of itself is shown elsewhere, or belongs to its record alone.
_OF_A_TRIAL = ("history", "explanation", "warnings", "traceback", "output")


def provenance(selection: Selection) -> list[tuple[str, str]]:
    """(name, value) of the dataset, the settings, the machine and the versions."""
    records, newest = selection.records, selection.newest
    feature_sets = sorted({r.feature_set for r in records if r.feature_set})
    image_sizes = sorted({r.image_size for r in records if r.image_size})
    facts = [
        ("dataset", newest.dataset),
        ("data", newest.source),
        ("fingerprint", newest.fingerprint),
        ("classes", ", ".join(newest.classes)),
        ("splits", ", ".join(f"{split} {n:,}" for split, n in newest.splits.items())),
        ("preset", newest.preset),
        ("feature set", ", ".join(feature_sets)),
        ("image size", ", ".join(f"{size} px" for size in image_sizes)),
        ("seed", ", ".join(str(seed) for seed in sorted({r.seed for r in records}))),
        ("started", min(records, key=lambda r: r.started).started),
        ("finished", newest.finished),
        *_flat({k: v for k, v in newest.provenance.items() if k not in _OF_A_TRIAL}),
    ]
    return [(name, value) for name, value in facts if value]


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as (name, text), a nested name after its parent's."""
    facts: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            facts += _flat(value, f"{prefix}{name} ")
        else:
            facts.append((f"{prefix}{name}", str(value)))
    return facts
