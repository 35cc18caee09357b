"""Merge: runs of one dataset on several machines as one run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from results.errors import ResultsError
from results.records.exhibits import Exhibits
from results.records.predictions import Predictions
from results.records.record import Record
from results.records.run import Run
from results.records.selection import selected
from results.records.store import Store

# What two runs must have in common, as `Run` calls it and as one says it.
_SHARED = {
    "fingerprint": "dataset (fingerprint)",
    "preset": "preset",
    "feature_definition": "feature set (definition)",
    "image_size": "image size",
}
_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class _Merge:
    """The trials of several runs: each one's record, and the store that it comes from."""

    runs: list[Run] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    homes: dict[str, tuple[Record, Store]] = field(default_factory=dict)

    def write(self, folder: str | Path) -> None:
        target = Store(folder)
        for record, store in self.homes.values():
            target.save(record, store.predictions(record.trial) if record.ok else {})
        # Those that never ran first: a board lets them give way to what comes after.
        records = sorted((r for r, _ in self.homes.values()), key=lambda r: (r.ran, r.age))
        run = Run.of_runs(self.runs, [record.trial for record in records], self.folders)
        run.write(target.folder)
        self._keep_exhibits(target.folder)

    def _keep_exhibits(self, folder: Path) -> None:
        """Take over the pictures that the runs' reports show, and the first montage."""
        fingerprint = self.runs[0].fingerprint
        exhibits = [Exhibits(home, fingerprint) for home in reversed(self.folders)]
        pictures = {name: small for each in exhibits for name, small in each.pictures().items()}
        if pictures:
            Exhibits(folder, fingerprint).keep_pictures(pictures)
        for montage in filter(None, (each.montage() for each in exhibits)):
            Exhibits(folder, fingerprint).keep_montage(montage)

    def _add(self, record: Record, store: Store) -> None:
        for known, home in list(self.homes.values()):
            if known.trial == record.trial:
                if record.ran and not known.ran:
                    self.homes[record.trial] = record, store
                elif record.ran:
                    _check_same_answers(known, home, record, store)
                return
            if _key(known) == _key(record) and known.ran and record.ran:
                how = "made from another definition, other settings or other versions"
                raise _conflict(known, home, store, how)
        self.homes[record.trial] = record, store


def gather(folders: Sequence[str | Path]) -> _Merge:
    """The boards of several run folders as one, which must be about one dataset. Writes nothing.

    Each folder gives the records that its own board shows. A trial that two of them hold is taken
    from the first if both gave the same answers, which a warning says. `write(folder)` makes a
    run's folder of them, as `Store.save` does; its leaderboards are still to be made.

    Raises
    ------
    ResultsError
        If a folder has no records, if the runs do not share dataset, preset, feature set and image
        size, or if two folders hold the same trial with other answers or the same model, seed and
        device from another definition.
    """
    merge = _Merge()
    for folder in folders:
        store = Store(folder)
        records = selected(store).records
        run = Run.read(store.folder, Run.of_records(records))
        if merge.runs:
            _check_shared(merge.folders[0], merge.runs[0], str(folder), run)
        merge.runs.append(run)
        merge.folders.append(str(folder))
        for record in records:
            merge._add(record, store)
    return merge


def _check_shared(first: str, mine: Run, other: str, theirs: Run) -> None:
    for name, word in _SHARED.items():
        values = [getattr(run, name) for run in (mine, theirs)]
        # What one of the two does not know rules nothing out: it may have run no such models.
        if all(values) and values[0] != values[1]:
            raise ResultsError(
                f"{first} and {other} are not runs of one {word}: {mine.dataset} {values[0]} and "
                f"{theirs.dataset} {values[1]}; merge runs that share it"
            )


def _key(record: Record) -> tuple[str, str, int, str]:
    return record.model, record.training, record.seed, record.device


def _check_same_answers(known: Record, home: Store, record: Record, store: Store) -> None:
    if known.status != record.status:
        how = f"{known.status} in the one and {record.status} in the other"
        raise _conflict(known, home, store, how)
    if known.ok:
        mine, theirs = home.predictions(known.trial), store.predictions(known.trial)
        if mine.keys() != theirs.keys() or not all(_same(mine[k], theirs[k]) for k in mine):
            raise _conflict(known, home, store, "with other predictions")
    if known != record:
        _LOG.warning(
            "%s (seed %d) is in %s and %s with the same answers; its times are those of %s",
            *(known.model, known.seed, home.folder, store.folder, home.folder),
        )


def _same(a: Predictions, b: Predictions) -> bool:
    if (a.ids, a.kind) != (b.ids, b.kind):
        return False
    if not np.array_equal(a.labels, b.labels) or not np.array_equal(a.predicted, b.predicted):
        return False
    if a.scores is None or b.scores is None:
        return True
    # The last digits may differ, as processors do.
    return a.scores.shape == b.scores.shape and np.allclose(a.scores, b.scores, atol=1e-6)


def _conflict(known: Record, home: Store, other: Store, how: str) -> ResultsError:
    return ResultsError(
        f"{known.model} (trial {known.trial}, seed {known.seed}, {known.device or 'no device'}) is "
        f"in both {home.folder} and {other.folder}, {how}; take its record out of one of them"
    )
