"""Printable text: what can be written to a file and shown on a terminal, whatever a name holds."""

from __future__ import annotations

import re

# What moves a terminal's cursor, turns the order of what is shown, or can't be written: control
# characters, separators of lines, marks of direction that embed or override (Unicode 15, annex 9),
# and surrogates, of which the last 128 stand for bytes of a file's name (PEP 383).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(name: str) -> str:
    """``name`` with what can't be shown written out, as ``\\x1b``."""
    return _UNSEEN.sub(_escaped, name)


def printable_lines(text: str) -> str:
    """Text of several lines, each printable; tabs stay."""
    return _UNSEEN.sub(lambda found: found[0] if found[0] in "\n\t" else _escaped(found), text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00:02x}" if code >= 0xDC80 else ascii(found[0])[1:-1]
