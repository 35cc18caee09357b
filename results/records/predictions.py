"""What a trial answered about every picture that it was asked about; kept as a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from results.errors import ResultsError

if TYPE_CHECKING:
    import pyarrow as pa

# What scores are, and how a file calls their columns.
_PREFIXES = {"probability": "p_", "decision": "d_"}

# The key of the file's metadata that says what was saved.
_SHAPES = b"results.splits"


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a trial answered about the n pictures of one split.

    Attributes
    ----------
    ids : n names.
    labels, predicted : int (n,), indices into the record's `classes`.
    scores : float (n, n_classes), for two classes too one column per class; or None.
    kind : what the scores are: 'probability' (rows sum to one), 'decision' (higher is likelier, any
        scale) or '' for None.

    Raises
    ------
    ResultsError
        Where the shapes do not agree.
    """

    ids: list[str]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    scores: NDArray[np.float64] | None = None
    kind: str = ""

    def __post_init__(self) -> None:
        n = len(self.ids)
        object.__setattr__(self, "ids", [str(i) for i in self.ids])
        for name in ("labels", "predicted"):
            values = np.asarray(getattr(self, name))
            if values.shape != (n,) or (n and not np.issubdtype(values.dtype, np.integer)):
                raise ResultsError(
                    f"{name} must be {n} integers, not {values.dtype} of shape {values.shape}"
                )
            object.__setattr__(self, name, values.astype(np.int64))
        if (self.scores is None) != (self.kind == "") or self.kind not in (*_PREFIXES, ""):
            raise ResultsError(
                f"scores are a 'probability' or a 'decision', or absent; not {self.kind!r}"
            )
        if self.scores is not None:
            scores = np.asarray(self.scores, dtype=np.float64)
            if scores.ndim != 2 or len(scores) != n:
                raise ResultsError(f"scores must have shape ({n}, n_classes), not {scores.shape}")
            object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which of the n pictures were classified correctly, bool (n,)."""
        return self.labels == self.predicted


def to_parquet(predictions: Mapping[str, Predictions]) -> bytes:
    """The predictions of each split as the content of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [_to_table(split, predicted) for split, predicted in predictions.items()]
    table = pa.concat_tables(tables, promote_options="default")
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
        for k, column in enumerate(predicted.scores.T):
            columns[f"{_PREFIXES[predicted.kind]}{k}"] = pa.array(column)
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
    if set(table["split"].to_pylist()) - {split}:
        raise ResultsError(f"rows of another split within {split}")
    scores = None
    if kind:
        scores = np.empty((len(table), width))
        for k in range(width):
            scores[:, k] = table[f"{_PREFIXES[kind]}{k}"].to_numpy()
    labels, predicted = table["label"].to_numpy(), table["predicted"].to_numpy()
    return Predictions(table["id"].to_pylist(), labels, predicted, scores, kind)
