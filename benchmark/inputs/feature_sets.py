"""Feature sets by name: hand-made ones, and what a frozen network says of a picture.

``frozen-ROW`` takes the weights that the row ROW starts from (``benchmark weights`` lists them). It
has the shape of `features.FeatureSet`, so that it goes the same way: computed once, picture by
picture, by all cores, and kept in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import features
from benchmark.errors import InputError

_PREFIX = "frozen-"


class FrozenSet:
    """The body of a network as a feature set that has nothing to learn.

    Attributes
    ----------
    name : as the user wrote it.
    columns : ``frozen_0`` and so on.
    definition : as `models.FrozenBody` has it; it changes when another file of weights is there.
    """

    needs_fit = False
    chosen = ()  # of views and measures, whose files would be part of the definition

    def __init__(self, name: str, weights_dir: str, offline: bool) -> None:
        from models import FrozenBody, start_of

        self._made_from = name, weights_dir, offline
        self._body = FrozenBody(start_of(name.removeprefix(_PREFIX)), weights_dir or None, offline)
        self.name = name
        self.columns = tuple(f"frozen_{number}" for number in range(self._body.width))
        self.definition = self._body.definition

    def fit(self, pictures: features.TrainPictures, seed: int) -> FrozenSet:
        """The set itself."""
        return self

    def prepare(self, announce: Callable[[], None]) -> None:
        """Nothing: there are no kernels to compile."""

    def compute(self, picture: np.ndarray) -> np.ndarray:
        """The row of one picture, uint8 (H, W) grey or (H, W, 3) RGB: float64 (n_columns,)."""
        return self._body.table(features.coloured(picture, self._body.side)[None])[0]

    def __reduce__(self) -> Any:
        # A worker reads the file again: faster than to send it the weights.
        return FrozenSet, self._made_from


AnyFeatureSet = features.FeatureSet | FrozenSet


def chosen_features(name: str, weights_dir: str = "", offline: bool = False) -> AnyFeatureSet:
    """The feature set that ``name`` describes.

    Parameters
    ----------
    name : as `features.feature_set` has it, or ``frozen-`` and a row that starts from weights.
    weights_dir : folder of weights files that is looked into first, empty for none.
    offline : whether downloads are forbidden.

    Raises
    ------
    FeatureError, ModelError
        If there is no such set.
    InputError
        If the weights are not at hand, or are not what they should be.
    """
    if not name.startswith(_PREFIX):
        return features.feature_set(name)
    from models import Unavailable

    try:
        return FrozenSet(name, weights_dir, offline)
    except Unavailable as error:
        raise InputError(f"--features {name} can't be had: {error}") from error


def check_features(name: str) -> None:
    """There is such a set; the weights of a frozen network need not be at hand.

    Raises
    ------
    FeatureError, ModelError
        If there is none.
    """
    if not name.startswith(_PREFIX):
        features.feature_set(name)
        return
    from models import start_of

    start_of(name.removeprefix(_PREFIX))
