"""What a trial is called: its model, and what tells it from the others of that model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from string import ascii_lowercase

from results import numerals
from results.records.record import Record


def trial_names(records: Iterable[Record]) -> dict[str, str]:
    """Trial to its name: 'SVC', or 'SVC (seed 2, cuda)' where the model has several."""
    by_model: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_model[record.model].append(record)
    return {
        record.trial: model + _apart(record, alike)
        for model, alike in by_model.items()
        for record in alike
    }


def _apart(record: Record, alike: Sequence[Record]) -> str:
    facts = []
    for field, text in (("training", "{}"), ("seed", "seed {}"), ("device", "{}")):
        if len({getattr(other, field) for other in alike}) > 1 and getattr(record, field) != "":
            facts.append(text.format(getattr(record, field)))
    return f" ({', '.join(facts)})" if facts else ""


def machine_letters(records: Iterable[Record]) -> dict[str, str]:
    """A letter for each machine that finished a trial, by its name; empty if there is just one.

    Times of one machine may be compared; with several, each time carries its machine's letter.
    """
    finished = sorted((record for record in records if record.ok), key=lambda record: record.age)
    machines = list(dict.fromkeys(record.machine.name for record in finished))
    if len(machines) < 2:
        return {}
    return {name: _letter(place) for place, name in enumerate(machines)}


def machine_key(letters: Mapping[str, str]) -> list[tuple[str, str]]:
    """(letter, machine) of several: what the letters stand for."""
    return [(letter, name or "machine unknown") for name, letter in letters.items()]


def stamped(seconds: float | None, machine: str, letters: Mapping[str, str]) -> str:
    """Seconds on a machine as text, with its letter if there are several: '2.50', '2.50 (a)'."""
    text = numerals.seconds(seconds)
    return f"{text} ({letters[machine]})" if text and machine in letters else text


def _letter(place: int) -> str:
    again, letter = divmod(place, len(ascii_lowercase))
    return ascii_lowercase[letter] * (again + 1)
