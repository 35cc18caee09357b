"""Models that ran with several seeds: their mean, and what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from results import numerals
from results.report.scale import Scale, shares
from results.report.table import WHISKER_WIDTH, Whisker

_EDGE = 6  # of the whisker's drawing


@dataclass(frozen=True)
class SeedLine:
    """A model over its seeds; cells: seeds, mean, interval, sd, seed error, test error."""

    name: str
    family: str
    whisker: Whisker | None
    cells: Sequence[str]


@dataclass(frozen=True)
class SeedTable:
    """The models of one split, the best mean first."""

    split: str
    scale: Scale
    lines: Sequence[SeedLine]


def seed_tables(
    lines: Iterable[Mapping[str, Any]], families: Mapping[tuple[str, str], str]
) -> list[SeedTable]:
    """A table for each split in which a model ran with several seeds.

    lines: of `results.tables.seed_lines`; families: of each model and training.
    """
    accuracies = [line for line in lines if line["metric"] == "accuracy"]
    return [
        _table(split, sorted(group, key=lambda line: -line["mean"]), families)
        for split, group in groupby(accuracies, key=lambda line: line["split"])
    ]


def _table(
    split: str, lines: Sequence[Mapping[str, Any]], families: Mapping[tuple[str, str], str]
) -> SeedTable:
    ends = [line[end] for line in lines if "low" in line for end in ("low", "high")]
    means = [line["mean"] for line in lines]
    scale = shares([*ends, *means], _EDGE, WHISKER_WIDTH - _EDGE)
    return SeedTable(split, scale, [_line(line, lines, scale, families) for line in lines])


def _line(
    line: Mapping[str, Any],
    alike: Sequence[Mapping[str, Any]],
    scale: Scale,
    families: Mapping[tuple[str, str], str],
) -> SeedLine:
    low, high = line.get("low"), line.get("high")
    whisker = None
    if low is not None and high is not None:
        whisker = Whisker(scale(low), scale(line["mean"]), scale(high))
    cells = (
        numerals.whole(line["seeds"]),
        numerals.score(line["mean"]),
        numerals.interval(low, high),
        *(numerals.score(line.get(name)) for name in ("sd", "seed_error", "test_error")),
    )
    family = families[line["model"], line["training"]]
    return SeedLine(line["model"] + _apart(line, alike), family, whisker, cells)


def _apart(line: Mapping[str, Any], alike: Sequence[Mapping[str, Any]]) -> str:
    """What tells a line from others of the same model: ' (pretrained, cuda)', or nothing."""
    same = [other for other in alike if other["model"] == line["model"]]
    facts = [
        line[name]
        for name in ("training", "device")
        if len({other[name] for other in same}) > 1 and line[name]
    ]
    return f" ({', '.join(facts)})" if facts else ""
