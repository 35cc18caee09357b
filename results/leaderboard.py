"""The leaderboard: a table computed from records and predictions alone, written in three ways."""

from __future__ import annotations

import csv
import html
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from results import tables
from results.answer import Answer, answer
from results.differences import Difference
from results.exhibits import Exhibits
from results.machine import described, marks
from results.metrics import METRICS
from results.ranking import Standing, check_metric, standings
from results.row import Row, rows_of
from results.selection import Selection, selected
from results.statistics import wilson
from results.store import Store, write_atomically
from results.uncertainty import Uncertainty, uncertainties

if TYPE_CHECKING:
    import pandas as pd

    from results.compare import Comparison

COLUMNS = (
    "rank",
    "tied",
    "model",
    "family",
    "training",
    "inputs",
    "split",
    "n",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "balanced_accuracy",
    "f1_weighted",
    "f1_macro",
    "roc_auc",
    "log_loss",
    "ece",
    "mcc",
    "fit_seconds",
    "predict_seconds",
    "feature_seconds",
    "total_seconds",
    "device",
    "threads",
    "peak_memory_mb",
    "parameters",
    "seed",
    "status",
    "reason",
)
_WHOLE = ("rank", "n", "threads", "parameters", "seed")
_TEXT = ("model", "family", "training", "inputs", "split", "device", "status", "reason")
KINDS: dict[str, str] = {
    name: "boolean"
    if name == "tied"
    else "Int64"
    if name in _WHOLE
    else "str"
    if name in _TEXT
    else "float64"
    for name in COLUMNS
}
"""The pandas dtype of each column."""


class Leaderboard:
    """Every trial of one dataset and preset, a row per model and split, ranked within each split.

    standings: the rows in order; selection: the records they come from; sort_by: the metric that
    ranks them; run: what run.json says of the run, empty if that is not known; exhibits: pictures
    for its report, if there are any; answer: what the board says about deep learning.
    """

    def __init__(
        self,
        standings: Sequence[Standing],
        selection: Selection,
        sort_by: str = "accuracy",
        run: Mapping[str, Any] | None = None,
        exhibits: Exhibits | None = None,
    ) -> None:
        self.standings = tuple(standings)
        self.selection = selection
        self.sort_by = sort_by
        self.run = dict(run or {})
        self.exhibits = exhibits
        self.answer: Answer = answer(self.rows, self.run.get("duplicates_across_splits"))

    @classmethod
    def from_store(cls, store: Store, sort_by: str = "accuracy") -> Leaderboard:
        """The board of the last run in a store's folder.

        Raises ResultsError if `sort_by` is not a metric, or the folder has no record to show.
        """
        check_metric(sort_by)
        selection = selected(store)
        rows = [
            row
            for record in selection.records
            for row in rows_of(record, store.predictions(record.trial) if record.ok else {})
        ]
        exhibits = Exhibits(store.folder, selection.newest.fingerprint)
        return cls(standings(rows, sort_by), selection, sort_by, store.run(), exhibits)

    @property
    def rows(self) -> list[Row]:
        """The rows in the board's order."""
        return [standing.row for standing in self.standings]

    @cached_property
    def compared(self) -> list[tuple[Difference, Uncertainty]]:
        """Each row that is compared with the best of its split, and how sure its numbers are."""
        found = []
        for _, group in groupby(self.standings, key=lambda standing: standing.row.split):
            split = [s.difference for s in group if s.difference is not None]
            found += list(zip(split, uncertainties(split), strict=True))
        return found

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Each row against the best of its split: difference, tests, rank interval.

        Columns: `results.tables.DIFFERENCES`; see docs/statistics.md.
        """
        return tables.table(tables.difference_lines(self.compared), tables.DIFFERENCES)

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """The 95 % interval of each score that has one: columns `results.tables.INTERVALS`."""
        return tables.table(tables.interval_lines(self.compared), tables.INTERVALS)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """Precision, recall, F1 and support by class: columns `results.tables.CLASSES`."""
        return tables.table(tables.class_lines(self.rows), tables.CLASSES)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Confidence against accuracy in bins: columns `results.tables.RELIABILITY`."""
        return tables.table(tables.reliability_lines(self.rows), tables.RELIABILITY)

    @cached_property
    def seeds(self) -> pd.DataFrame:
        """Mean and spread of models with several seeds: columns `results.tables.SEEDS`."""
        return tables.table(tables.seed_lines(self.rows), tables.SEEDS)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the board must be warned of."""
        found = list(self.answer.warnings)
        marked = marks(self.selection.records)
        if marked:
            found.append(
                f"Times come from {len(marked)} machines and are no measure of one model against "
                f"another across them. {described(marked)}."
            )
        left_out = self.selection.left_out
        if left_out:
            records = "1 record" if left_out == 1 else f"{left_out} records"
            found.append(
                f"{records} of another dataset, preset, feature set or image size left out."
            )
        return tuple(found)

    def to_frame(self) -> pd.DataFrame:
        """The board as a table: the columns of `COLUMNS`, a row per model and split."""
        import pandas as pd

        cells = [_cells(standing) for standing in self.standings]
        return pd.DataFrame(cells, columns=list(COLUMNS)).astype(KINDS)

    def to_markdown(self) -> str:
        """The board as Markdown, which is what leaderboard.md holds."""
        from results.markdown import to_markdown

        return to_markdown(self)

    def to_latex(self) -> str:
        """The board as LaTeX tables for a paper; its first line names the packages they need."""
        from results.latex import to_latex

        return to_latex(self)

    def to_csv(self) -> str:
        """The board as in leaderboard.csv: every float in full, so that it reads back equal."""
        frame = self.to_frame()
        # Python before 3.13 does not quote a lone carriage return, which readers take for a line.
        has_returns = any(frame[name].str.contains("\r", regex=False).any() for name in _TEXT)
        quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL
        return frame.to_csv(index=False, lineterminator="\n", quoting=quoting)

    def write(self, folder: str | Path) -> None:
        """Write leaderboard.csv, leaderboard.md and report.html, each whole or not at all.

        Raises ResultsError if the folder cannot be written.
        """
        from results.report import to_html

        folder = Path(folder)
        write_atomically(folder / "leaderboard.csv", self.to_csv())
        write_atomically(folder / "leaderboard.md", self.to_markdown())
        write_atomically(folder / "report.html", to_html(self))

    def pictures_shown(self) -> list[str]:
        """The ids of the pictures that the report shows, where its exhibits have them."""
        from results.report import shown

        return shown(self)

    def compare(self, *others: Leaderboard | str | Path) -> Comparison:
        """This board beside others: a board, a run folder, a leaderboard.csv or 'published'.

        Raises ResultsError if one of them is not a board.
        """
        from results.compare import compare

        return compare(self, *others)

    @property
    def label(self) -> str:
        """What the board is called beside others: its dataset and preset."""
        newest = self.selection.newest
        return f"{newest.dataset}-{newest.preset}"

    def __len__(self) -> int:
        return len(self.standings)

    def __str__(self) -> str:
        from results.markdown import to_text

        return to_text(self)

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, na_rep="", float_format="{:.3f}".format)
        warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        said = f"<p>{html.escape(self.answer.text)}</p>"
        return said + (f"<ul>{warnings}</ul>" if warnings else "") + f"\n{table}"


def _cells(standing: Standing) -> dict[str, Any]:
    """One row's values, by column."""
    row, record = standing.row, standing.row.record
    low, high = wilson(int(row.correct.sum()), row.n) if record.ok else (None, None)
    return {
        "rank": standing.rank,
        "tied": standing.tied,
        "model": record.model,
        "family": record.family,
        "training": record.training,
        "inputs": record.inputs,
        "split": row.split,
        "n": row.n,
        "accuracy_low": low,
        "accuracy_high": high,
        **{name: row.scores.get(name) for name in METRICS},
        "fit_seconds": record.fit_seconds,
        "predict_seconds": row.predict_seconds,
        "feature_seconds": record.feature_seconds,
        "total_seconds": row.total_seconds,
        "device": record.device,
        "threads": record.threads,
        "peak_memory_mb": record.peak_memory_mb,
        "parameters": record.parameter_count,
        "seed": record.seed,
        "status": record.status,
        "reason": record.reason,
    }
