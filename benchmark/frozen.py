"""Frozen bodies as feature sets: what a network with given weights says, under classical models.

``--features frozen-ROW`` takes the weights that the row ROW starts from (``benchmark weights``
lists them). The set has the shape of `features.FeatureSet`, so that it goes the same way: computed
once, picture by picture, by all cores, and kept in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import features
from benchmark.errors import InputError
from benchmark.portions import coloured

if TYPE_CHECKING:
    from features.sets import TrainPictures
    from models.frozen import FrozenBody

PREFIX = "frozen-"


class FrozenSet:
    """The body of a network as a feature set that has nothing to learn.

    Attributes
    ----------
    name : as the user wrote it.
    columns : ``frozen_0`` and so on.
    definition : as `FrozenBody` has it; it changes when another file of weights is found.
    """

    needs_fit = False
    chosen = ()  # of views and measures, whose files would be part of the definition

    def __init__(self, name: str, body: FrozenBody, made_from: tuple[Any, ...]):
        self.name = name
        self.columns = tuple(f"frozen_{number}" for number in range(body.width))
        self.definition = body.definition
        self._body = body
        self._made_from = made_from

    def fit(self, pictures: TrainPictures, seed: int) -> FrozenSet:
        """The set itself."""
        return self

    def prepare(self, announce: Callable[[], None]) -> None:
        """Nothing: there are no kernels to compile."""

    def compute(self, picture: np.ndarray) -> np.ndarray:
        """The row of one picture, uint8 (H, W) grey or (H, W, 3) RGB: float64 (n_columns,)."""
        return self._body.table(coloured(picture, self._body.side)[None])[0]

    def __reduce__(self) -> Any:
        # A worker reads the file again: faster than to send it the weights.
        return feature_set, self._made_from


AnyFeatureSet = features.FeatureSet | FrozenSet


def feature_set(name: str, weights_dir: str = "", offline: bool = False) -> AnyFeatureSet:
    """The feature set that ``name`` describes: as `features.feature_set`, or a frozen body.

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
    if not name.startswith(PREFIX):
        return features.feature_set(name)
    from models import Unavailable
    from models.starts import start_of

    start = start_of(name.removeprefix(PREFIX))
    from models.frozen import FrozenBody

    try:
        body = FrozenBody(start, weights_dir or None, offline)
    except Unavailable as error:
        raise InputError(f"--features {name} can't be had: {error}") from error
    return FrozenSet(name, body, (name, weights_dir, offline))
