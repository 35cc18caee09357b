"""The pictures that models disagree about: too hard for all, or for one family alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from results.ranking import Standing
from results.report.table import commonest, interval
from results.row import Row

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

_MOST_ROWS = 3  # of each family that speak for it
_MOST_SHOWN = 16  # pictures of a list


@dataclass(frozen=True)
class Tile:
    """A picture: its id, its class, and what the models said, as 'deep: frog 2, horse 1'."""

    id: str
    true: str
    said: Sequence[str]


@dataclass(frozen=True)
class PictureList:
    """Pictures with something in common: a title, how many there are, the first of them."""

    title: str
    meaning: str
    count: int
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Disagreement:
    """What the good rows of one split disagree about; good: family to the names of its rows."""

    split: str
    n: int
    good: Mapping[str, Sequence[str]]
    lists: Sequence[PictureList]


def shown(board: Leaderboard) -> list[str]:
    """The ids of all pictures that a board's report shows, if it can."""
    by_split: dict[str, list[Row]] = {}
    for standing in board.standings:
        by_split.setdefault(standing.row.split, []).append(standing.row)
    found = [
        tile.id
        for rows in by_split.values()
        if (disagreement := disagreements(rows, {})) is not None
        for each in disagreement.lists
        for tile in each.tiles
    ]
    for standing in board.standings:
        found += standing.row.record.provenance.get("explanation", {}).get("ids", [])
    return list(dict.fromkeys(found))


def disagreements(rows: Sequence[Row], names: Mapping[str, str]) -> Disagreement | None:
    """The lists of one split; None where no row is better than naming the commonest class."""
    good = _good(rows)
    first = next((row for family in good.values() for row in family), None)
    if first is None or first.predictions is None:
        return None
    right = {family: np.array([row.correct for row in each]) for family, each in good.items()}
    none_right = {family: ~votes.any(axis=0) for family, votes in right.items()}
    most_right = {family: votes.mean(axis=0) > 0.5 for family, votes in right.items()}
    everyone = np.all(list(none_right.values()), axis=0)
    kinds = [("Every good model is wrong", "all of them name another class", everyone)]
    if len(good) == 2:
        for family, other in (("deep", "classical"), ("classical", "deep")):
            kinds.append(
                (
                    f"Only {family} gets it right",
                    f"most of the {family} models are right, no {other} one is",
                    most_right[family] & none_right[other],
                )
            )
    lists = [_list(title, meaning, where, good) for title, meaning, where in kinds]
    called = {f: [names.get(r.record.trial, "") for r in each] for f, each in good.items()}
    return Disagreement(first.split, first.n, called, lists)


def _good(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Up to three models of each family that surely beat naming the commonest class.

    A model speaks through its best row alone: its seeds and devices are no further opinions. All
    are about the same pictures in the same order; a row about others is left out.
    """
    usable = [row for row in rows if row.record.ok and row.n and row.predictions is not None]
    chance = commonest(usable)
    good: dict[str, list[Row]] = {}
    first, heard = None, set()
    for row in sorted(usable, key=lambda row: -row.scores["accuracy"]):
        first = first or row
        ends = interval(row)
        family = good.setdefault(row.record.family, [])
        model = row.record.model, row.record.training
        if model in heard or row.ids != first.ids or len(family) == _MOST_ROWS:
            continue
        if ends and chance is not None and ends[0] > chance:
            family.append(row)
            heard.add(model)
    return {family: each for family, each in sorted(good.items(), reverse=True) if each}


def _list(
    title: str, meaning: str, where: NDArray[np.bool_], good: Mapping[str, Sequence[Row]]
) -> PictureList:
    positions = np.flatnonzero(where)
    return PictureList(title, meaning, len(positions), [_tile(k, good) for k in _spread(positions)])


def _spread(positions: NDArray[np.intp]) -> NDArray[np.intp]:
    """A few from all over the split: pictures of a class often lie together."""
    if len(positions) <= _MOST_SHOWN:
        return positions
    return positions[np.linspace(0, len(positions) - 1, _MOST_SHOWN).round().astype(int)]


def _tile(position: int, good: Mapping[str, Sequence[Row]]) -> Tile:
    row = next(iter(good.values()))[0]
    classes = row.record.classes
    assert row.predictions is not None
    said = []
    for family, each in good.items():
        votes = Counter(
            classes[r.predictions.predicted[position]] for r in each if r.predictions is not None
        )
        told = ", ".join(
            f"{name} {n}" if len(each) > 1 else name for name, n in votes.most_common()
        )
        said.append(f"{family}: {told}")
    return Tile(row.ids[position], classes[row.predictions.labels[position]], said)


def by_split(standings: Sequence[Standing], names: Mapping[str, str]) -> dict[str, Disagreement]:
    """The disagreement of each split that has one."""
    rows: dict[str, list[Row]] = {}
    for standing in standings:
        rows.setdefault(standing.row.split, []).append(standing.row)
    found = {split: disagreements(each, names) for split, each in rows.items()}
    return {split: each for split, each in found.items() if each is not None}
