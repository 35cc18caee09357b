"""The error of this package."""

from __future__ import annotations


class ResultsError(ValueError):
    """A mistake that a user can put right, said in one line: what, where, and what to do."""
