"""The leaderboard: the standings, and every way to show and write them."""

from __future__ import annotations

import html
from pathlib import Path

from results.board.columns import csv_text
from results.board.standings import Standings
from results.comparison.compare import compare_boards
from results.comparison.comparison import Comparison
from results.records.files import write_atomically
from results.report.disagreements import pictures_shown
from results.report.page import report_page
from results.text.latex import board_latex
from results.text.markdown import board_markdown, board_text


class Leaderboard(Standings):
    """Every trial of one dataset and preset: `Standings`, and the ways to show and write them."""

    def to_markdown(self) -> str:
        """The board as Markdown, which is what leaderboard.md holds."""
        return board_markdown(self)

    def to_latex(self) -> str:
        """The board as LaTeX tables for a paper; its first line names the packages they need."""
        return board_latex(self)

    def to_csv(self) -> str:
        """The board as in leaderboard.csv: every float in full, so that it reads back equal."""
        return csv_text(self.to_frame())

    def write(self, folder: str | Path) -> None:
        """Write leaderboard.csv, leaderboard.md and report.html, each whole or not at all.

        Raises
        ------
        ResultsError
            If the folder cannot be written.
        """
        folder = Path(folder)
        write_atomically(folder / "leaderboard.csv", self.to_csv())
        write_atomically(folder / "leaderboard.md", self.to_markdown())
        write_atomically(folder / "report.html", report_page(self))

    def pictures_shown(self) -> list[str]:
        """The ids of the pictures that the report shows, where its exhibits have them."""
        return pictures_shown(self)

    def compare(self, *others: Standings | str | Path) -> Comparison:
        """This board beside others: `compare_boards` says what these may be."""
        return compare_boards(self, *others)

    def __str__(self) -> str:
        return board_text(self)

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, na_rep="", float_format="{:.3f}".format)
        warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        answer = f"<p>{html.escape(self.answer.text)}</p>"
        return answer + (f"<ul>{warnings}</ul>" if warnings else "") + f"\n{table}"
