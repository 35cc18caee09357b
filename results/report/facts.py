"""Provenance: where the numbers of a board come from, as names and texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from results.machine import machine, marks
from results.record import Record
from results.selection import Selection

# What a trial says of itself is shown elsewhere, or belongs to its record alone.
_OF_A_TRIAL = ("history", "explanation", "warnings", "traceback", "output", "clock")
_OF_A_MACHINE = ("processor", "cores", "gpus")

Fact = tuple[str, Sequence[str]]


def provenance(selection: Selection, run: Mapping[str, Any]) -> list[Fact]:
    """(name, values) of the dataset, the settings, the machines and the versions of all records.

    Where the records differ, each value says how many trials it is of. run: what run.json says.
    """
    records, newest = selection.records, selection.newest
    image_sizes = sorted({r.image_size for r in records if r.image_size})
    facts: list[Fact] = [
        ("dataset", [newest.dataset]),
        ("data", _counted(r.source for r in records)),
        ("fingerprint", [newest.fingerprint]),
        ("classes", [", ".join(newest.classes)]),
        ("pictures", [_pictures(newest, run)]),
        ("preset", [newest.preset]),
        ("feature set", sorted({r.feature_set for r in records if r.feature_set})),
        ("image size", [f"{size} px" for size in image_sizes]),
        ("seed", _counted(str(r.seed) for r in sorted(records, key=lambda r: r.seed))),
        ("started", [min(records, key=lambda r: r.started).started]),
        ("finished", [newest.finished]),
        ("merged from", _texts(run.get("merged"))),
        ("machine", _machines(records)),
        *_of_records(records),
    ]
    return [(name, [v for v in values if v]) for name, values in facts if any(values)]


def _pictures(newest: Record, run: Mapping[str, Any]) -> str:
    """The size of each split; only run.json knows that of train, which no row is about."""
    known = run.get("splits")
    splits = {**(known if isinstance(known, Mapping) else {}), **newest.splits}
    return ", ".join(f"{split} {n:,}" for split, n in splits.items() if isinstance(n, int))


def _machines(records: Sequence[Record]) -> list[str]:
    marked = marks(records)
    ran = [machine(record) for record in records]
    if not any(ran):
        return []
    named = {name: f"{marked[name]}: " if name in marked else "" for name in ran}
    return _counted(named[name] + (name or "unknown") for name in ran)


def _of_records(records: Sequence[Record]) -> list[Fact]:
    """What the records' own provenance says beside the machine, by name."""
    left_out = (*_OF_A_TRIAL, *_OF_A_MACHINE)
    found: dict[str, list[str]] = {}
    for record in records:
        said = {k: v for k, v in record.provenance.items() if k not in left_out}
        for name, value in _flat(said):
            found.setdefault(name, []).append(value)
    return [(name, _counted(values, len(records))) for name, values in found.items()]


def _counted(values: Iterable[str], of: int = 0) -> list[str]:
    """Distinct values as they come, each with its number of trials unless all say the same.

    of: how many trials there are, if some of them may say nothing.
    """
    counts = Counter(values)
    if len(counts) == 1 and counts.total() >= of:
        return list(counts)
    return [f"{value} ({n} trial{'s' if n > 1 else ''})" for value, n in counts.items() if value]


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list) else []


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as (name, text), a nested name after its parent's."""
    facts: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            facts += _flat(value, f"{prefix}{name} ")
        else:
            facts.append((f"{prefix}{name}", str(value)))
    return facts
