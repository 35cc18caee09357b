"""Which of a folder's records make one leaderboard: it may hold several datasets or presets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from results.errors import ResultsError
from results.records.record import Record
from results.records.run import Run
from results.records.store import Store


@dataclass(frozen=True)
class Selection:
    """The records of one board.

    Attributes
    ----------
    records : oldest first.
    left_out : how many records of the folder belong to another board.
    run : what run.json says of the board.
    """

    records: tuple[Record, ...]
    left_out: int
    run: Run = field(default_factory=Run)

    @property
    def newest(self) -> Record:
        """The record that finished last."""
        return self.records[-1]


def selected(store: Store) -> Selection:
    """The records of the last run's board in a store's folder.

    Trials that only a curve asked for are none of the board's, nor left out of it.

    Raises
    ------
    ResultsError
        If no record is left.
    """
    run = store.run()
    if not store.has_run and (store.folder / "curve.json").exists():
        raise ResultsError(
            f"{store.folder} holds a curve and no run; `benchmark curve` makes its figure again"
        )
    only_a_curves = store.curve().trials - set(run.trials)
    records = [record for record in store.records() if record.trial not in only_a_curves]
    try:
        return select_records(records, run)
    except ResultsError as error:
        raise ResultsError(f"{store.folder}: {error}") from error


def select_records(records: Sequence[Record], run: Run) -> Selection:
    """The records of a run's board: those of its trials.

    If it does not say which these are, records of one board share the dataset's fingerprint and the
    preset; those of models that take features share the feature set, those of models that take
    images the image size; and if it does not name a dataset, the newest record does. Of records of
    the same model, training, seed and device, the one stands that comes last among the run's
    trials, or if none is there the newest.
    """
    if not records:
        raise ResultsError("no finished trial to make a leaderboard of; run the benchmark first")
    ordered = sorted(records, key=lambda record: record.age)
    about = run if run.fingerprint else Run.of_records(ordered)
    planned = {trial: place for place, trial in enumerate(about.trials)}
    mine = [r for r in ordered if (r.trial in planned if planned else about.is_about(r))]
    if not mine:
        raise ResultsError(
            f"none of {len(records)} records is of the last run's dataset and preset "
            f"({about.fingerprint}, {about.preset}); run the benchmark again"
        )
    # An old record may be the run's own again: a plugin edited and put back.
    mine.sort(key=lambda record: (planned.get(record.trial, -1), record.age))
    standing = sorted(_standing(mine), key=lambda record: record.age)
    return Selection(tuple(standing), len(records) - len(mine), run)


def _standing(ordered: Sequence[Record]) -> list[Record]:
    """The last record of each model, training, seed and device."""
    standing: dict[tuple[str, str, int, str], Record] = {}
    for record in ordered:
        key = (record.model, record.training, record.seed)
        # A trial that never reached a device (skipped, unavailable) gives way to any later one.
        standing.pop((*key, ""), None)
        standing.pop((*key, record.device), None)
        standing[(*key, record.device)] = record
    return list(standing.values())
