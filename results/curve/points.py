"""The points of a learning curve, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from results.curve.crossover import Crossover, crossover
from results.curve.point import Point, SeedScores, points_of
from results.errors import ResultsError
from results.records.run import CurveRun
from results.records.store import Store

if TYPE_CHECKING:
    import pandas as pd

CURVE_COLUMNS = (
    "model",
    "family",
    "training",
    "split",
    "n",
    "train",
    "seeds",
    "accuracy",
    "accuracy_sd",
    "accuracy_low",
    "accuracy_high",
    "fit_seconds",
    "total_seconds",
    "device",
    "status",
    "reason",
)


class Points:
    """The points of every model, split and size, in that order, and where deep overtakes.

    Parameters
    ----------
    points : at least one.
    about : what curve.json says.

    Attributes
    ----------
    split : the one that the figure and the answer are about, test where there is one.
    crossover : None if one of the families has no whole curve.
    """

    def __init__(self, points: Sequence[Point], about: CurveRun) -> None:
        self.points = tuple(points)
        self.about = about
        splits = dict.fromkeys(point.split for point in points)
        self.split = "test" if "test" in splits else next(iter(splits))
        self.crossover: Crossover | None = _crossover(self.shown)

    @classmethod
    def from_store(cls, store: Store) -> Self:
        """The last curve in a store's folder.

        Raises
        ------
        ResultsError
            If there is none, or records that it needs are not there.
        """
        about = store.curve()
        if not about.subsets:
            raise ResultsError(
                f"{store.folder} holds no curve that can be read; make it with `benchmark curve`"
            )
        return cls(points_of(store, about.subsets), about)

    @property
    def shown(self) -> list[Point]:
        """The points of the split that the figure is about."""
        return [point for point in self.points if point.split == self.split]

    @property
    def label(self) -> str:
        """What it is called: its dataset and preset."""
        return f"{self.about.dataset}-{self.about.preset}"

    @property
    def sizes(self) -> list[int]:
        """The numbers of training pictures that were tried."""
        return sorted({point.train for point in self.points})

    @property
    def text(self) -> str:
        """What the curve answers, in sentences."""
        first = self.shown[0]
        least, most = f"{self.sizes[0]:,}", f"{self.sizes[-1]:,}"
        seeds = f"{first.seeds} seeds"
        if first.seeds == 1:
            seeds = "1 seed, so that intervals count the test pictures alone"
        parts = [
            f"Accuracy on {self.split} ({first.n:,} pictures) after training on "
            f"{least if least == most else f'{least} to {most}'}, {seeds}."
        ]
        parts += self.crossover.sentences if self.crossover else [self._no_crossover()]
        if self.about.preset == "quick" and any(p.family == "deep" for p in self.points):
            parts.append("The preset quick under-trains the deep models.")
        return " ".join(parts)

    def _no_crossover(self) -> str:
        families = {point.family for point in self.shown if point.scores}
        lacking = {"deep", "classical"} - families
        if lacking:
            return f"No {' and no '.join(sorted(lacking))} model has a score to compare."
        return "At some sizes no deep or no classical model has a score, so no crossover is sought."

    def to_frame(self) -> pd.DataFrame:
        """The columns of `CURVE_COLUMNS`, a line per model, split and size."""
        import pandas as pd

        return pd.DataFrame([_cells(p) for p in self.points], columns=list(CURVE_COLUMNS))


def _crossover(points: Sequence[Point]) -> Crossover | None:
    """The crossover of the best models of each family at each size; None if a size lacks one."""
    sizes = sorted({point.train for point in points})
    pairs = []
    for size in sizes:
        deep, classical = _best(points, "deep", size), _best(points, "classical", size)
        if deep is None or classical is None:
            return None
        pairs.append((deep, classical))
    return crossover(
        sizes,
        pairs[-1][0][0],
        pairs[-1][1][0],
        [deep.correct * 1.0 - classical.correct for (_, deep), (_, classical) in pairs],
    )


def _best(points: Sequence[Point], family: str, size: int) -> tuple[str, SeedScores] | None:
    """The most accurate model of a family at a size, and its scores."""
    mine = [
        (point.model, point.scores)
        for point in points
        if point.family == family and point.train == size and point.scores is not None
    ]
    return max(mine, key=lambda named: named[1].accuracy, default=None)


def _cells(point: Point) -> dict[str, Any]:
    return {
        name: getattr(point if hasattr(point, name) else point.scores, name, None)
        for name in CURVE_COLUMNS
    }
