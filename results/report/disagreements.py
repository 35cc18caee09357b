"""The pictures that models disagree about: too hard for all, or for one family alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from results.board.row import Row, commonest_share
from results.board.standings import Standings
from results.records.provenance import GradCam

# Rows of each family that speak for it, and pictures of a list.
_MOST_ROWS = 3
_MOST_SHOWN = 16


class _Tile(NamedTuple):
    """A picture: its id, its class, and what the models named, as 'deep: frog 2, horse 1'."""

    id: str
    true: str
    answers: Sequence[str]


@dataclass(frozen=True)
class _PictureList:
    """Pictures with something in common: a title, how many there are, the first of them."""

    title: str
    meaning: str
    count: int
    tiles: Sequence[_Tile]


class _Disagreement(NamedTuple):
    """What the good rows of one split, named by family, disagree about."""

    n: int
    good: Mapping[str, Sequence[str]]
    lists: Sequence[_PictureList]


def pictures_shown(board: Standings) -> list[str]:
    """The ids of all pictures that a board's report shows, if it can."""
    ids = [
        tile.id
        for disagreement in disagreements_by_split(board).values()
        for each in disagreement.lists
        for tile in each.tiles
    ]
    for row in board.rows:
        if isinstance(explanation := row.record.explanation, GradCam):
            ids += explanation.ids
    return list(dict.fromkeys(ids))


def disagreements_by_split(board: Standings) -> dict[str, _Disagreement]:
    """The disagreement of each split that has one."""
    every = {
        split: disagreements([standing.row for standing in standings], board.names)
        for split, standings in board.by_split.items()
    }
    return {split: one for split, one in every.items() if one is not None}


def disagreements(rows: Sequence[Row], names: Mapping[str, str]) -> _Disagreement | None:
    """The lists of one split; None where no row is better than naming the commonest class."""
    good = _good(rows)
    if not good:
        return None
    lists = [_list(title, meaning, where, good) for title, meaning, where in _kinds(good)]
    called = {f: [names.get(r.record.trial, "") for r in each] for f, each in good.items()}
    return _Disagreement(next(iter(good.values()))[0].n, called, lists)


def _kinds(good: Mapping[str, Sequence[Row]]) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """The title of each list, what it says, and which of the split's pictures are on it."""
    right = {family: np.array([row.correct for row in each]) for family, each in good.items()}
    none_right = {family: ~votes.any(axis=0) for family, votes in right.items()}
    most_right = {family: votes.mean(axis=0) > 0.5 for family, votes in right.items()}
    everyone = np.all(list(none_right.values()), axis=0)
    kinds = [("Every good model is wrong", "all of them name another class", everyone)]
    if len(good) == 2:
        for family, other in (("deep", "classical"), ("classical", "deep")):
            meaning = f"most of the {family} models are right, no {other} one is"
            where = most_right[family] & none_right[other]
            kinds.append((f"Only {family} gets it right", meaning, where))
    return kinds


def _good(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Up to three models of each family that surely beat naming the commonest class."""
    usable = [row for row in rows if row.record.ok and row.n and row.predictions is not None]
    chance = commonest_share(usable)
    good: dict[str, list[Row]] = {}
    first, models = None, set()
    for row in sorted(usable, key=lambda row: -row.scores["accuracy"]):
        first = first or row
        family = good.setdefault(row.record.family, [])
        # A model speaks through its best row alone: its seeds and devices are no further opinions.
        # A row about other pictures, or the same in another order, is left out.
        model = row.record.model, row.record.training
        if model in models or row.ids != first.ids or len(family) == _MOST_ROWS:
            continue
        if row.interval and chance is not None and row.interval[0] > chance:
            family.append(row)
            models.add(model)
    return {family: each for family, each in sorted(good.items(), reverse=True) if each}


def _list(
    title: str, meaning: str, where: NDArray[np.bool_], good: Mapping[str, Sequence[Row]]
) -> _PictureList:
    shown = positions = np.flatnonzero(where)
    if len(positions) > _MOST_SHOWN:
        # From all over the split: pictures of a class often lie together.
        even = np.linspace(0, len(positions) - 1, _MOST_SHOWN).round().astype(int)
        shown = positions[even]
    return _PictureList(title, meaning, len(positions), [_tile(int(k), good) for k in shown])


def _tile(position: int, good: Mapping[str, Sequence[Row]]) -> _Tile:
    first = next(iter(good.values()))[0]
    classes = first.record.classes
    assert first.predictions is not None
    answers = [f"{family}: {_votes(position, rows, classes)}" for family, rows in good.items()]
    return _Tile(first.ids[position], classes[first.predictions.labels[position]], answers)


def _votes(position: int, rows: Sequence[Row], classes: Sequence[str]) -> str:
    """What rows name a picture: 'frog 2, horse 1', or of one row 'frog'."""
    votes = Counter(
        classes[row.predictions.predicted[position]] for row in rows if row.predictions is not None
    )
    several = len(rows) > 1
    return ", ".join(f"{name} {n}" if several else name for name, n in votes.most_common())
