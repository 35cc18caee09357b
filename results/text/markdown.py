"""leaderboard.md: the answer, the summary, and one table per split, LazyPredict's columns first."""

from __future__ import annotations

import re

from results.board.standings import Standings
from results.text.cells import ranked_by, split_tables, summary_table, without_score

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


def board_markdown(board: Standings) -> str:
    """A board as a page of Markdown that GitHub renders. What comes from names is escaped."""
    newest = board.selection.newest
    dataset, preset = markdown_escaped(newest.dataset), markdown_escaped(newest.preset)
    parts = [
        f"# Leaderboard: {dataset}, preset {preset}",
        f"**Do I need deep learning for this?** {markdown_escaped(board.answer.text)}",
        *(f"> {markdown_escaped(warning)}" for warning in board.warnings),
        "## Classical and deep",
        summary_table(board).text("github", markdown_escaped),
        "Time: features, fit and prediction of the split, in seconds. Shallow: the best five.",
    ]
    for table in split_tables(board):
        parts += [f"## {markdown_escaped(table.title)}", table.text("github", markdown_escaped)]
    if lost := without_score(board.standings, board.names):
        parts += [
            "## Rows without a score",
            "\n".join(f"- {markdown_escaped(line)}" for line in lost),
        ]
    reading = (
        f"{ranked_by(board)} The interval is accuracy's, F1 Score is weighted by class, Time Taken "
        "is fit and prediction in seconds. leaderboard.csv has the rest."
    )
    parts += [markdown_escaped(reading), _provenance(board)]
    return "\n\n".join(parts) + "\n"


def board_text(board: Standings) -> str:
    """A board as plain text for a terminal: the answer and one table per split."""
    parts = [board.answer.text, *(f"! {warning}" for warning in board.warnings)]
    parts.append(ranked_by(board))
    for table in split_tables(board):
        parts += [table.title, table.text("simple", _one_line)]
    if lost := without_score(board.standings, board.names):
        parts += ["without a score", "\n".join(map(_one_line, lost))]
    return "\n\n".join(parts)


def markdown_escaped(text: str) -> str:
    """Text that is nothing but text in GitHub's Markdown: no cell, tag, emphasis or link in it.

    An address gets a comment, which a reader doesn't see, where it would become a link.
    """
    return _ADDRESS.sub(r"<!-- -->\1", _one_line(text).translate(_ESCAPES))


def _provenance(board: Standings) -> str:
    newest = board.selection.newest
    seeds = sorted({record.seed for record in board.records})
    facts = [
        f"dataset {newest.dataset} (--data {newest.source})",
        f"fingerprint {newest.fingerprint}",
        f"preset {newest.preset}",
        f"seed {', '.join(map(str, seeds))}",
        ", ".join(f"{name} {version}" for name, version in newest.versions.items()),
    ]
    return markdown_escaped("Provenance: " + "; ".join(fact for fact in facts if fact) + ".")


def _one_line(text: str) -> str:
    return " ".join(text.split())
