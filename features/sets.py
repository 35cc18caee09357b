"""Feature sets: which columns, and the number that a picture gets in each."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Protocol

import numpy as np

from features.contract import Measure, View, is_built_in
from features.errors import FeatureError
from features.picture import as_picture

PUBLISHED = "published"
RICH = "rich"

_PUBLISHED = (("original", "gabor", "edge"), ("noise", "mean", "std", "haralick"))

# Each named set as products of views and measures. Its columns come view by view, in the order of
# registration.
SETS = {
    PUBLISHED: (_PUBLISHED,),
    RICH: (
        _PUBLISHED,
        (("original",), ("histogram", "lbp", "gabors", "hog")),
        (("gradient",), ("noise", "mean", "std", "haralick")),
        # No noise: in a grey picture these two are constant, and have none to estimate.
        (("lab_a", "lab_b"), ("mean", "std", "haralick", "histogram")),
        (("colour",), ("patches",)),
    ),
}

# A fit looks at no more train pictures than these, so that it takes seconds however many there are.
MOST_TO_FIT = 2000

# The numbers change with these, and so must the definition.
_LIBRARIES = (
    "numba",
    "numpy",
    "opencv-python-headless",
    "PyWavelets",
    "scikit-image",
    "scikit-learn",
    "scipy",
)

# Any picture will do: kernels are compiled when they are imported, whatever they are given.
_SAMPLE = np.arange(256, dtype=np.uint8).reshape(16, 16)


class TrainPictures(Protocol):
    """Pictures of the train split, decoded when asked for; a list of arrays is one."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, index: int, /) -> np.ndarray | None:
        """One picture, as `FeatureSet.compute` takes it, or None if it can't be read."""


@dataclass(frozen=True)
class Column:
    """One number of one measure of one view."""

    view: View
    measure: Measure
    number: int

    @property
    def name(self) -> str:
        """Name in the table: the view's, an underscore, the number's."""
        return f"{self.view.name}_{self.measure.names[self.number]}"


@dataclass(frozen=True)
class FeatureSet:
    """Columns, and how a picture gets its numbers in them.

    Attributes
    ----------
    name : as the user wrote it.
    chosen : the columns in order.
    """

    name: str
    chosen: tuple[Column, ...]

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.chosen)

    @functools.cached_property
    def definition(self) -> str:
        """16 hexadecimal digits that change when any column may get another value.

        They cover the columns' names and order, the versions of their views and measures, and the
        versions of the libraries that determine the numbers. The set's own name is not in it, nor
        what was learnt: the numbers of a set that needs to be fitted follow from the definition,
        the train pictures and the seed together.
        """
        parts = [
            (column.name, column.view.version, column.measure.version) for column in self.chosen
        ]
        libraries = [metadata.version(library) for library in _LIBRARIES]
        return hashlib.sha256(json.dumps([parts, libraries]).encode()).hexdigest()[:16]

    @functools.cached_property
    def needs_fit(self) -> bool:
        """Whether `fit` must come before `compute`."""
        return any(column.measure.take is None for column in self.chosen)

    def fit(self, pictures: TrainPictures, seed: int) -> FeatureSet:
        """A copy that has learnt from train pictures; the set itself if it has nothing to learn.

        This is the only way to fit a feature, and it takes no labels and one split's pictures: give
        those of the train split. `compute` then sees one picture at a time and learns nothing.

        Parameters
        ----------
        pictures : the train split. At most 2,000 of them are looked at, in their order, and only
            these are decoded: once for each view and measure that is fitted.
        seed : decides which ones, and whatever else is drawn.

        Returns
        -------
        A picklable set. The same pictures and seed give the same set, whatever the number of
        threads.

        Raises
        ------
        FeatureError
            If there is no picture that can be read, or a view or measure breaks its contract.
        """
        learnt: dict[tuple[str, str], Measure] = {}
        for column in self.chosen:
            view, measure = column.view, column.measure
            if measure.take is None and (view.name, measure.name) not in learnt:
                images = _images(view, pictures, seed)
                learnt[view.name, measure.name] = measure.fitted(images, seed)
        if not learnt:
            return self
        chosen = (
            replace(c, measure=learnt.get((c.view.name, c.measure.name), c.measure))
            for c in self.chosen
        )
        return replace(self, chosen=tuple(chosen))

    def compute(self, picture: np.ndarray) -> np.ndarray:
        """The numbers of one picture of any size, as `as_picture` takes it: float64, (n_columns,).

        They are finite, or NaN where a number is undefined for this picture.

        Raises
        ------
        FeatureError
            If it is no such picture, a view or measure breaks its contract, or the set
            `needs_fit`.
        """
        picture = as_picture(picture)
        numbers: list[np.ndarray] = []
        for view, measures in self._plan:
            image = view.image(picture)
            numbers += [measure.values(image) for measure in measures]
        values = np.concatenate(numbers)[self._order]
        values[~np.isfinite(values)] = np.nan
        return values

    def prepare(self, announce: Callable[[], None]) -> None:
        """Compile the kernels of the set's built-in views and measures, or load them from disk.

        To be called once before pictures are given to several processes, each of which would
        otherwise compile on its own. Where anything is to be compiled, which takes about 20 seconds
        once per machine, ``announce`` is called first.
        """
        views = {c.view.name: c.view for c in self.chosen if is_built_in(c.view.origin)}
        measures = {c.measure.name: c.measure for c in self.chosen if is_built_in(c.measure.origin)}
        if not views and not measures:
            return
        from features.kernels.kernel import announced

        # A plugin's function is not called: it may be slow, and it may break its contract.
        with announced(announce):
            for view in views.values():
                view.image(_SAMPLE)
            for measure in measures.values():
                if measure.take is not None:
                    several = np.repeat(_SAMPLE[:, :, None], measure.channels, axis=2)
                    measure.values(_SAMPLE if measure.channels == 1 else several)

    @functools.cached_property
    def _plan(self) -> list[tuple[View, list[Measure]]]:
        """Every view once, and the measures to take of it."""
        plan: dict[str, tuple[View, dict[str, Measure]]] = {}
        for column in self.chosen:
            _, measures = plan.setdefault(column.view.name, (column.view, {}))
            measures[column.measure.name] = column.measure
        return [(view, list(measures.values())) for view, measures in plan.values()]

    @functools.cached_property
    def _order(self) -> np.ndarray:
        """Where each column is among the numbers of the plan."""
        names = [
            (view.name, measure.name, number)
            for view, measures in self._plan
            for measure in measures
            for number in range(len(measure.names))
        ]
        where = {name: index for index, name in enumerate(names)}
        return np.array([where[c.view.name, c.measure.name, c.number] for c in self.chosen])


def _images(view: View, pictures: TrainPictures, seed: int) -> Iterator[np.ndarray]:
    """The view of at most `MOST_TO_FIT` pictures."""
    chosen = np.arange(len(pictures))
    if len(chosen) > MOST_TO_FIT:
        chosen = np.random.default_rng(seed).choice(chosen, MOST_TO_FIT, replace=False)
    readable = 0
    for index in sorted(chosen):
        picture = pictures[int(index)]
        if picture is not None:
            readable += 1
            yield view.image(as_picture(picture))
    if readable == 0:
        raise FeatureError("no train picture can be read, so no feature can be fitted on one")
