"""What a trial is called: its model, and what tells it from the others of that model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from results.record import Record


def names(records: Sequence[Record]) -> dict[str, str]:
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
