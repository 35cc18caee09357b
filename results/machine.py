"""Machines: on what hardware a trial's times were measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import ascii_lowercase

from results import numerals
from results.record import Record


def machine(record: Record) -> str:
    """The hardware a trial ran on, as its provenance names it; empty where it names none."""
    facts = record.provenance
    parts = [str(facts.get("processor") or "")]
    if facts.get("cores"):
        parts.append(f"{facts['cores']} cores")
    if isinstance(facts.get("gpus"), list):
        parts += map(str, facts["gpus"])
    return ", ".join(part for part in parts if part)


def marks(records: Iterable[Record]) -> dict[str, str]:
    """A letter for each machine that finished a trial, machine -> 'a'; empty if there is just one.

    Times of one machine may be compared; with several, each time carries its machine's letter.
    """
    finished = sorted((record for record in records if record.ok), key=lambda record: record.age)
    machines = list(dict.fromkeys(machine(record) for record in finished))
    if len(machines) < 2:
        return {}
    return {name: _letter(place) for place, name in enumerate(machines)}


def described(marked: dict[str, str]) -> str:
    """What the letters stand for: 'a: Xeon, 8 cores; b: machine unknown'; empty for none."""
    return "; ".join(f"{mark}: {name or 'machine unknown'}" for name, mark in marked.items())


def stamped(seconds: float | None, name: str, marked: Mapping[str, str]) -> str:
    """Seconds on a machine as text, with its letter if there are several: '2.50', '2.50 (a)'."""
    text = numerals.seconds(seconds)
    return f"{text} ({marked[name]})" if text and name in marked else text


def _letter(place: int) -> str:
    again, letter = divmod(place, len(ascii_lowercase))
    return ascii_lowercase[letter] * (again + 1)
