"""What ends a command early: mistakes that a user can make, told apart from bugs, and Ctrl-C."""

from __future__ import annotations


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
