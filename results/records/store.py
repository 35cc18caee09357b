"""The folder that a run writes to: one record and one file of predictions for each trial.

A file is written under a temporary name, flushed to the disk, then renamed; predictions come before
their record. So whatever kills a run, a record that can be read has complete predictions beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from results.errors import ResultsError
from results.records.files import TEMPORARY, write_atomically
from results.records.predictions import Predictions, from_parquet, to_parquet
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
        if predictions:
            write_atomically(self._predictions_path(record.trial), to_parquet(predictions))
        write_atomically(self._record_path(record.trial), record.to_json())
        if not predictions:
            self._predictions_path(record.trial).unlink(missing_ok=True)

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
            record = Record.from_json(path.read_bytes())
            if record.trial != trial:
                raise ResultsError(f"it is the record of {record.trial}")
            if record.ok:
                _check_complete(record, self.predictions(trial))
        except FileNotFoundError:
            return None
        except (ResultsError, OSError) as error:
            _LOG.warning("%s is left out: %s", path, error)
            return None
        return record

    def predictions(self, trial: str) -> dict[str, Predictions]:
        """The predictions of a trial, split by split in the order they were saved.

        Raises
        ------
        ResultsError
            If they are missing or damaged.
        """
        path = self._predictions_path(trial)
        try:
            return from_parquet(path.read_bytes())
        except FileNotFoundError as error:
            raise ResultsError(f"{path} is missing; run the trial again") from error
        except (ValueError, KeyError, TypeError, OSError) as error:
            # pyarrow's own errors are ValueErrors and OSErrors.
            raise ResultsError(f"{path} is damaged ({error}); run the trial again") from error

    def run(self) -> Run:
        """What `run.json` says of the last run here; false if there is none that can be read."""
        return Run.read(self.folder)

    def curve(self) -> CurveRun:
        """What `curve.json` says of the last learning curve here."""
        return CurveRun.read(self.folder)

    def clean(self) -> int:
        """Remove what a killed run left, and count it: temporary files, predictions of no record.

        Not for a folder that another run is writing to.
        """
        folders = [self.folder, *(self.folder / name for name in _FOLDERS)]
        leftovers = [path for folder in folders for path in folder.glob(f"{TEMPORARY}*")]
        predictions = self._visible("predictions", ".parquet")
        leftovers += [path for path in predictions if not self._record_path(path.stem).exists()]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def _record_path(self, trial: str) -> Path:
        return self.folder / "records" / f"{trial}.json"

    def _predictions_path(self, trial: str) -> Path:
        return self.folder / "predictions" / f"{trial}.parquet"

    def _visible(self, folder: str, suffix: str) -> list[Path]:
        paths = (self.folder / folder).glob(f"*{suffix}")
        return sorted(path for path in paths if not path.name.startswith("."))


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
