"""A leaderboard.csv that went through pandas, R or a spreadsheet: its cells, where these are sure.

What comes back may be quoted otherwise, be separated by semicolons with decimal commas, have more
columns or others in front, and hold 1.0 for 1 and TRUE for True. What has lost digits on the way,
or became a date, is refused by its row and column.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence

from results.errors import ResultsError

# What pandas, R and spreadsheets write where there is nothing.
_NOTHING = ("", "nan", "na", "<na>", "n/a", "#n/a", "none", "null")

# As English, German, French, Spanish and Italian spreadsheets write them.
_TRUE = ("true", "1", "1.0", "wahr", "vrai", "verdadero", "vero")
_FALSE = ("false", "0", "0.0", "falsch", "faux", "falso")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|[+-]?inf(inity)?", re.IGNORECASE)
_WHOLE = re.compile(r"([+-]?\d{1,19})(\.0*)?")
_SCIENTIFIC = re.compile(r"([+-]?\d)(?:\.(\d+))?e\+?(\d{1,2})", re.IGNORECASE)


def cells_of(data: bytes, needed: Sequence[str]) -> tuple[list[dict[str, str]], bool]:
    """The rows of a board's table as texts by column, and whether commas may be decimal ones.

    A row that ends early lacks columns.

    Raises
    ------
    ResultsError
        If it is no table of text that has the needed columns, or a row has more cells than there
        are columns.
    """
    text = _text(data)
    separator = _separator(text, set(needed))
    headings, *rows = _rows(text, separator)
    if missing := [name for name in needed if name not in headings]:
        more = ", ..." if len(missing) > 4 else ""
        raise ResultsError(f"no column {', '.join(missing[:4])}{more}")
    if twice := next((name for name in needed if headings.count(name) > 1), None):
        raise ResultsError(f"two columns {twice}")
    for place, row in enumerate(rows, start=1):
        if any(row[len(headings) :]):
            raise ResultsError(f"row {place} has {len(row)} cells where there are {len(headings)}")
    return [dict(zip(headings, row, strict=False)) for row in rows], separator != ","


def number(text: str) -> float | None:
    """A number with a decimal point; None where there is nothing.

    Raises
    ------
    ResultsError
        If it is anything else.
    """
    if is_nothing(text):
        return None
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        raise ResultsError(f"{text!r:.60} is no number")
    value = float(plain)
    if math.isinf(value) and plain[-1] in "0123456789.":
        raise ResultsError(f"{text!r:.60} is too large")
    return value


def share(text: str) -> float | None:
    """A number between 0 and 1; as `number`."""
    value = number(text)
    if value is not None and not 0 <= value <= 1:
        raise ResultsError(f"{text!r:.60} is not between 0 and 1; its decimal point may be lost")
    return value


def whole(text: str) -> int | None:
    """A whole number, also one that is written as 3.0 or with all its digits as 1.234e+03.

    Raises
    ------
    ResultsError
        If it is anything else, or digits of it may be lost.
    """
    if is_nothing(text):
        return None
    plain = text.strip()
    if found := _WHOLE.fullmatch(plain):
        value = int(found[1])
    elif (found := _SCIENTIFIC.fullmatch(plain)) and len(found[2] or "") >= int(found[3]):
        digits, places = found[2] or "", int(found[3])
        if digits[places:].strip("0"):
            raise ResultsError(f"{text!r:.60} is no whole number")
        value = int(found[1] + digits[:places])
    elif _NUMBER.fullmatch(plain) and "e" in plain.lower():
        raise ResultsError(f"{text!r:.60} has lost its last digits")
    else:
        raise ResultsError(f"{text!r:.60} is no whole number")
    if not -(2**63) <= value < 2**63:
        raise ResultsError(f"{text!r:.60} is too large")
    return value


def truth(text: str) -> bool | None:
    """True or False as pandas or a spreadsheet writes it; None where there is nothing.

    Raises
    ------
    ResultsError
        If it is neither.
    """
    if is_nothing(text):
        return None
    said = text.strip().lower()
    if said not in (*_TRUE, *_FALSE):
        raise ResultsError(f"{text!r:.60} is neither True nor False")
    return said in _TRUE


def word(text: str) -> str:
    """A word of ours, empty where there is nothing."""
    return "" if is_nothing(text) else text


def with_point(text: str) -> str:
    """A number's text with a point for the comma before its decimals."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def is_nothing(text: str) -> bool:
    """Whether a cell is empty, or holds what stands for that."""
    return text.strip().lower() in _NOTHING


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ResultsError(f"it is no UTF-8 at byte {error.start}; save it as CSV UTF-8") from error


def _separator(text: str, needed: set[str]) -> str:
    """What separates the cells of the first line, so that most of the needed columns are there."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t", key=lambda one: len(needed.intersection(_cells(first, one))))


def _cells(line: str, separator: str) -> Sequence[str]:
    return [cell.strip(' "\r') for cell in line.split(separator)]


def _rows(text: str, separator: str) -> list[list[str]]:
    """The rows that have anything in them, headings first."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows = [row for row in reader if any(row)]
    except csv.Error as error:
        raise ResultsError(f"line {reader.line_num}: {error}") from error
    if not rows:
        raise ResultsError("it is empty")
    return [[name.strip() for name in rows[0]], *rows[1:]]
