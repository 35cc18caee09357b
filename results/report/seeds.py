"""Models that ran with several seeds: their mean, and what it depends on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from results import numerals
from results.board.naming import distinct_names
from results.board.standings import Standings
from results.scale import Scale, whisker, whisker_scale


class _SeedLine(NamedTuple):
    """A model over its seeds; cells: seeds, mean, interval, sd, seed_error, test_error as text."""

    name: str
    family: str
    whisker: tuple[float, float, float] | None
    cells: Mapping[str, str]


class _SeedTable(NamedTuple):
    """The models of one split, the best mean first."""

    split: str
    scale: Scale
    lines: Sequence[_SeedLine]


def seed_tables(board: Standings) -> list[_SeedTable]:
    """A table for each split in which a model ran with several seeds."""
    families = {(record.model, record.training): record.family for record in board.records}
    every: list[dict[str, Any]] = board.seeds.to_dict("records")  # type: ignore[assignment]
    accuracies = [line for line in every if line["metric"] == "accuracy"]
    return [
        _table(split, sorted(group, key=lambda line: -line["mean"]), families)
        for split, group in groupby(accuracies, key=lambda line: line["split"])
    ]


def _table(
    split: str, lines: Sequence[Mapping[str, Any]], families: Mapping[tuple[str, str], str]
) -> _SeedTable:
    values = [line[name] for line in lines for name in ("low", "mean", "high")]
    scale = whisker_scale([value for value in values if not math.isnan(value)])
    facts = [(line["training"], line["device"]) for line in lines]
    names = distinct_names([line["model"] for line in lines], facts)
    drawn = []
    for name, line in zip(names, lines, strict=True):
        ends = line["low"], line["high"]
        cells = {
            "seeds": numerals.count(line["seeds"]),
            "mean": numerals.score(line["mean"]),
            "interval": numerals.interval(ends),
            **{error: numerals.score(line[error]) for error in ("sd", "seed_error", "test_error")},
        }
        family = families[line["model"], line["training"]]
        drawn.append(_SeedLine(name, family, whisker(scale, line["mean"], ends), cells))
    return _SeedTable(split, scale, drawn)
