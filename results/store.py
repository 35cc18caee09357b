"""The folder that a run writes to: one record and one file of predictions for each trial.

A file is written under a temporary name, flushed to the disk, then renamed; predictions come before
their record. So whatever kills a run, a record that can be read has complete predictions beside it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from results.record import Predictions, Record, ResultsError

if TYPE_CHECKING:
    import pyarrow as pa

_LOG = logging.getLogger(__name__)
_TEMPORARY = ".tmp-"
_FOLDERS = ("records", "predictions", "exhibits")
_KINDS_KEY = b"results.splits"
_PREFIXES = {"probability": "p_", "decision": "d_"}


class Store:
    """The records and predictions under one folder. Making a Store writes nothing."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def save(self, record: Record, predictions: Mapping[str, Predictions]) -> None:
        """Keep a trial: predictions first, then the record that vouches for them.

        Raises ResultsError if the record is ok and its predictions do not cover its splits and
        classes, or if the folder cannot be written.
        """
        if record.ok:
            _check_complete(record, predictions)
        if predictions:
            write_atomically(self._predictions_path(record.trial), _to_parquet(predictions))
        write_atomically(self._record_path(record.trial), record.to_json())
        if not predictions:
            self._predictions_path(record.trial).unlink(missing_ok=True)

    def records(self) -> list[Record]:
        """Every record that can be believed, oldest first; the others are named in a warning."""
        found = (self.get(path.stem) for path in self._visible("records", ".json"))
        return sorted((record for record in found if record), key=lambda record: record.age)

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

        Raises ResultsError if they are missing or damaged.
        """
        path = self._predictions_path(trial)
        try:
            return _from_parquet(path.read_bytes())
        except FileNotFoundError as error:
            raise ResultsError(f"{path} is missing; run the trial again") from error
        except (ValueError, KeyError, TypeError, OSError) as error:
            # pyarrow's own errors are ValueErrors and OSErrors.
            raise ResultsError(f"{path} is damaged ({error}); run the trial again") from error

    def run(self) -> dict[str, Any]:
        """What `run.json` says of the last run here; empty if there is none that can be read."""
        path = self.folder / "run.json"
        try:
            described = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as error:
            _LOG.warning("%s is left out: %s", path, error)
            return {}
        return described if isinstance(described, dict) else {}

    def clean(self) -> int:
        """Remove what a killed run left: temporary files, and predictions without a record.

        Returns the number of files removed. Not for a folder that another run is writing to.
        """
        leftovers = [
            path
            for folder in (self.folder, *(self.folder / name for name in _FOLDERS))
            for path in folder.glob(f"{_TEMPORARY}*")
        ]
        leftovers += [
            path
            for path in self._visible("predictions", ".parquet")
            if not self._record_path(path.stem).exists()
        ]
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


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that whoever looks finds the old content or the new, and never a part.

    Text is written as UTF-8; what UTF-8 cannot hold (file names of odd bytes) becomes escapes.
    Raises ResultsError if the file cannot be written.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the name ``path`` when the block has ended well.

    Raises ResultsError if the file cannot be written.
    """
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ResultsError(
            f"{path} cannot be written ({error.strerror or error}); "
            "free some space or choose another folder"
        ) from error


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


def _to_parquet(predictions: Mapping[str, Predictions]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables(
        [_to_table(split, predicted) for split, predicted in predictions.items()],
        promote_options="default",
    )
    # A column of scores is null in a split that has none, and a split may be empty: the columns
    # alone cannot say what was saved, so the file's metadata does.
    shapes = [
        [split, len(p), p.kind, 0 if p.scores is None else p.scores.shape[1]]
        for split, p in predictions.items()
    ]
    table = table.replace_schema_metadata({_KINDS_KEY: json.dumps(shapes)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, write_page_checksum=True)
    return bytes(sink.getvalue())


def _to_table(split: str, predicted: Predictions) -> pa.Table:
    import pyarrow as pa

    # A file name may hold bytes that are no UTF-8, which parquet's strings must be.
    ids = [i.encode("utf-8", "backslashreplace").decode() for i in predicted.ids]
    columns = {
        "split": pa.array([split] * len(ids), pa.string()),
        "id": pa.array(ids, pa.string()),
        "label": pa.array(predicted.labels),
        "predicted": pa.array(predicted.predicted),
    }
    if predicted.scores is not None:
        prefix = _PREFIXES[predicted.kind]
        for k, column in enumerate(predicted.scores.T):
            columns[f"{prefix}{k}"] = pa.array(column)
    return pa.table(columns)


def _from_parquet(data: bytes) -> dict[str, Predictions]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(data), page_checksum_verification=True, use_threads=False)
    shapes = json.loads((table.schema.metadata or {})[_KINDS_KEY])
    predictions, start = {}, 0
    for split, n, kind, width in shapes:
        predictions[split] = _from_table(table.slice(start, n), split, kind, width)
        start += n
    if start != len(table):
        raise ResultsError(f"{len(table)} rows where {start} were saved")
    return predictions


def _from_table(table: pa.Table, split: str, kind: str, width: int) -> Predictions:
    import numpy as np

    if set(table["split"].to_pylist()) - {split}:
        raise ResultsError(f"rows of another split within {split}")
    scores = None
    if kind:
        scores = np.empty((len(table), width))
        for k in range(width):
            scores[:, k] = table[f"{_PREFIXES[kind]}{k}"].to_numpy()
    return Predictions(
        ids=table["id"].to_pylist(),
        labels=table["label"].to_numpy(),
        predicted=table["predicted"].to_numpy(),
        scores=scores,
        kind=kind,
    )
