"""A board in LaTeX for a paper: tables that `booktabs` draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from results.printed import Table, split_tables, summary_table

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

# What LaTeX takes for something other than itself, in the text encoding that it starts with too;
# a bracket or an asterisk that begins a row would belong to the line break before it.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "%": r"\%",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "'": r"\textquotesingle{}",
        "`": r"\textasciigrave{}",
        "[": "{[}",
        "]": "{]}",
        "*": "{*}",
        "-": "{-}",  # two of them would be a dash
        "–": "--",
        "!": "{!}",  # would turn over with the grave accent after it, as would the next
        "?": "{?}",
    }
)
_OPENING = r"% In the preamble: \usepackage[T1]{fontenc}, \usepackage{textcomp,booktabs}"


def to_latex(board: Leaderboard) -> str:
    """A board's summary and its splits as floating tables. What comes from names is escaped."""
    newest = board.selection.newest
    about = f"{newest.dataset}, preset {newest.preset}"
    times = "Time: features, fit and prediction of one split, in seconds; shallow: the best five."
    parts = [
        _OPENING,
        _float(summary_table(board), f"Classical and deep models on {about}. {times}", "summary"),
    ]
    for table in split_tables(board, intervals=True):
        split = table.title.partition(":")[0]
        about_split = f"Models on {about}, {table.title}. Time: fit and prediction, in seconds."
        parts.append(_float(table, about_split, split))
    parts += [rf"\par\noindent {escaped(warning)}" for warning in board.warnings]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text on one line that is nothing but text in LaTeX."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split()).translate(_ESCAPES)


def _float(table: Table, caption: str, name: str) -> str:
    sides = "".join(side[0] for side in table.sides)
    label = "".join(c if c.isascii() and c.isalnum() else "-" for c in name)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        _row(table.headings),
        r"\midrule",
        *(_row(cells) for cells in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(escaped(cell) for cell in cells) + r" \\"
