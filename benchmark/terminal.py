"""The terminal, or whatever else stands behind stdout and stderr, and may take nothing."""

from __future__ import annotations

import logging
import sys
from typing import IO, Any

from benchmark.printable import printable_lines


class LenientStream:
    """A stream that goes on when what it writes to takes nothing more, and remembers that.

    A full disk, a reader that has gone, a stream that was closed: what is computed meanwhile is
    not lost for that.

    Attributes
    ----------
    error : what went wrong first, None if nothing did.
    """

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream
        self.error: Exception | None = None

    def write(self, text: str) -> int:
        """Write, if that can be done."""
        self._attempt("write", text)
        return len(text)

    def flush(self) -> None:
        """Flush, if that can be done."""
        self._attempt("flush")

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return self._stream is not None and not self._stream.closed and self._stream.isatty()

    def _attempt(self, name: str, *given: str) -> None:
        if self._stream is None:
            return
        try:
            getattr(self._stream, name)(*given)
        except (OSError, ValueError) as error:  # of a closed one it is a ValueError
            self.error = self.error or error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def steady_streams() -> LenientStream:
    """Make stdout and stderr take any character and never raise; returns stdout."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")
    out = LenientStream(sys.stdout)
    sys.stdout, sys.stderr = out, LenientStream(sys.stderr)
    return out


def echo(text: object, end: str = "\n") -> None:
    """Print to stdout; no control character in a name reaches a terminal."""
    print(printable_lines(str(text)), end=end)


class PrintableFormatter(logging.Formatter):
    """Log lines without control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """A record's line, its traceback included."""
        return printable_lines(super().format(record))
