"""What a user can get wrong about features."""

from __future__ import annotations


class FeatureError(ValueError):
    """A user's mistake about features: an unknown name, a name used twice, no picture."""
