"""Predictions as one Parquet file: the splits of a trial, one below the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from results.errors import ResultsError
from results.records.predictions import Predictions

if TYPE_CHECKING:
    import pyarrow as pa

# The key of the file's metadata that says what was saved.
_SHAPES = b"results.splits"

# Of the columns of scores, by their kind.
_PREFIXES = {"probability": "p_", "decision": "d_"}


def to_parquet(predictions: Mapping[str, Predictions]) -> bytes:
    """The predictions of each split as the content of a Parquet file."""
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
    table = table.replace_schema_metadata({_SHAPES: json.dumps(shapes)})
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


def from_parquet(data: bytes) -> dict[str, Predictions]:
    """The predictions of each split, in the order they were saved.

    Raises
    ------
    ValueError, KeyError, TypeError, OSError
        If it is no such file, or a damaged one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(data), page_checksum_verification=True, use_threads=False)
    shapes = json.loads((table.schema.metadata or {})[_SHAPES])
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
