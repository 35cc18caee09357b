"""The leaderboard: a table computed from records and predictions alone, written in three ways."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results.answer import Answer, answer
from results.exhibits import Exhibits
from results.metrics import METRICS
from results.ranking import Standing, check_metric, standings
from results.record import ResultsError
from results.row import rows_of
from results.selection import Selection, select
from results.statistics import wilson
from results.store import Store, write_atomically

if TYPE_CHECKING:
    import pandas as pd

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
    ranks them; exhibits: pictures for its report, if there are any; answer: what the board says
    about deep learning.
    """

    def __init__(
        self,
        standings: Sequence[Standing],
        selection: Selection,
        sort_by: str = "accuracy",
        exhibits: Exhibits | None = None,
    ) -> None:
        self.standings = tuple(standings)
        self.selection = selection
        self.sort_by = sort_by
        self.exhibits = exhibits
        self.answer: Answer = answer([standing.row for standing in standings])

    @classmethod
    def from_store(cls, store: Store, sort_by: str = "accuracy") -> Leaderboard:
        """The board of the last run in a store's folder.

        Raises ResultsError if `sort_by` is not a metric, or the folder has no record to show.
        """
        check_metric(sort_by)
        try:
            selection = select(store.records(), store.run())
        except ResultsError as error:
            raise ResultsError(f"{store.folder}: {error}") from error
        rows = [
            row
            for record in selection.records
            for row in rows_of(record, store.predictions(record.trial) if record.ok else {})
        ]
        exhibits = Exhibits(store.folder, selection.newest.fingerprint)
        return cls(standings(rows, sort_by), selection, sort_by, exhibits)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the board must be warned of."""
        left_out = self.selection.left_out
        if not left_out:
            return self.answer.warnings
        records = "1 record" if left_out == 1 else f"{left_out} records"
        return (
            *self.answer.warnings,
            f"{records} of another dataset, preset, feature set or image size left out.",
        )

    def to_frame(self) -> pd.DataFrame:
        """The board as a table: the columns of `COLUMNS`, a row per model and split."""
        import pandas as pd

        cells = [_cells(standing) for standing in self.standings]
        return pd.DataFrame(cells, columns=list(COLUMNS)).astype(KINDS)

    def write(self, folder: str | Path) -> None:
        """Write leaderboard.csv, leaderboard.md and report.html, each whole or not at all.

        Floats are written in full, so that they read back equal. Raises ResultsError if the folder
        cannot be written.
        """
        from results.markdown import to_markdown
        from results.report import to_html

        folder = Path(folder)
        write_atomically(
            folder / "leaderboard.csv", self.to_frame().to_csv(index=False, lineterminator="\n")
        )
        write_atomically(folder / "leaderboard.md", to_markdown(self))
        write_atomically(folder / "report.html", to_html(self))

    def pictures_shown(self) -> list[str]:
        """The ids of the pictures that the report shows, where its exhibits have them."""
        from results.report import shown

        return shown(self)

    def compare(self, *others: Leaderboard | str | Path) -> pd.DataFrame:
        """This board beside others: a board, a run folder, a leaderboard.csv or 'published'.

        One row per model, training and split, as `results.compare.compare` has it. Raises
        ResultsError if one of them is not a board.
        """
        from results.compare import compare, label_for, load_board

        boards = {self.label: self.to_frame()}
        for other in others:
            if isinstance(other, Leaderboard):
                boards[label_for(other.label, boards)] = other.to_frame()
            else:
                boards[label_for(other, boards)] = load_board(other)
        return compare(boards)

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
        return f"<p>{html.escape(self.answer.text)}</p>\n{table}"


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
