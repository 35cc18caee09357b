"""A board in LaTeX for a paper: tables that `booktabs` draws."""

from __future__ import annotations

from collections.abc import Sequence

from results.board.standings import Standings
from results.text.cells import Table, ranked_by, split_tables, summary_table

# What LaTeX takes for something other than itself, in the text encoding that it starts with too:
# those that have a command of their own, and those that braces or a backslash keep what they are.
_COMMANDS = {
    "\\": "backslash",
    "^": "asciicircum",
    "~": "asciitilde",
    "<": "less",
    ">": "greater",
    "|": "bar",
    '"': "quotedbl",
    "'": "quotesingle",
    "`": "asciigrave",
}
_ESCAPES = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "{}$&#_%"},
        **{mark: rf"\text{name}{{}}" for mark, name in _COMMANDS.items()},
        # A bracket or an asterisk that begins a row would belong to the line break before it, two
        # hyphens would be a dash, and after a grave accent these two would turn over.
        **{mark: f"{{{mark}}}" for mark in "[]*-!?"},
        "–": "--",
    }
)

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
        r"% In the preamble: \usepackage[T1]{fontenc}, \usepackage{textcomp,booktabs,graphicx}",
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
    floats = [_float(table, table.lines[:_LINES_OF_A_PAGE], caption, name)]
    later = range(_LINES_OF_A_PAGE, len(table.lines), _LINES_OF_A_PAGE)
    for page, start in enumerate(later, start=2):
        lines = table.lines[start : start + _LINES_OF_A_PAGE]
        floats.append(_float(table, lines, f"{table.title}, continued.", f"{name}-{page}"))
    return floats


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
