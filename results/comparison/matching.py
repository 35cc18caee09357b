"""Matching: which rows of one board are the same model's rows on another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from statistics import fmean

from results.comparison.change import Side

_Match = tuple[Side | None, Side | None]

# From the strictest to the loosest. A CPU row is never set against a GPU row, nor one seed against
# another, as long as the like is there.
_RULES: tuple[Callable[[Side], Hashable], ...] = (
    lambda side: (side.device, side.seed),
    lambda side: side.device,
    lambda side: side.seed,
    lambda side: None,
)


def matches(first: Sequence[Side], other: Sequence[Side]) -> list[_Match]:
    """Each row of two boards once: with its like on the other board, or None where it has none.

    Rows are alike if model, training and split agree, and device and seed too; of those left over,
    one whose device or seed differs is taken if it is the only one on either side. Where the seeds
    of a model are not the same ones and rows are left, all its seeds are one side, set against all
    those of the other board on the same device.
    """
    every: list[_Match] = []
    for key in dict.fromkeys(_model(side) for side in (*first, *other)):
        mine = [side for side in first if _model(side) == key]
        theirs = [side for side in other if _model(side) == key]
        one_by_one, left = _one_by_one(mine, theirs)
        if left and {side.seed for side in mine} != {side.seed for side in theirs}:
            every += _one_by_one(_by_device(mine), _by_device(theirs))[0]
        else:
            every += one_by_one
    return every


def _model(side: Side) -> tuple[str, str, str]:
    return side.model, side.training, side.split


def _one_by_one(first: Sequence[Side], other: Sequence[Side]) -> tuple[list[_Match], bool]:
    """Pairs by the strictest rule that makes one, then the rest; whether both boards have some."""
    mine, theirs = list(first), list(other)
    pairs = [pair for rule in _RULES for pair in _alike(mine, theirs, rule)]
    rest: list[_Match] = [(side, None) for side in mine] + [(None, side) for side in theirs]
    return pairs + rest, bool(first and other and rest)


def _by_device(sides: Sequence[Side]) -> list[Side]:
    """One side for each device; a row that never reached one belongs to the only one there is."""
    devices = {side.device for side in sides} - {""}
    only = devices.pop() if len(devices) == 1 else ""
    groups: dict[str, list[Side]] = {}
    for side in sides:
        groups.setdefault(side.device or only, []).append(side)
    return [_over_seeds(group) for group in groups.values()]


def _over_seeds(sides: Sequence[Side]) -> Side:
    """The seeds of one model, split and device together: the mean of those that have a score."""
    if len(sides) == 1:
        return sides[0]
    scored = [side for side in sides if side.ok] or sides
    sizes = {side.n for side in sides}
    return replace(
        scored[0],
        seed=None,
        n=sizes.pop() if len(sizes) == 1 else None,
        accuracy=_mean([side.accuracy for side in scored]),
        seconds=_mean([side.seconds for side in scored]),
        row=None,
        parts=tuple(sides),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


def _alike(mine: list[Side], theirs: list[Side], rule: Callable[[Side], Hashable]) -> list[_Match]:
    """Take the pairs that a rule makes out of both lists."""
    pairs: list[_Match] = []
    for value in dict.fromkeys(map(rule, mine)):
        a = [side for side in mine if rule(side) == value]
        b = [side for side in theirs if rule(side) == value]
        if len(a) == len(b) == 1:
            mine.remove(a[0])
            theirs.remove(b[0])
            pairs.append((a[0], b[0]))
    return pairs
