"""A board in LaTeX for a paper: tables that `booktabs` draws."""

from __future__ import annotations

from collections.abc import Sequence

from results.board.standings import Standings
from results.text.cells import Table, ranked_by, split_tables, summary_table

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

# What the tables need, for whoever pastes them.
_OPENING = r"% In the preamble: \usepackage[T1]{fontenc}, \usepackage{textcomp,booktabs,graphicx}"

# Headings as short as a page asks for.
_SHORT = {
    "Accuracy": "Acc.",
    "Balanced Accuracy": "Bal. acc.",
    "ROC AUC": "AUC",
    "F1 Score": "F1",
    "Time Taken": "Time",
    "CPU Time": "CPU",
    "GPU Time": "GPU",
}

_LINES_OF_A_PAGE = 45


def board_latex(board: Standings) -> str:
    """A board's summary and its splits as floating tables. What comes from names is escaped.

    A table that is wider than a line is drawn smaller; one that is longer than a page is several.
    """
    newest = board.selection.newest
    about = f"{newest.dataset}, preset {newest.preset}"
    parts = [
        _OPENING,
        *_floats(
            summary_table(board),
            f"Classical and deep models on {about}. Acc.: accuracy; CPU, GPU: features, fit and "
            "prediction of the split, in seconds; shallow: the best five models.",
            "summary",
        ),
    ]
    for table in split_tables(board):
        parts += _floats(
            table,
            f"Models on {about}, {table.title}. {ranked_by(board)} Acc.: accuracy, which the "
            "interval is of; Bal. acc.: balanced accuracy; F1: weighted by class; Time: fit and "
            "prediction, in seconds.",
            table.title.partition(":")[0],
        )
    parts += [
        rf"{{\noindent\raggedright {latex_escaped(warning)}\par}}" for warning in board.warnings
    ]
    return "\n\n".join(parts) + "\n"


def latex_escaped(text: str) -> str:
    """Text on one line that is nothing but text in LaTeX."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split()).translate(_ESCAPES)


def _floats(table: Table, caption: str, name: str) -> list[str]:
    """A table, or where a page does not hold it the parts that it is cut into."""
    starts = range(0, len(table.lines), _LINES_OF_A_PAGE)
    parts = [table.lines[start : start + _LINES_OF_A_PAGE] for start in starts]
    first = _float(table, parts[0], caption, name)
    others = [
        _float(table, lines, f"{table.title}, continued.", f"{name}-{place}")
        for place, lines in enumerate(parts[1:], start=2)
    ]
    return [first, *others]


def _float(table: Table, body: Sequence[Sequence[str]], caption: str, name: str) -> str:
    sides = "".join(side[0] for side in table.sides)
    label = "".join(c if c.isascii() and c.isalnum() else "-" for c in name)
    lines = [
        r"\begin{table}",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}%",
        rf"\caption{{{latex_escaped(caption)}}}",
        rf"\label{{tab:{label}}}",
        r"\vspace{\abovecaptionskip}",  # which a caption above its table lacks
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        _line([_SHORT.get(heading, heading) for heading in table.headings]),
        r"\midrule",
        *map(_line, body),
        r"\bottomrule",
        r"\end{tabular}}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return " & ".join(latex_escaped(cell) for cell in cells) + r" \\"
