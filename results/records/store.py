"""The folder that a run writes to: one record and one file of predictions for each trial.

A file is written under a temporary name, flushed to the disk, then renamed; predictions come before
their record, which holds their digest. So whatever kills a run, a record that can be read has its
own complete predictions beside it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from results.errors import ResultsError
from results.records.files import TEMPORARY, write_atomically
from results.records.predictions import Predictions, from_parquet, to_parquet
from results.records.reading import MOST_BINARY, MOST_TEXT, read_file
from results.records.record import Record
from results.records.run import CurveRun, Run

_LOG = logging.getLogger(__name__)
_FOLDERS = ("records", "predictions", "exhibits")


class Store:
    """The records and predictions under one folder. Making a Store writes nothing."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def save(self, record: Record, predictions: Mapping[str, Predictions]) -> None:
        """Keep a trial: predictions first, then the record that vouches for them.

        Raises
        ------
        ResultsError
            If the record is ok and its predictions do not cover its splits and classes, or if the
            folder cannot be written.
        """
        if record.ok:
            _check_complete(record, predictions)
        path, digest = self._predictions_path(record.trial), ""
        if predictions:
            data = to_parquet(predictions)
            digest = _digest(data)
            write_atomically(path, data)
        kept = replace(record, predictions_digest=digest)
        write_atomically(self._record_path(record.trial), kept.to_json())
        if not predictions:
            _remove(path)

    def records(self) -> list[Record]:
        """Every record that can be believed, oldest first; the others are named in a warning."""
        records = (self.get(path.stem) for path in self._visible("records", ".json"))
        return sorted((record for record in records if record), key=lambda record: record.age)

    def get(self, trial: str) -> Record | None:
        """The record of a trial, None if there is none or it cannot be believed.

        A record cannot be believed if it is damaged, not a record of this trial, or ok without
        complete predictions.
        """
        path = self._record_path(trial)
        try:
            record = self._record(trial)
            if record.ok:
                _check_complete(record, self._predictions(record))
        except FileNotFoundError:
            return None
        except ResultsError as error:
            _LOG.warning("%s is left out: %s", path, error)
            return None
        return record

    def predictions(self, trial: str) -> dict[str, Predictions]:
        """The predictions of a trial, split by split in the order they were saved.

        Raises
        ------
        ResultsError
            If they or their record are missing or damaged, or are not of one another.
        """
        try:
            return self._predictions(self._record(trial))
        except FileNotFoundError as error:
            path = self._record_path(trial)
            raise ResultsError(f"{path} is missing; run the trial again") from error

    def _record(self, trial: str) -> Record:
        """The record that the trial's file holds, whatever of its predictions."""
        record = Record.from_json(read_file(self._record_path(trial), MOST_TEXT))
        if record.trial != trial:
            raise ResultsError(f"it is the record of {record.trial}")
        return record

    def _predictions(self, record: Record) -> dict[str, Predictions]:
        path = self._predictions_path(record.trial)
        try:
            data = read_file(path, MOST_BINARY)
            # Records that were written before there was a digest have none.
            if record.predictions_digest not in ("", _digest(data)):
                raise ResultsError("they are not what its record was written with")
            return from_parquet(data)
        except FileNotFoundError as error:
            raise ResultsError(f"{path} is missing; run the trial again") from error
        except ResultsError as error:
            raise ResultsError(f"{path} is damaged ({error}); run the trial again") from error

    @property
    def has_run(self) -> bool:
        """Whether anything is there in the place of `run.json`, if only a damaged file."""
        return _exists(self.folder / "run.json")

    def run(self) -> Run:
        """What `run.json` says of the last run here; false if there is none that can be read."""
        return Run.read(self.folder)

    def curve(self) -> CurveRun:
        """What `curve.json` says of the last learning curve here."""
        return CurveRun.read(self.folder)

    def clean(self) -> int:
        """Remove what a killed run left, and count it: temporary files, predictions of no record.

        What can't be removed is named in a warning. Not for a folder that another run is writing
        to.
        """
        folders = [self.folder, *(self.folder / name for name in _FOLDERS)]
        leftovers = [path for folder in folders for path in folder.glob(f"{TEMPORARY}*")]
        records = self.folder / "records"
        if records.is_dir() or not _exists(records):
            predictions = self._visible("predictions", ".parquet")
            leftovers += [path for path in predictions if not _exists(self._record_path(path.stem))]
        return sum(map(_remove, leftovers))

    def _record_path(self, trial: str) -> Path:
        return self.folder / "records" / f"{trial}.json"

    def _predictions_path(self, trial: str) -> Path:
        return self.folder / "predictions" / f"{trial}.parquet"

    def _visible(self, folder: str, suffix: str) -> list[Path]:
        paths = (self.folder / folder).glob(f"*{suffix}")
        return sorted(path for path in paths if not path.name.startswith("."))


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _exists(path: Path) -> bool:
    """Whether anything has the name, if only a link that leads nowhere."""
    return path.is_symlink() or path.exists()


def _remove(path: Path) -> bool:
    """Remove a file; whether there was one, and it is gone."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        _LOG.warning("%s can't be removed: %s", path, error.strerror or error)
        return False
    return True


def _check_complete(record: Record, predictions: Mapping[str, Predictions]) -> None:
    """Raise ResultsError unless every split and class of an ok record has its predictions."""
    sizes = {split: len(predicted) for split, predicted in predictions.items()}
    if sizes != record.splits:
        raise ResultsError(f"predictions for {sizes} where the record has {record.splits}")
    n_classes = len(record.classes)
    for split, predicted in predictions.items():
        if predicted.scores is not None and predicted.scores.shape[1] != n_classes:
            raise ResultsError(
                f"{predicted.scores.shape[1]} columns of scores on {split} for {n_classes} classes"
            )
        for values in (predicted.labels, predicted.predicted):
            if len(values) and not (values.min() >= 0 and values.max() < n_classes):
                raise ResultsError(f"a class outside 0 to {n_classes - 1} on {split}")
