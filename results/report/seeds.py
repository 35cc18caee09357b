"""Models that ran with several seeds: their mean, and what it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from results import numerals
from results.board.standings import Standings
from results.board.tables import seed_lines
from results.report.table import WHISKER_EDGE, WHISKER_WIDTH, Whisker
from results.scale import Scale, shares


@dataclass(frozen=True)
class _SeedLine:
    """A model over its seeds.

    Attributes
    ----------
    cells : seeds, mean, interval, sd, seed_error and test_error as text.
    """

    name: str
    family: str
    whisker: Whisker | None
    cells: Mapping[str, str]


@dataclass(frozen=True)
class _SeedTable:
    """The models of one split, the best mean first."""

    split: str
    scale: Scale
    lines: Sequence[_SeedLine]


def seed_tables(board: Standings) -> list[_SeedTable]:
    """A table for each split in which a model ran with several seeds."""
    families = {(record.model, record.training): record.family for record in board.records}
    accuracies = [line for line in seed_lines(board.rows) if line["metric"] == "accuracy"]
    return [
        _table(split, sorted(group, key=lambda line: -line["mean"]), families)
        for split, group in groupby(accuracies, key=lambda line: line["split"])
    ]


def _table(
    split: str, lines: Sequence[Mapping[str, Any]], families: Mapping[tuple[str, str], str]
) -> _SeedTable:
    ends = [line[end] for line in lines if "low" in line for end in ("low", "high")]
    means = [line["mean"] for line in lines]
    scale = shares([*ends, *means], WHISKER_EDGE, WHISKER_WIDTH - WHISKER_EDGE)
    return _SeedTable(
        split,
        scale,
        [
            _SeedLine(
                name=line["model"] + _apart(line, lines),
                family=families[line["model"], line["training"]],
                whisker=_whisker(line, scale),
                cells=_cells(line),
            )
            for line in lines
        ],
    )


def _whisker(line: Mapping[str, Any], scale: Scale) -> Whisker | None:
    if "low" not in line:
        return None
    return Whisker(scale(line["low"]), scale(line["mean"]), scale(line["high"]))


def _cells(line: Mapping[str, Any]) -> dict[str, str]:
    errors = ("sd", "seed_error", "test_error")
    return {
        "seeds": numerals.count(line["seeds"]),
        "mean": numerals.score(line["mean"]),
        "interval": numerals.interval((line["low"], line["high"]) if "low" in line else None),
        **{name: numerals.score(line.get(name)) for name in errors},
    }


def _apart(line: Mapping[str, Any], alike: Sequence[Mapping[str, Any]]) -> str:
    """What tells a line from others of the same model: ' (pretrained, cuda)', or nothing."""
    same = [other for other in alike if other["model"] == line["model"]]
    facts = [
        line[name]
        for name in ("training", "device")
        if len({other[name] for other in same}) > 1 and line[name]
    ]
    return f" ({', '.join(facts)})" if facts else ""
