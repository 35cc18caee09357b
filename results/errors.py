"""The error of this package."""


class ResultsError(ValueError):
    """A mistake that a user can put right, said in one line: what, where, and what to do."""
