"""Boards side by side: which rows changed, by how much, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from results.board import Board, Entry, board
from results.leaderboard import Leaderboard
from results.matching import matches
from results.record import ResultsError
from results.row import paired
from results.seeds import correct_of, unpaired_apart
from results.statistics import SIGNIFICANCE, difference_interval, holm, mcnemar
from results.unpaired import unpaired_interval, unpaired_p

if TYPE_CHECKING:
    import pandas as pd

PAIRED, UNPAIRED, SEEDS = "paired", "unpaired", "seeds"
VERDICTS = (
    "better",
    "worse",
    "same",
    "within chance",
    "not tested",
    "failed",
    "gone",
    "recovered",
    "new",
    "no score",
)
REGRESSIONS = ("worse", "failed", "gone")
_SPLIT_ORDER = ("val", "test")


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one row from the first board to the other.

    first, other: the row on either board, or several seeds of the model as one entry. difference:
    the other's accuracy minus the first's. basis: 'paired' (exact McNemar and paired bootstrap),
    'seeds' (means over seeds, on the same pictures), 'unpaired' (Fisher's exact test and Newcombe's
    interval) or '' for no test. low, high: the difference's 95 % interval; p: corrected (Holm) for
    all tests of the two boards. verdict: one of `VERDICTS`.
    """

    model: str
    training: str
    split: str
    first: Entry | None
    other: Entry | None
    verdict: str
    difference: float | None = None
    basis: str = ""
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True, eq=False)
class Pair:
    """Two boards, every row of either once. reasons: split -> why its rows are not tested."""

    first: str
    other: str
    changes: tuple[Change, ...]
    reasons: dict[str, str]

    @property
    def untested(self) -> tuple[str, ...]:
        """The splits that both boards have and that cannot be tested, or all if they share none."""
        shared = [
            split
            for split in self.reasons
            if all(
                any(getattr(change, side) for change in self.changes if change.split == split)
                for side in ("first", "other")
            )
        ]
        tested = any(change.split not in self.reasons for change in self.changes)
        return tuple(shared if shared or tested else self.reasons)

    @property
    def regressions(self) -> tuple[Change, ...]:
        """Rows that are worse by more than chance, that failed, or that are gone.

        Raises ResultsError if a split that both boards have cannot be tested, or they share none.
        """
        if self.untested or not self.changes:
            why = "; ".join(dict.fromkeys(self.reasons[split] for split in self.untested))
            where = f" on {', '.join(self.untested)}" if self.untested else ""
            raise ResultsError(
                f"{self.other} cannot be checked for regressions against {self.first}{where}: "
                f"{why or 'they have no rows'}"
            )
        return tuple(change for change in self.changes if change.verdict in REGRESSIONS)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The first board beside each of the others."""

    pairs: tuple[Pair, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The regressions of every pair; raises ResultsError as `Pair.regressions` does."""
        return tuple(change for pair in self.pairs for change in pair.regressions)

    @property
    def regression_line(self) -> str:
        """The regressions in one line, with the seed of a row where the model has several."""
        from results.comparison_text import regression_line

        return regression_line(self)

    def to_frame(self) -> pd.DataFrame:
        """One row for each row of each pair; what there is none of is empty."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "first": pair.first,
                    "other": pair.other,
                    "model": change.model,
                    "training": change.training,
                    "split": change.split,
                    **_sides(change),
                    "difference": change.difference,
                    "difference_low": change.low,
                    "difference_high": change.high,
                    "p": change.p,
                    "basis": change.basis,
                    "verdict": change.verdict,
                }
                for pair in self.pairs
                for change in pair.changes
            ]
        )

    def __str__(self) -> str:
        from results.comparison_text import to_text

        return to_text(self)

    def _repr_html_(self) -> str:
        from results.comparison_text import to_html

        return to_html(self)


def compare(*sources: Leaderboard | str | Path) -> Comparison:
    """The first board beside each other one.

    Each is a board, a run folder, a leaderboard.csv or 'published'. Rows are tested for a change
    only where both boards are about the same test pictures: paired, if both are runs; unpaired, if
    one is a table that has as many. Where the seeds of a model are not the same ones, the means
    over its seeds are tested. Rows are in order of split, then of the first's accuracy.

    Raises ResultsError if one of the sources is no board.
    """
    boards: list[Board] = []
    for source in sources:
        boards.append(board(source, [b.name for b in boards]))
    return Comparison(tuple(_pair(boards[0], other) for other in boards[1:]))


def _pair(first: Board, other: Board) -> Pair:
    splits = dict.fromkeys(entry.split for entry in (*first.entries, *other.entries))
    found, reasons = [], {}
    for split in splits:
        mine = [entry for entry in first.entries if entry.split == split]
        theirs = [entry for entry in other.entries if entry.split == split]
        basis, reason = _basis(first, mine, other, theirs)
        if reason:
            reasons[split] = reason
        here = [_change(a, b, basis) for a, b in matches(mine, theirs)]
        if any(change.difference is not None and change.p is None for change in here):
            reasons.setdefault(split, f"{split} has rows about other pictures")
        found += here
    return Pair(first.name, other.name, tuple(sorted(_corrected(found), key=_place)), reasons)


def _basis(
    first: Board, mine: Sequence[Entry], other: Board, theirs: Sequence[Entry]
) -> tuple[str, str]:
    """How the rows of one split can be tested, or else why they cannot."""
    if not mine or not theirs:
        lacking = other.name if mine else first.name
        return "", f"{lacking} has no {(mine or theirs)[0].split} rows"
    if first.study != other.study:
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


def _size(entries: Sequence[Entry]) -> int | None:
    """The number of pictures that all rows of a split agree on."""
    sizes = {entry.n for entry in entries}
    return sizes.pop() if len(sizes) == 1 else None


def _same_pictures(a: Entry, b: Entry) -> bool:
    assert a.row is not None
    assert b.row is not None
    mine, theirs = a.row.record, b.row.record
    if mine.fingerprint == theirs.fingerprint:
        return True
    # Other training pictures are no hindrance.
    known = mine.split_fingerprints.get(a.split)
    return bool(known) and known == theirs.split_fingerprints.get(b.split)


def _dataset(name: str, entry: Entry) -> str:
    assert entry.row is not None
    record = entry.row.record
    return f"{name} is about {record.dataset} (fingerprint {record.fingerprint})"


def _change(a: Entry | None, b: Entry | None, basis: str) -> Change:
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


def _on_the_same_pictures(change: Change, a: Entry, b: Entry) -> Change:
    """The change with its test: a row against a row, or else means over seeds."""
    mine, theirs = ([row for row in entry.rows if row] for entry in (a, b))
    if len(mine) == len(theirs) == 1:
        pair = paired(theirs[0], mine[0])
        if pair is None:
            return change
        low, high = difference_interval(*pair)
        return replace(change, basis=PAIRED, low=low, high=high, p=mcnemar(*pair))
    table = correct_of([*theirs, *mine])
    if table is None:
        return change
    found = unpaired_apart(table[: len(theirs)], table[len(theirs) :])
    return replace(change, basis=SEEDS, low=found.low, high=found.high, p=found.p)


def _fate(a: Entry | None, b: Entry | None) -> str:
    """The verdict on a row that has no score on one of the boards; empty if it has on both.

    Of several seeds each must have its score where before each had.
    """
    had, has = a is not None and a.ok, b is not None and b.ok
    if a is None or b is None:
        return "gone" if had else "new" if has else "no score"
    if had:
        return "" if has and (b.whole or not a.whole) else "failed"
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
    entry = change.other if is_new else change.first
    accuracy = entry.accuracy if entry else None
    merit = 1.0 if accuracy is None else -accuracy
    return order, split, is_new, merit, change.model, change.training


def _sides(change: Change) -> dict[str, object]:
    """What both boards say of a row, for a table."""
    cells: dict[str, object] = {}
    for name in ("device", "seed", "status", "accuracy", "seconds"):
        for side, entry in (("first", change.first), ("other", change.other)):
            cells[f"{name}_{side}"] = getattr(entry, name) if entry else None
    for side, entry in (("first", change.first), ("other", change.other)):
        cells[f"seeds_{side}"] = len(entry.seeds or (entry,)) if entry else None
    return cells
