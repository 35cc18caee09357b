"""What a trial is called: its model, and what tells it from the others of that model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from string import ascii_lowercase

from results import numerals
from results.records.record import Record


def trial_names(records: Collection[Record]) -> dict[str, str]:
    """Trial to its name: 'SVC', or 'SVC (seed 2, cuda)' where the model has several."""
    facts = [(r.training, f"seed {r.seed}", r.device) for r in records]
    names = distinct_names([r.model for r in records], facts)
    return dict(zip((r.trial for r in records), names, strict=True))


def distinct_names(models: Sequence[str], facts: Sequence[tuple[str, ...]]) -> list[str]:
    """The models' names, each with those of its facts that tell it from others of its model."""
    alike: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for model, own in zip(models, facts, strict=True):
        alike[model].append(own)
    names = []
    for model, own in zip(models, facts, strict=True):
        by_kind = zip(own, zip(*alike[model], strict=True), strict=True)
        telling = [fact for fact, every in by_kind if fact and len(set(every)) > 1]
        names.append(f"{model} ({', '.join(telling)})" if telling else model)
    return names


def machine_letters(records: Iterable[Record]) -> dict[str, str]:
    """A letter for each machine that finished a trial, by its name; empty if there is just one.

    Times of one machine may be compared; with several, each time carries its machine's letter.
    """
    finished = sorted((record for record in records if record.ok), key=lambda record: record.age)
    machines = list(dict.fromkeys(record.machine for record in finished))
    if len(machines) < 2:
        return {}
    n = len(ascii_lowercase)
    return {name: ascii_lowercase[k % n] * (k // n + 1) for k, name in enumerate(machines)}


def machine_key(letters: Mapping[str, str]) -> list[tuple[str, str]]:
    """(letter, machine) of several: what the letters stand for."""
    return [(letter, name or "machine unknown") for name, letter in letters.items()]


def stamped(seconds: float | None, machine: str, letters: Mapping[str, str]) -> str:
    """Seconds on a machine as text, with its letter if there are several: '2.50', '2.50 (a)'."""
    text = numerals.seconds(seconds)
    return f"{text} ({letters[machine]})" if text and machine in letters else text
