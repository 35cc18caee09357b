"""The page: everything that a board and its exhibits have to show, put into one template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from results.board.naming import machine_key
from results.board.standings import Standings
from results.records.files import utf8
from results.records.provenance import GradCam, PermutationImportance
from results.records.record import Record
from results.report.cost import costs
from results.report.disagreements import disagreements_by_split
from results.report.explained import looks, needs, unexplained
from results.report.panel import panels
from results.report.provenance import provenance_facts
from results.report.seeds import seed_tables
from results.report.table import board_tables
from results.scale import WHISKER_WIDTH
from results.text.cells import summary_table
from results.text.template import data_uri, filled


def report_page(board: Standings) -> str:
    """A board as one HTML page that asks the network for nothing. Names in it are only text."""
    return filled("report.html.j2", {**_about(board), **_numbers(board), **_deciding(board)})


def _about(board: Standings) -> dict[str, Any]:
    newest = board.selection.newest
    return {
        "title": f"{newest.dataset}, preset {newest.preset}",
        "standings": board,
        "machines": machine_key(board.letters),
        "notes": _notes(board.records),
        "provenance": provenance_facts(board.selection, board.run),
    }


def _numbers(board: Standings) -> dict[str, Any]:
    return {
        "summary": summary_table(board),
        "tables": board_tables(board),
        "seeds": seed_tables(board),
        "whisker_width": WHISKER_WIDTH,
        "costs": costs(board),
        "disagreements": disagreements_by_split(board),
        **_exhibits(board),
    }


def _deciding(board: Standings) -> dict[str, Any]:
    """What is told of models, by how they do on the split that decides."""
    decides, names = board.answer.split, board.names
    rows = [standing.row for standing in board.by_split[decides]]
    shown = panels(sorted(board.rows, key=lambda row: row.split != decides), names)
    return {
        "looks": looks(rows, names),
        "needs": needs(rows, names),
        "not_looked": unexplained(rows, names, GradCam),
        "not_needed": unexplained(rows, names, PermutationImportance),
        "panels": shown,
        "panel_of": {trial: panel.trial for panel in shown for trial in panel.trials},
    }


def _exhibits(board: Standings) -> dict[str, Any]:
    """The montage's data URI, and a function to a picture's from its id; empty if there is none."""
    kept = board.exhibits.pictures() if board.exhibits else {}
    montage = board.exhibits.montage() if board.exhibits else None

    def thumbnail(name: str) -> str:
        written = utf8(name)
        return data_uri(kept[written]) if written in kept else ""

    return {"thumbnail": thumbnail, "montage": data_uri(montage) if montage else ""}


def _notes(records: Sequence[Record]) -> list[tuple[str, str]]:
    """(model, note) of everything that a trial had to say about how it was run."""
    ordered = sorted(records, key=lambda record: record.model)
    return list(dict.fromkeys((record.model, note) for record in ordered for note in record.notes))
