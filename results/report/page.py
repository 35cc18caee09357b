"""The page: everything that a board and its exhibits have to show, put into one template."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from results.board.naming import machine_key
from results.board.row import Row
from results.board.standings import Standings
from results.records.exhibits import mime
from results.records.explanation import GradCam, PermutationImportance
from results.records.record import Record
from results.report.cost import costs
from results.report.disagreements import disagreements_by_split
from results.report.explained import looks, needs, unexplained
from results.report.panel import panels
from results.report.provenance import provenance_facts
from results.report.seeds import seed_tables
from results.report.table import WHISKER_WIDTH, board_tables
from results.text.cells import summary_table
from results.text.template import filled


def report_page(board: Standings) -> str:
    """A board as one HTML page that asks the network for nothing. Names in it are only text."""
    return filled("report.html.j2", {**_about(board), **_numbers(board), **_deciding(board)})


def _about(board: Standings) -> dict[str, Any]:
    """What is told in words."""
    newest = board.selection.newest
    return {
        "title": f"{newest.dataset}, preset {newest.preset}",
        "answer": board.answer,
        "warnings": board.warnings,
        "sort_by": board.sort_by.replace("_", " "),
        "machines": machine_key(board.letters),
        "metrics": board.metrics.values(),
        "notes": _notes(board.records),
        "provenance": provenance_facts(board.selection, board.run),
    }


def _numbers(board: Standings) -> dict[str, Any]:
    """Tables, charts and pictures of each split."""
    tables = board_tables(board)
    thumbnail, montage = _exhibits(board)
    return {
        "summary": summary_table(board),
        "tables": tables,
        "meanings": [column for column in tables[0].columns if column.meaning],
        "seeds": seed_tables(board),
        "whisker_width": WHISKER_WIDTH,
        "costs": costs(board),
        "disagreements": disagreements_by_split(board),
        "thumbnail": thumbnail,
        "montage": montage,
    }


def _deciding(board: Standings) -> dict[str, Any]:
    """What is told of models, by how they do on the split that decides."""
    decides, names = board.answer.split, board.names
    rows = [standing.row for standing in board.by_split[decides]]
    shown = panels(_deciding_first(board.rows, decides), names)
    return {
        "looks": looks(rows, names),
        "needs": needs(rows, names),
        "not_looked": unexplained(rows, names, GradCam),
        "not_needed": unexplained(rows, names, PermutationImportance),
        "panels": shown,
        "panel_of": {trial: panel.trial for panel in shown for trial in panel.trials},
    }


def _deciding_first(rows: Sequence[Row], split: str) -> list[Row]:
    return sorted(rows, key=lambda row: row.split != split)


def _exhibits(board: Standings) -> tuple[Callable[[str], str], str]:
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
