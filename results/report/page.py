"""The page: everything that a board and its exhibits have to show, put into one template."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results import tables
from results.exhibits import mime
from results.machine import marks
from results.metrics import METRICS
from results.naming import names
from results.printed import summary_table
from results.ranking import Standing
from results.record import Record
from results.report import pictures
from results.report.cost import CostChart, FrontLine, cost_chart, front_lines
from results.report.explained import looks, needs, unexplained
from results.report.facts import provenance
from results.report.panel import panels
from results.report.seeds import seed_tables
from results.report.table import WHISKER_WIDTH, board_tables
from results.row import Row

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

_TEMPLATES = Path(__file__).parents[1] / "templates"
_SIZES = {"wide": (760, 430), "narrow": (372, 400)}


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
    environment.filters |= {"breakable": _breakable, "unbroken": _unbroken}
    return environment.get_template("report.html.j2").render(_content(board))


def _breakable(name: str) -> Any:
    """A name that may be broken within: before a capital that follows a small letter.

    A seed's number stays beside its word.
    """
    from markupsafe import Markup, escape

    parts = re.split(r"(?<=[a-z])(?=[A-Z])", re.sub(r"(?<=seed) (?=\d)", "\xa0", name))
    return Markup("<wbr>").join(escape(part) for part in parts)


def _unbroken(text: str) -> str:
    """A sentence whose numbers stay on a line with their units: '96 %', 'p = 0.04', '20 s'."""
    return re.sub(
        r"(?<=\d) (?=%|m?s\b|min\b|h\b)|(?<=\bp) (?=[=<] )|(?<=[=<]) (?=\d)", "\xa0", text
    )


def _content(board: Leaderboard) -> dict[str, Any]:
    newest, standings = board.selection.newest, board.standings
    called = names(board.selection.records)
    deciding = [s.row for s in standings if s.row.split == board.answer.split]
    thumbnail, montage = _exhibits(board)
    marked = marks(board.selection.records)
    sure = {id(found.row): each for found, each in board.compared}
    boards = board_tables(standings, called, sure, marked)
    families = {(r.model, r.training): r.family for r in board.selection.records}
    shown = panels(_deciding_first(standings, board.answer.split), called)
    return {
        "title": f"{newest.dataset}, preset {newest.preset}",
        "answer": board.answer,
        "warnings": board.warnings,
        "summary": summary_table(board),
        "tables": boards,
        "meanings": [column for column in boards[0].columns if column.meaning],
        "seeds": seed_tables(tables.seed_lines(board.rows), families),
        "machines": [(mark, name or "machine unknown") for name, mark in marked.items()],
        "whisker_width": WHISKER_WIDTH,
        "sort_by": board.sort_by.replace("_", " "),
        "costs": _costs(standings, called, marked),
        "disagreements": pictures.by_split(standings, called),
        "thumbnail": thumbnail,
        "looks": looks(deciding, called),
        "needs": needs(deciding, called),
        "not_looked": unexplained(deciding, called, "gradcam"),
        "not_needed": unexplained(deciding, called, "permutation"),
        "panels": shown,
        "panel_of": {trial: panel.trial for panel in shown for trial in panel.trials},
        "montage": montage,
        "metrics": METRICS.values(),
        "notes": _notes(board.selection.records),
        "provenance": provenance(board.selection, board.run),
    }


def _deciding_first(standings: Sequence[Standing], split: str) -> list[Standing]:
    return sorted(standings, key=lambda standing: standing.row.split != split)


def _costs(
    standings: Sequence[Standing], called: Mapping[str, str], marked: Mapping[str, str]
) -> dict[str, tuple[list[CostChart], list[FrontLine]]]:
    """For each split the chart in each size, and the front in numbers."""
    rows: dict[str, list[Row]] = {}
    for standing in standings:
        rows.setdefault(standing.row.split, []).append(standing.row)
    found = {}
    for place, (split, each) in enumerate(rows.items()):
        charts = [
            cost_chart(each, called, marked, *size, name=f"{name}-{place}")
            for name, size in _SIZES.items()
        ]
        if drawn := [chart for chart in charts if chart is not None]:
            found[split] = (drawn, front_lines(each, called, marked))
    return found


def _exhibits(board: Leaderboard) -> tuple[Callable[[str], str], str]:
    """A function from a picture's id to its data URI, empty if there is none; and the montage's."""
    if board.exhibits is None:
        return lambda name: "", ""
    kept, montage = board.exhibits.pictures(), board.exhibits.montage()

    def thumbnail(name: str) -> str:
        written = name.encode("utf-8", "backslashreplace").decode()
        return _uri(kept[written]) if written in kept else ""

    return thumbnail, _uri(montage) if montage else ""


def _uri(picture: bytes) -> str:
    return f"data:{mime(picture)};base64,{base64.b64encode(picture).decode()}"


def _notes(records: Sequence[Record]) -> list[tuple[str, str]]:
    """(model, note) of everything that a trial had to say about how it was run."""
    ordered = sorted(records, key=lambda record: record.model)
    return list(dict.fromkeys((record.model, note) for record in ordered for note in record.notes))
