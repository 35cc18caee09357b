"""The standings: every trial of one dataset and preset, from records and predictions alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Self

from results.board import tables
from results.board.answer import answer_of
from results.board.cautions import mixed_versions, odd_pictures
from results.board.columns import board_frame
from results.board.naming import machine_key, machine_letters, trial_names
from results.board.ranking import Standing, Uncertainty, ranked, uncertainties
from results.board.row import Row, rows_of
from results.records.exhibits import Exhibits
from results.records.record import Record
from results.records.selection import Selection, selected
from results.records.store import Store
from results.statistics.metrics import METRICS, check_metric

if TYPE_CHECKING:
    import pandas as pd


class Standings:
    """A row per model and split, ranked within each split.

    Attributes
    ----------
    selection : the records that the rows come from.
    sort_by : metric that ranks them.
    metrics : those that the rows are scored by, by name; what plugins declare later is none.
    answer : what the board says about deep learning.
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
        self.run = selection.run
        self.exhibits = exhibits
        self.metrics = dict(METRICS)
        self.answer = answer_of(self.rows, self.run.duplicates_across_splits)

    @classmethod
    def from_store(cls, store: Store, sort_by: str = "accuracy") -> Self:
        """The board of the last run in a store's folder.

        Raises
        ------
        ResultsError
            If `sort_by` is not a metric, or the folder has no record to show.
        """
        check_metric(sort_by)
        selection = selected(store)
        rows = [
            row
            for record in selection.records
            for row in rows_of(record, store.predictions(record.trial) if record.ok else {})
        ]
        exhibits = Exhibits(store.folder, selection.newest.fingerprint)
        return cls(ranked(rows, sort_by), selection, sort_by, exhibits)

    @property
    def records(self) -> Sequence[Record]:
        """The records of the trials, oldest first."""
        return self.selection.records

    @property
    def rows(self) -> list[Row]:
        """The rows in the board's order."""
        return [standing.row for standing in self.standings]

    @cached_property
    def by_split(self) -> dict[str, list[Standing]]:
        """The standings of each split."""
        groups = groupby(self.standings, key=lambda standing: standing.row.split)
        return {split: list(group) for split, group in groups}

    @cached_property
    def names(self) -> dict[str, str]:
        """Trial to what it is called."""
        return trial_names(self.records)

    @cached_property
    def letters(self) -> dict[str, str]:
        """Machine to its letter; empty if there is just one."""
        return machine_letters(self.records)

    @property
    def label(self) -> str:
        """What the board is called beside others: its dataset and preset."""
        newest = self.selection.newest
        return f"{newest.dataset}-{newest.preset}"

    @cached_property
    def uncertainties(self) -> list[Uncertainty]:
        """How sure the numbers are of each row that is compared with the best of its split."""
        compared = [
            [s.difference for s in group if s.difference] for group in self.by_split.values()
        ]
        return [sure for differences in compared for sure in uncertainties(differences)]

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Each row against the best of its split; columns `results.board.tables.DIFFERENCES`."""
        return tables.difference_table(self.uncertainties)

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """The 95 % interval of each score with one; columns `results.board.tables.INTERVALS`."""
        return tables.interval_table(self.uncertainties)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """Precision, recall, F1 and support by class; columns `results.board.tables.CLASSES`."""
        return tables.class_table(self.rows)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Confidence against accuracy in bins; columns `results.board.tables.RELIABILITY`."""
        return tables.reliability_table(self.rows)

    @cached_property
    def seeds(self) -> pd.DataFrame:
        """Mean and spread of models with several seeds; columns `results.board.tables.SEEDS`."""
        return tables.seed_table(self.rows)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the board must be warned of."""
        return (
            *self.answer.warnings,
            *odd_pictures(self.run.oddities, self.run.splits),
            *mixed_versions(self.records),
            *self._of_machines(),
            *self._of_metrics(),
            *self._left_out(),
        )

    def _of_machines(self) -> list[str]:
        if not self.letters:
            return []
        key = "; ".join(f"{letter}: {name}" for letter, name in machine_key(self.letters))
        return [
            f"Times come from {len(self.letters)} machines and are no measure of one model against "
            f"another across them. {key}."
        ]

    def _of_metrics(self) -> list[str]:
        """Metrics of plugins that failed, each as on its first row, or are not known here."""
        every = (item for row in reversed(self.rows) for item in row.faults.items())
        unknown = [
            f"metric {name!r}, which the run's board had, is not known here; give its --plugin"
            for name in self.run.metrics
            if name not in self.metrics
        ]
        return [*dict(every).values(), *unknown]

    def _left_out(self) -> list[str]:
        if not (count := self.selection.left_out):
            return []
        records = "1 record" if count == 1 else f"{count} records"
        return [f"{records} of another dataset, preset, feature set or image size left out."]

    def to_frame(self) -> pd.DataFrame:
        """The board as a table: the columns of `COLUMNS`, then those of plugins' metrics."""
        return board_frame(self.standings, self.metrics)

    def __len__(self) -> int:
        return len(self.standings)
