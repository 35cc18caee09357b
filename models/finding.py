"""Findings: what a suite of checks sees of its subject, be that a model or anything else."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from models.errors import BrokenCheck

_Subject = TypeVar("_Subject")


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    subject : name of what was checked.
    check : what should hold.
    passed : whether it held.
    reason : what was seen instead, empty if it passed.
    """

    subject: str
    check: str
    passed: bool
    reason: str = ""

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        reason = f" - {self.reason}" if self.reason else ""
        return f"{verdict}  {self.subject}: {self.check}{reason}"


def findings(
    name: str, checks: Mapping[str, Callable[[_Subject], None]], subject: _Subject
) -> list[Finding]:
    """Put the subject of this name through a suite, one finding a check.

    Parameters
    ----------
    checks : what should hold, and a function of the subject that raises `BrokenCheck` if it does
        not. Any other error is a failed check too.
    """
    found = []
    for check, function in checks.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function(subject)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the finding about somebody's code
            found.append(Finding(name, check, False, reason_of(error)))
        else:
            found.append(Finding(name, check, True))
    return found


def reason_of(error: BaseException) -> str:
    """What was seen when a check failed: what `BrokenCheck` says, or any other error's place."""
    if isinstance(error, BrokenCheck):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"
