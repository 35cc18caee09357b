"""The learning curve: accuracy against the number of training pictures, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results.crossover import Crossover, crossover
from results.point import Point, Scores, points_of
from results.record import ResultsError
from results.store import Store, write_atomically

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


class Curve:
    """The points of every model, split and size, in that order, and where deep overtakes.

    about: what curve.json says; split: the one that the figure and the answer are about, test where
    there is one; crossover: None if one of the families has no whole curve.
    """

    def __init__(self, points: Sequence[Point], about: Mapping[str, Any]) -> None:
        self.points = tuple(points)
        self.about = about
        splits = dict.fromkeys(point.split for point in points)
        self.split = "test" if "test" in splits else next(iter(splits))
        self.crossover: Crossover | None = _crossover(self.shown)

    @classmethod
    def from_store(cls, store: Store) -> Curve:
        """The last curve in a store's folder.

        Raises ResultsError if there is none, or records that it needs are not there.
        """
        path = store.folder / "curve.json"
        try:
            about = json.loads(path.read_bytes())
            subsets = [(s["size"], s["trials"]) for s in about["subsets"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ResultsError(
                f"{store.folder} holds no curve that can be read; make it with `benchmark curve`"
            ) from error
        return cls(points_of(store, subsets), about)

    @property
    def shown(self) -> list[Point]:
        """The points of the split that the figure is about."""
        return [point for point in self.points if point.split == self.split]

    @property
    def label(self) -> str:
        """What it is called: its dataset and preset."""
        return f"{self.about['dataset']}-{self.about['preset']}"

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
        if self.crossover:
            parts += self.crossover.sentences
        else:
            parts.append(self._no_crossover())
        if self.about.get("preset") == "quick" and any(p.family == "deep" for p in self.points):
            parts.append("The preset quick under-trains the deep models.")
        return " ".join(parts)

    def _no_crossover(self) -> str:
        families = {point.family for point in self.shown if point.scores}
        lacking = {"deep", "classical"} - families
        if lacking:
            return f"No {' and no '.join(sorted(lacking))} model has a score to compare."
        return "At some sizes no deep or no classical model has a score, so no crossover is sought."

    def to_frame(self) -> pd.DataFrame:
        """The columns of `CURVE_COLUMNS`, a row per model, split and size."""
        import pandas as pd

        return pd.DataFrame([_cells(p) for p in self.points], columns=list(CURVE_COLUMNS))

    def write(self, folder: str | Path) -> None:
        """Write curve.csv, curve.md, curve.svg and curve.html, each whole or not at all.

        Raises ResultsError if the folder cannot be written.
        """
        from results.curve_figure import to_svg
        from results.curve_page import to_html, to_markdown

        folder = Path(folder)
        table = self.to_frame().to_csv(index=False, lineterminator="\n")
        write_atomically(folder / "curve.csv", table)
        write_atomically(folder / "curve.svg", to_svg(self))
        write_atomically(folder / "curve.md", to_markdown(self))
        write_atomically(folder / "curve.html", to_html(self))

    def __str__(self) -> str:
        from results.curve_page import to_text

        return to_text(self)

    def _repr_html_(self) -> str:
        from html import escape

        from results.curve_figure import to_svg

        return f"<p>{escape(self.text)}</p>\n{to_svg(self)}"


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


def _best(points: Sequence[Point], family: str, size: int) -> tuple[str, Scores] | None:
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
