"""report.html: a board as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results import numerals
from results.metrics import METRICS
from results.ranking import Standing
from results.record import Record
from results.statistics import wilson
from results.summary import summarise, summary_splits

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

_TEMPLATES = Path(__file__).parent / "templates"
_HEADINGS = (
    ("Rank", "number"),
    ("Model", "text"),
    ("Family", "text"),
    ("Training", "text"),
    ("Accuracy", "number"),
    ("95 % interval", "number"),
    ("Tied", "text"),
    *((metric.title, "number") for metric in list(METRICS.values())[1:]),
    ("Fit s", "number"),
    ("Predict s", "number"),
    ("Features s", "number"),
    ("Total s", "number"),
    ("Device", "text"),
    ("Threads", "number"),
    ("Memory MB", "number"),
    ("Parameters", "number"),
    ("Seed", "number"),
    ("Status", "text"),
    ("Reason", "text"),
)


@dataclass(frozen=True)
class Table:
    """One table of the page. headings: (text, 'number' or 'text') each; name: the column that names
    a row; rows: cells as they are shown, and whether the row is ok.
    """

    caption: str
    headings: Sequence[tuple[str, str]]
    name: int
    rows: Sequence[tuple[Sequence[str], bool]]


def to_html(board: Leaderboard) -> str:
    """A board as one HTML page that asks the network for nothing. Names in it are only text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    newest = board.selection.newest
    return environment.get_template("report.html.j2").render(
        title=f"{newest.dataset}, preset {newest.preset}",
        answer=board.answer,
        warnings=board.warnings,
        summary=_summary(board),
        tables=_tables(board.standings),
        sort_by=board.sort_by.replace("_", " "),
        metrics=METRICS.values(),
        notes=_notes(board.selection.records),
        provenance=_provenance(board),
    )


def _summary(board: Leaderboard) -> Table:
    splits = summary_splits(board.standings)
    return Table(
        caption="The best five classical models and every deep one. Time: features, fit and "
        "prediction of one split.",
        headings=[
            ("Learning", "text"),
            ("Model", "text"),
            ("Training", "text"),
            *((f"Accuracy ({split})", "number") for split in splits),
            ("CPU time s", "number"),
            ("GPU time s", "number"),
            ("Status", "text"),
        ],
        name=1,
        rows=[
            (
                [
                    line.learning,
                    line.model,
                    line.training,
                    *(line.accuracy(split) for split in splits),
                    numerals.seconds(line.cpu_seconds),
                    numerals.seconds(line.gpu_seconds),
                    line.status,
                ],
                line.status == "ok",
            )
            for line in summarise(board.standings)
        ],
    )


def _tables(standings: Sequence[Standing]) -> list[Table]:
    tables = []
    for split, group in groupby(standings, key=lambda standing: standing.row.split):
        rows = list(group)
        caption = f"{split}: {numerals.whole(rows[0].row.n)} pictures"
        cells = [(_cells(standing), standing.row.record.ok) for standing in rows]
        tables.append(Table(caption, _HEADINGS, 1, cells))
    return tables


def _cells(standing: Standing) -> list[str]:
    row, record, scores = standing.row, standing.row.record, standing.row.scores
    low, high = wilson(int(row.correct.sum()), row.n) if record.ok else (None, None)
    return [
        numerals.whole(standing.rank),
        record.model,
        record.family,
        record.training,
        numerals.score(scores.get("accuracy")),
        numerals.interval(low, high),
        {True: "tied", False: "no", None: ""}[standing.tied],
        *(numerals.score(scores.get(name)) for name in list(METRICS)[1:]),
        numerals.seconds(record.fit_seconds),
        numerals.seconds(row.predict_seconds),
        numerals.seconds(record.feature_seconds),
        numerals.seconds(row.total_seconds),
        record.device,
        numerals.whole(record.threads),
        numerals.whole(record.peak_memory_mb),
        numerals.whole(record.parameter_count),
        str(record.seed),
        record.status,
        record.reason,
    ]


def _notes(records: Sequence[Record]) -> list[tuple[str, str]]:
    """(model, note) of everything that a trial had to say about how it was run."""
    ordered = sorted(records, key=lambda record: record.model)
    return list(dict.fromkeys((record.model, note) for record in ordered for note in record.notes))


def _provenance(board: Leaderboard) -> list[tuple[str, str]]:
    records, newest = board.selection.records, board.selection.newest
    feature_sets = sorted({r.feature_set for r in records if r.feature_set})
    image_sizes = sorted({r.image_size for r in records if r.image_size})
    facts = [
        ("dataset", newest.dataset),
        ("data", newest.source),
        ("fingerprint", newest.fingerprint),
        ("classes", ", ".join(newest.classes)),
        ("splits", ", ".join(f"{split} {n:,}" for split, n in newest.splits.items())),
        ("preset", newest.preset),
        ("feature set", ", ".join(feature_sets)),
        ("image size", ", ".join(f"{size} px" for size in image_sizes)),
        ("seed", ", ".join(str(seed) for seed in sorted({r.seed for r in records}))),
        ("started", min(records, key=lambda r: r.started).started),
        ("finished", newest.finished),
        *_flat(newest.provenance),
    ]
    return [(name, value) for name, value in facts if value]


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as (name, text), a nested name after its parent's."""
    facts: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            facts += _flat(value, f"{prefix}{name} ")
        else:
            facts.append((f"{prefix}{name}", str(value)))
    return facts
