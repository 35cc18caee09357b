"""The learning curve: accuracy against the number of training pictures, shown and written."""

from __future__ import annotations

from html import escape
from pathlib import Path

from results.curve.figure import curve_figure
from results.curve.page import curve_markdown, curve_page, curve_text
from results.curve.points import Points
from results.records.files import write_atomically


class Curve(Points):
    """A learning curve: its points, and the ways to show them."""

    def write(self, folder: str | Path) -> None:
        """Write curve.csv, curve.md, curve.svg and curve.html, each whole or not at all.

        Raises
        ------
        ResultsError
            If the folder cannot be written.
        """
        folder = Path(folder)
        table = self.to_frame().to_csv(index=False, lineterminator="\n")
        write_atomically(folder / "curve.csv", table)
        write_atomically(folder / "curve.svg", curve_figure(self))
        write_atomically(folder / "curve.md", curve_markdown(self))
        write_atomically(folder / "curve.html", curve_page(self))

    def __str__(self) -> str:
        return curve_text(self)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text)}</p>\n{curve_figure(self)}"
