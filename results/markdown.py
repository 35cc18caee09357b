"""leaderboard.md: the answer, the summary, and one table per split, LazyPredict's columns first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from results.printed import Table, ranked_by, split_tables, summary_table, without_score

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard


def to_markdown(board: Leaderboard) -> str:
    """A board as a page of Markdown that GitHub renders. What comes from names is escaped."""
    newest = board.selection.newest
    parts = [
        f"# Leaderboard: {escaped(newest.dataset)}, preset {escaped(newest.preset)}",
        f"**Do I need deep learning for this?** {escaped(board.answer.text)}",
        *(f"> {escaped(warning)}" for warning in board.warnings),
        "## Classical and deep",
        _rendered(summary_table(board), "github"),
        "Time: features, fit and prediction of the split, in seconds. Shallow: the best five.",
    ]
    for table in split_tables(board):
        parts += [f"## {escaped(table.title)}", _rendered(table, "github")]
    lost = without_score(board)
    if lost:
        parts += [
            "## Rows without a score",
            "\n".join(f"- {escaped(line)}" for line in lost),
        ]
    parts += [_reading(board), _provenance(board)]
    return "\n\n".join(parts) + "\n"


def to_text(board: Leaderboard) -> str:
    """A board as plain text for a terminal: the answer and one table per split."""
    parts = [board.answer.text, *(f"! {warning}" for warning in board.warnings)]
    parts.append(ranked_by(board))
    for table in split_tables(board):
        parts += [table.title, _rendered(table, "simple")]
    lost = without_score(board)
    if lost:
        parts += ["without a score", "\n".join(map(_one_line, lost))]
    return "\n\n".join(parts)


def described_versions(provenance: Mapping[str, Any]) -> str:
    """The versions that a record's provenance names, 'numpy 2.4.6, python 3.11'; may be empty."""
    versions = provenance.get("versions")
    if not isinstance(versions, Mapping):
        return ""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _rendered(table: Table, style: str) -> str:
    from tabulate import tabulate

    clean = escaped if style == "github" else _one_line
    return tabulate(
        [[clean(cell) for cell in cells] for cells in table.rows],
        headers=[clean(heading) for heading in table.headings],
        tablefmt=style,
        colalign=table.sides,
        disable_numparse=True,
    )


def _reading(board: Leaderboard) -> str:
    return escaped(
        f"{ranked_by(board)} The interval is accuracy's, F1 Score is weighted by class, Time Taken "
        "is fit and prediction in seconds. leaderboard.csv has the rest."
    )


def _provenance(board: Leaderboard) -> str:
    newest = board.selection.newest
    seeds = sorted({record.seed for record in board.selection.records})
    facts = [
        f"dataset {newest.dataset} (--data {newest.source})",
        f"fingerprint {newest.fingerprint}",
        f"preset {newest.preset}",
        f"seed {', '.join(map(str, seeds))}",
        described_versions(newest.provenance),
    ]
    return escaped("Provenance: " + "; ".join(fact for fact in facts if fact) + ".")


def _one_line(text: str) -> str:
    return " ".join(text.split())


# What GitHub takes for something other than itself: a tag or an entity, the edge of a cell,
# emphasis, strike-through, code, a link, a heading. A backslash does not keep a dollar sign from
# being maths, a tag around it does.
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        "$": "<span>$</span>",
        "@": "@<!-- -->",
        **{mark: f"\\{mark}" for mark in "\\|*_`[~#"},
    }
)
_ADDRESS = re.compile(r"(://|(?<=www)\.)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Text that is nothing but text in GitHub's Markdown: no cell, tag, emphasis or link in it.

    An address gets a comment, which a reader doesn't see, where it would become a link.
    """
    return _ADDRESS.sub(r"<!-- -->\1", _one_line(text).translate(_ESCAPES))
