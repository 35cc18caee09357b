"""What ends a command early: mistakes that a user can make, told apart from bugs, and Ctrl-C."""

from __future__ import annotations

import traceback

_OURS = ("__main__", "benchmark", "features", "models", "results")


class InputError(ValueError):
    """Bad input. The message is one line: what is wrong, where, and what to do about it."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message says what is kept and how to go on."""


def user_errors() -> tuple[type[Exception], ...]:
    """Every exception type whose message is meant for the user, not for us."""
    from features import FeatureError
    from models import ModelError
    from results import ResultsError

    return InputError, FeatureError, ModelError, ResultsError


def one_line(text: object) -> str:
    """``text`` on a single line without control characters, for stderr and for a row's reason."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def broken_library(error: BaseException) -> str:
    """The library that an exception kept from being imported; empty if it came up elsewhere."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "<module>":
            name = str(frame.f_globals["__name__"]).partition(".")[0]
            if name not in _OURS:
                return name
    name = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    return "" if name in _OURS else name
