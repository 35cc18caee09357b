"""Boards side by side: which rows changed, by how much, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from results.board.row import paired, split_place
from results.board.standings import Standings
from results.comparison.change import OVER_SEEDS, PAIRED, UNPAIRED, BoardPair, Change, Side
from results.comparison.comparison import Comparison
from results.comparison.matching import matches
from results.comparison.sources import PUBLISHED, board_of, label_for, load_board
from results.records.record import Record
from results.statistics import inference
from results.statistics.seeds import unpaired_apart

_OF_A_SIDE = ("model", "training", "split", "device", "seed", "n", "accuracy", "status")


class _Board(NamedTuple):
    """A board as it is compared: its rows in order, and whether it is the published one."""

    name: str
    sides: list[Side]
    is_study: bool


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
    boards: list[_Board] = []
    for source in sources:
        boards.append(_board(source, [board.name for board in boards]))
    return Comparison(tuple(_pair(boards[0], other) for other in boards[1:]))


def _board(source: Standings | str | Path, taken: Container[str]) -> _Board:
    board: Standings | None
    name: str | Path
    if isinstance(source, Standings):
        name, board, frame = source.label, source, source.to_frame()
    elif (board := board_of(source)) is not None:
        name, frame = source, board.to_frame()
    else:
        name, frame = source, load_board(source)
    rows = [None] * len(frame) if board is None else board.rows
    # As objects, pandas' several kinds of nothing become None.
    table = frame.astype(object).where(frame.notna(), None).to_dict("records")
    sides = [
        Side(**{name: cells[name] for name in _OF_A_SIDE}, seconds=cells["total_seconds"], row=row)
        for cells, row in zip(table, rows, strict=True)
    ]
    return _Board(label_for(name, taken), sides, source == PUBLISHED)


def _pair(first: _Board, other: _Board) -> BoardPair:
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
    first: _Board, mine: Sequence[Side], other: _Board, theirs: Sequence[Side]
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
    a, b = mine[0].row, theirs[0].row
    if a is None or b is None:
        return UNPAIRED, ""
    if _same_pictures(a.record, b.record, split):
        return PAIRED, ""
    about = [
        f"{board.name} is about {row.record.dataset} (fingerprint {row.record.fingerprint})"
        for board, row in ((first, a), (other, b))
    ]
    return "", f"{split} is not the same pictures: {', '.join(about)}"


def _size(sides: Sequence[Side]) -> int | None:
    """The number of pictures that all rows of a split agree on."""
    sizes = {side.n for side in sides}
    return sizes.pop() if len(sizes) == 1 else None


def _same_pictures(a: Record, b: Record, split: str) -> bool:
    # Other training pictures are no hindrance.
    known = a.split_fingerprints.get(split)
    same = bool(known) and known == b.split_fingerprints.get(split)
    return same or a.fingerprint == b.fingerprint


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
        low, high = inference.unpaired_interval(correct_b, correct_a, a.n)
        p = inference.unpaired_p(correct_b, correct_a, a.n)
        return replace(change, basis=UNPAIRED, low=low, high=high, p=p)
    return change


def _on_the_same_pictures(change: Change, a: Side, b: Side) -> Change:
    mine, theirs = ([row for row in side.rows if row] for side in (a, b))
    table = paired(*theirs, *mine)
    if table is None:
        return change
    if len(mine) == len(theirs) == 1:
        low, high = inference.difference_interval(*table)
        return replace(change, basis=PAIRED, low=low, high=high, p=inference.mcnemar(*table))
    apart = unpaired_apart(table[: len(theirs)], table[len(theirs) :])
    return replace(change, basis=OVER_SEEDS, low=apart.low, high=apart.high, p=apart.p)


def _fate(a: Side | None, b: Side | None) -> str:
    """The verdict on a row that has no score on one of the boards; empty if it has on both."""
    had, has = a is not None and a.ok, b is not None and b.ok
    if a is None or b is None:
        return "gone" if had else "new" if has else "no score"
    if had:
        # Of several seeds each must have its score where before each had.
        return "" if has and (b.complete or not a.complete) else "failed"
    return "recovered" if has else "no score"


def _corrected(changes: Sequence[Change]) -> list[Change]:
    tested = [change.p for change in changes if change.p is not None]
    adjusted = iter(inference.holm(tested))
    return [
        change if change.p is None else _judged(change, float(next(adjusted))) for change in changes
    ]


def _judged(change: Change, p: float) -> Change:
    assert change.difference is not None
    if change.difference == 0:
        verdict = "same"
    elif p >= inference.SIGNIFICANCE:
        verdict = "within chance"
    else:
        verdict = "better" if change.difference > 0 else "worse"
    return replace(change, p=p, verdict=verdict)


def _place(change: Change) -> tuple[int, str, bool, float, str, str]:
    """Order: split by split, by accuracy, rows that only the other board has last."""
    is_new = change.first is None
    side = change.other if is_new else change.first
    accuracy = side.accuracy if side else None
    merit = 1.0 if accuracy is None else -accuracy
    split = change.split
    return split_place(split), split, is_new, merit, change.model, change.training
