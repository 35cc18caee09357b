"""Merge: runs of one dataset on several machines as one run."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from results.exhibits import Exhibits
from results.record import Predictions, Record, ResultsError
from results.selection import selected
from results.store import Store, write_atomically

# What two runs must have in common, as run.json calls it and as one says it.
_SHARED = {
    "fingerprint": "dataset (fingerprint)",
    "preset": "preset",
    "feature_definition": "feature set (definition)",
    "image_size": "image size",
}


_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Merge:
    """The trials of several runs, each from the first folder that holds it. See `gather`."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    homes: dict[str, tuple[Record, Store]] = field(default_factory=dict)

    def write(self, folder: str | Path) -> None:
        """Write them as one run's folder; its leaderboards are still to be made of it.

        Raises ResultsError if it cannot be written.
        """
        target = Store(folder)
        for record, store in self.homes.values():
            target.save(record, store.predictions(record.trial) if record.ok else {})
        write_atomically(target.folder / "run.json", json.dumps(self._about(), indent=1) + "\n")
        self._keep_exhibits(target.folder)

    def _keep_exhibits(self, folder: Path) -> None:
        """Take over the pictures that the runs' reports show, and the first montage."""
        fingerprint = self.runs[0]["fingerprint"]
        theirs = [Exhibits(home, fingerprint) for home in reversed(self.folders)]
        pictures = {name: small for each in theirs for name, small in each.pictures().items()}
        if pictures:
            Exhibits(folder, fingerprint).keep_pictures(pictures)
        for montage in filter(None, (each.montage() for each in theirs)):
            Exhibits(folder, fingerprint).keep_montage(montage)

    def _about(self) -> dict[str, Any]:
        """run.json of the merged run. What the first run does not know, a later one does."""
        about: dict[str, Any] = {}
        for run in self.runs:
            about |= {name: value for name, value in run.items() if value and not about.get(name)}
        # Those that never ran first: a board lets them give way to what comes after.
        records = [record for record, _ in self.homes.values()]
        records.sort(key=lambda record: (_ran(record), record.age))
        return about | {"trials": [record.trial for record in records], "merged": self.folders}

    def _add(self, record: Record, store: Store) -> None:
        for known, home in list(self.homes.values()):
            if known.trial == record.trial:
                self._same_trial(known, home, record, store)
                return
            if _key(known) == _key(record) and _ran(known) and _ran(record):
                raise _conflict(
                    known, home, store, "made from another definition or other settings"
                )
        self.homes[record.trial] = record, store

    def _same_trial(self, known: Record, home: Store, record: Record, store: Store) -> None:
        if not _ran(known) and _ran(record):
            self.homes[record.trial] = record, store
        elif _ran(known) and _ran(record):
            if known.status != record.status:
                how = f"{known.status} in the one and {record.status} in the other"
                raise _conflict(known, home, store, how)
            if known.ok and not _same_answers(
                home.predictions(known.trial), store.predictions(record.trial)
            ):
                raise _conflict(known, home, store, "with other predictions")
            if known != record:
                _LOG.warning(
                    "%s (seed %d) is in %s and %s with the same answers; its times are those of %s",
                    *(known.model, known.seed, home.folder, store.folder, home.folder),
                )


def gather(folders: Sequence[str | Path]) -> Merge:
    """The boards of several run folders as one, which must be about one dataset. Writes nothing.

    Each folder gives the records that its own board shows. A trial that two of them hold is taken
    from the first if both gave the same answers, which a warning says.

    Raises ResultsError if a folder has no records, if the runs do not share dataset, preset,
    feature set and image size, or if two folders hold the same trial with other answers or the same
    model, seed and device from another definition.
    """
    merge = Merge()
    for folder in folders:
        store = Store(folder)
        records = selected(store).records
        run = _described(store, records)
        if merge.runs:
            _check_shared(merge.folders[0], merge.runs[0], str(folder), run)
        merge.runs.append(run)
        merge.folders.append(str(folder))
        for record in records:
            merge._add(record, store)
    return merge


def _described(store: Store, records: Sequence[Record]) -> dict[str, Any]:
    """The folder's run.json, or what its records say where there is none."""
    newest = records[-1]
    sizes = {record.image_size for record in records if record.image_size}
    said = {
        "source": newest.source,
        "dataset": newest.dataset,
        "fingerprint": newest.fingerprint,
        "preset": newest.preset,
        "classes": list(newest.classes),
        "splits": dict(newest.splits),
        "seed": newest.seed,
        "image_size": sizes.pop() if len(sizes) == 1 else None,
    }
    return {**said, **store.run()}


def _check_shared(
    first: str, mine: Mapping[str, Any], other: str, theirs: Mapping[str, Any]
) -> None:
    for name, word in _SHARED.items():
        # What one of the two does not know rules nothing out: it may have run no such models.
        if mine.get(name) and theirs.get(name) and mine[name] != theirs[name]:
            shown = [f"{run.get('dataset')} {run[name]}" for run in (mine, theirs)]
            raise ResultsError(
                f"{first} and {other} are not runs of one {word}: "
                f"{shown[0]} and {shown[1]}; merge runs that share it"
            )


def _key(record: Record) -> tuple[str, str, int, str]:
    return record.model, record.training, record.seed, record.device


def _ran(record: Record) -> bool:
    return record.status not in ("skipped", "unavailable")


def _same_answers(a: Mapping[str, Predictions], b: Mapping[str, Predictions]) -> bool:
    return a.keys() == b.keys() and all(_same(a[split], b[split]) for split in a)


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
