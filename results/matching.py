"""Matching: which rows of one board are the same model's rows on another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from results.board import Entry, over_seeds

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
    one whose device or seed differs is taken if it is the only one on either side. Where the seeds
    of a model are not the same ones and rows are left, all its seeds are one entry (`over_seeds`),
    set against all those of the other board on the same device.
    """
    found: list[Match] = []
    for key in dict.fromkeys(_model(entry) for entry in (*first, *other)):
        mine = [entry for entry in first if _model(entry) == key]
        theirs = [entry for entry in other if _model(entry) == key]
        one_by_one, left = _one_by_one(mine, theirs)
        if left and _seeds(mine) != _seeds(theirs):
            found += _one_by_one(_by_device(mine), _by_device(theirs))[0]
        else:
            found += one_by_one
    return found


def _model(entry: Entry) -> tuple[str, str, str]:
    return entry.model, entry.training, entry.split


def _seeds(entries: Sequence[Entry]) -> set[int | None]:
    return {entry.seed for entry in entries}


def _one_by_one(first: Sequence[Entry], other: Sequence[Entry]) -> tuple[list[Match], bool]:
    """Pairs by the strictest rule that makes one, then the rest; whether both boards have some."""
    mine, theirs, found = list(first), list(other), []
    for rule in _RULES:
        found += _alike(mine, theirs, rule)
    rest: list[Match] = [(entry, None) for entry in mine] + [(None, entry) for entry in theirs]
    return found + rest, bool(first and other and rest)


def _by_device(entries: Sequence[Entry]) -> list[Entry]:
    """One entry for each device; a row that never reached one belongs to the only one there is."""
    devices = {entry.device for entry in entries} - {""}
    only = devices.pop() if len(devices) == 1 else ""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.device or only, []).append(entry)
    return [over_seeds(group) for group in groups.values()]


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
