"""A comparison: the first board beside each of the others, and the ways to show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from results.comparison.change import BoardPair, Change
from results.comparison.text import comparison_text, pair_lines, regression_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Comparison:
    """The first board beside each of the others."""

    pairs: tuple[BoardPair, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The regressions of every pair.

        Raises
        ------
        ResultsError
            As `BoardPair.regressions` does.
        """
        return tuple(change for pair in self.pairs for change in pair.regressions)

    @property
    def regression_line(self) -> str:
        """The regressions in one line, with the seed of a row where the model has several."""
        return regression_text(self.pairs)

    def to_frame(self) -> pd.DataFrame:
        """A line for each row of each pair; what there is none of is empty."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "first": pair.first,
                    "other": pair.other,
                    "model": change.model,
                    "training": change.training,
                    "split": change.split,
                    **_of_sides(change),
                    "difference": change.difference,
                    "difference_low": change.low,
                    "difference_high": change.high,
                    "p": change.p,
                    "basis": change.basis,
                    "verdict": change.verdict,
                }
                for pair in self.pairs
                for change in pair.changes
            ]
        )

    def __str__(self) -> str:
        return comparison_text(self.pairs)

    def _repr_html_(self) -> str:
        from html import escape

        table = self.to_frame().to_html(index=False, na_rep="", float_format="{:.3f}".format)
        lines = [line for pair in self.pairs for line in pair_lines(pair)]
        return "\n".join([table, *(f"<p>{escape(line)}</p>" for line in lines)])


def _of_sides(change: Change) -> dict[str, object]:
    """What both boards say of a row, for a table."""
    sides = {"first": change.first, "other": change.other}
    cells: dict[str, object] = {
        f"{name}_{which}": getattr(side, name, None)
        for name in ("device", "seed", "status", "accuracy", "seconds")
        for which, side in sides.items()
    }
    counts = {f"seeds_{which}": len(side.seeds) if side else None for which, side in sides.items()}
    return cells | counts
