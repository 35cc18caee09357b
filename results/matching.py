"""Matching: which row of one board is the same model's row on another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from results.board import Entry

Match = tuple[Entry | None, Entry | None]

# From the strictest to the loosest. A CPU row is never set against a GPU row, nor one seed against
# another, as long as the like is there.
_RULES: tuple[Callable[[Entry], Hashable], ...] = (
    lambda entry: (entry.device, entry.seed),
    lambda entry: entry.device,
    lambda entry: entry.seed,
    lambda entry: None,
)


def matches(first: Sequence[Entry], other: Sequence[Entry]) -> list[Match]:
    """Each row of two boards once: with its like on the other board, or None where it has none.

    Rows are alike if model, training and split agree, and device and seed too; of those left over,
    one whose device or seed differs is taken if it is the only one on either side.
    """
    found: list[Match] = []
    for key in dict.fromkeys(_model(entry) for entry in (*first, *other)):
        mine = [entry for entry in first if _model(entry) == key]
        theirs = [entry for entry in other if _model(entry) == key]
        for rule in _RULES:
            found += _alike(mine, theirs, rule)
        found += [(entry, None) for entry in mine] + [(None, entry) for entry in theirs]
    return found


def _model(entry: Entry) -> tuple[str, str, str]:
    return entry.model, entry.training, entry.split


def _alike(
    mine: list[Entry], theirs: list[Entry], rule: Callable[[Entry], Hashable]
) -> list[Match]:
    """Take the pairs that a rule makes out of both lists."""
    found: list[Match] = []
    for value in dict.fromkeys(map(rule, mine)):
        a = [entry for entry in mine if rule(entry) == value]
        b = [entry for entry in theirs if rule(entry) == value]
        if len(a) == len(b) == 1:
            mine.remove(a[0])
            theirs.remove(b[0])
            found.append((a[0], b[0]))
    return found
