"""Boards side by side: which rows changed, by how much, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from results.board.row import correct_of, paired
from results.board.standings import Standings
from results.comparison.change import OVER_SEEDS, PAIRED, UNPAIRED, BoardPair, Change
from results.comparison.comparison import Comparison
from results.comparison.matching import matches
from results.comparison.sides import Side
from results.comparison.sources import ComparedBoard, compared_board
from results.statistics.inference import (
    SIGNIFICANCE,
    difference_interval,
    holm,
    mcnemar,
    unpaired_interval,
    unpaired_p,
)
from results.statistics.seeds import unpaired_apart

_SPLIT_ORDER = ("val", "test")


def compare_boards(*sources: Standings | str | Path) -> Comparison:
    """The first board beside each other one.

    Rows are tested for a change only where both boards are about the same test pictures: paired, if
    both are runs; unpaired, if one is a table that has as many. Where the seeds of a model are not
    the same ones, the means over its seeds are tested. Rows are in order of split, then of the
    first's accuracy.

    Parameters
    ----------
    sources : each a board, a run folder, a leaderboard.csv or 'published'.

    Raises
    ------
    ResultsError
        If one of the sources is no board.
    """
    boards: list[ComparedBoard] = []
    for source in sources:
        boards.append(compared_board(source, [board.name for board in boards]))
    return Comparison(tuple(_pair(boards[0], other) for other in boards[1:]))


def _pair(first: ComparedBoard, other: ComparedBoard) -> BoardPair:
    splits = dict.fromkeys(side.split for side in (*first.sides, *other.sides))
    changes, reasons = [], {}
    for split in splits:
        mine = [side for side in first.sides if side.split == split]
        theirs = [side for side in other.sides if side.split == split]
        basis, reason = _basis(first, mine, other, theirs)
        if reason:
            reasons[split] = reason
        here = [_change(a, b, basis) for a, b in matches(mine, theirs)]
        if any(change.difference is not None and change.p is None for change in here):
            reasons.setdefault(split, f"{split} has rows about other pictures")
        changes += here
    ordered = sorted(_corrected(changes), key=_place)
    return BoardPair(first.name, other.name, tuple(ordered), reasons)


def _basis(
    first: ComparedBoard, mine: Sequence[Side], other: ComparedBoard, theirs: Sequence[Side]
) -> tuple[str, str]:
    """How the rows of one split can be tested, or else why they cannot."""
    if not mine or not theirs:
        lacking = other.name if mine else first.name
        return "", f"{lacking} has no {(mine or theirs)[0].split} rows"
    if first.is_study != other.is_study:
        return "", "the study's pictures are not those of the run, so a difference proves nothing"
    split, sizes = mine[0].split, [_size(mine), _size(theirs)]
    if None in sizes:
        return "", f"the number of {split} pictures is not known"
    if sizes[0] != sizes[1]:
        return "", (
            f"{split} is not the same pictures: {first.name} has {sizes[0]:,}, "
            f"{other.name} {sizes[1]:,}"
        )
    if mine[0].row is None or theirs[0].row is None:
        return UNPAIRED, ""
    if _same_pictures(mine[0], theirs[0]):
        return PAIRED, ""
    return "", (
        f"{split} is not the same pictures: {_dataset(first.name, mine[0])}, "
        f"{_dataset(other.name, theirs[0])}"
    )


def _size(sides: Sequence[Side]) -> int | None:
    """The number of pictures that all rows of a split agree on."""
    sizes = {side.n for side in sides}
    return sizes.pop() if len(sizes) == 1 else None


def _same_pictures(a: Side, b: Side) -> bool:
    assert a.row is not None
    assert b.row is not None
    mine, theirs = a.row.record, b.row.record
    if mine.fingerprint == theirs.fingerprint:
        return True
    # Other training pictures are no hindrance.
    known = mine.split_fingerprints.get(a.split)
    return bool(known) and known == theirs.split_fingerprints.get(b.split)


def _dataset(name: str, side: Side) -> str:
    assert side.row is not None
    record = side.row.record
    return f"{name} is about {record.dataset} (fingerprint {record.fingerprint})"


def _change(a: Side | None, b: Side | None, basis: str) -> Change:
    """What became of a row; the p in it is not yet corrected, nor is the verdict for it known."""
    some = a or b
    assert some is not None
    change = Change(some.model, some.training, some.split, a, b, _fate(a, b))
    if a is None or b is None or a.accuracy is None or b.accuracy is None or change.verdict:
        return change
    change = replace(change, difference=b.accuracy - a.accuracy, verdict="not tested")
    if basis == PAIRED:
        return _on_the_same_pictures(change, a, b)
    if basis == UNPAIRED and a.n and b.n:
        correct_a, correct_b = round(a.accuracy * a.n), round(b.accuracy * b.n)
        low, high = unpaired_interval(correct_b, correct_a, a.n)
        p = unpaired_p(correct_b, correct_a, a.n)
        return replace(change, basis=UNPAIRED, low=low, high=high, p=p)
    return change


def _on_the_same_pictures(change: Change, a: Side, b: Side) -> Change:
    """The change with its test: a row against a row, or else means over seeds."""
    mine, theirs = ([row for row in side.rows if row] for side in (a, b))
    if len(mine) == len(theirs) == 1:
        pair = paired(theirs[0], mine[0])
        if pair is None:
            return change
        low, high = difference_interval(*pair)
        return replace(change, basis=PAIRED, low=low, high=high, p=mcnemar(*pair))
    table = correct_of([*theirs, *mine])
    if table is None:
        return change
    apart = unpaired_apart(table[: len(theirs)], table[len(theirs) :])
    return replace(change, basis=OVER_SEEDS, low=apart.low, high=apart.high, p=apart.p)


def _fate(a: Side | None, b: Side | None) -> str:
    """The verdict on a row that has no score on one of the boards; empty if it has on both.

    Of several seeds each must have its score where before each had.
    """
    had, has = a is not None and a.ok, b is not None and b.ok
    if a is None or b is None:
        return "gone" if had else "new" if has else "no score"
    if had:
        return "" if has and (b.complete or not a.complete) else "failed"
    return "recovered" if has else "no score"


def _corrected(changes: Sequence[Change]) -> list[Change]:
    """The same with p corrected for being many, and the verdict that it leads to."""
    tested = [change.p for change in changes if change.p is not None]
    adjusted = iter(holm(tested))
    return [
        change if change.p is None else _judged(change, float(next(adjusted))) for change in changes
    ]


def _judged(change: Change, p: float) -> Change:
    assert change.difference is not None
    if change.difference == 0:
        verdict = "same"
    elif p >= SIGNIFICANCE:
        verdict = "within chance"
    else:
        verdict = "better" if change.difference > 0 else "worse"
    return replace(change, p=p, verdict=verdict)


def _place(change: Change) -> tuple[int, str, bool, float, str, str]:
    """Order: split by split, by accuracy, rows that only the other board has last."""
    split = change.split
    order = _SPLIT_ORDER.index(split) if split in _SPLIT_ORDER else len(_SPLIT_ORDER)
    is_new = change.first is None
    side = change.other if is_new else change.first
    accuracy = side.accuracy if side else None
    merit = 1.0 if accuracy is None else -accuracy
    return order, split, is_new, merit, change.model, change.training
