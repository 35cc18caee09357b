"""Provenance: where the numbers of a board come from, as names and texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from results.board.naming import machine_letters
from results.records.record import Record
from results.records.run import Run
from results.records.selection import Selection

# What the page shows of a record's own provenance, beside its machine: of the run, and of the
# trial the precision. The rest belongs to the record alone.
_SHOWN = ("versions", "system", "command", "precision")
_Fact = tuple[str, Sequence[str]]


def provenance_facts(selection: Selection, run: Run) -> list[_Fact]:
    """(name, values) of the dataset, the settings, the machines and the versions of all records.

    Where the records differ, each value says how many trials it is of.
    """
    records, newest = selection.records, selection.newest
    # Only run.json knows the size of train, which no row is about.
    splits = {**run.splits, **newest.splits}
    image_sizes = sorted({r.image_size for r in records if r.image_size})
    facts: list[_Fact] = [
        ("dataset", [newest.dataset]),
        ("data", _counted(r.source for r in records)),
        ("fingerprint", [newest.fingerprint]),
        ("classes", [", ".join(newest.classes)]),
        ("left out", _left_out(run)),
        ("remarks", run.remarks),
        ("pictures", [", ".join(f"{split} {n:,}" for split, n in splits.items())]),
        ("preset", [newest.preset]),
        ("feature set", sorted({r.feature_set for r in records if r.feature_set})),
        ("image size", [f"{size} px" for size in image_sizes]),
        ("seed", _counted(str(r.seed) for r in sorted(records, key=lambda r: r.seed))),
        ("started", [min(records, key=lambda r: r.started).started]),
        ("finished", [newest.finished]),
        ("merged from", run.merged),
        ("machine", _machines(records)),
        *_of_records(records),
    ]
    return [(name, [v for v in values if v]) for name, values in facts if any(values)]


def _left_out(run: Run) -> list[str]:
    """What of the source no row is about."""
    files = "1 file or column" if run.left_out == 1 else f"{run.left_out:,} files or columns"
    damaged = len(run.unreadable)
    unread = "1 picture that can't be read" if damaged == 1 else f"{damaged:,} that can't be read"
    return [text for text, n in ((files, run.left_out), (unread, damaged)) if n]


def _machines(records: Sequence[Record]) -> list[str]:
    ran = [record.machine for record in records]
    if not any(ran):
        return []
    letters = {name: f"{letter}: " for name, letter in machine_letters(records).items()}
    return _counted(letters.get(name, "") + (name or "unknown") for name in ran)


def _of_records(records: Sequence[Record]) -> list[_Fact]:
    """What the records' own provenance says beside the machine, by name."""
    facts: dict[str, list[str]] = {}
    for record in records:
        shown = {name: value for name, value in record.provenance.items() if name in _SHOWN}
        for name, value in _flat(shown):
            facts.setdefault(name, []).append(value)
    return [(name, _counted(values, len(records))) for name, values in facts.items()]


def _counted(values: Iterable[str], of: int = 0) -> list[str]:
    """Distinct values as they come, each with its number of trials unless all `of` say the same."""
    counts = Counter(values)
    if len(counts) == 1 and counts.total() >= of:
        return list(counts)
    return [f"{value} ({n} trial{'s' if n > 1 else ''})" for value, n in counts.items() if value]


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as (name, text), a nested name after its parent's."""
    facts: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            facts += _flat(value, f"{prefix}{name} ")
        else:
            facts.append((f"{prefix}{name}", str(value)))
    return facts
