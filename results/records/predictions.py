"""What a trial answered about every picture that it was asked about; kept as a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from results.errors import ResultsError
from results.records.files import utf8
from results.records.parquet import columns_of

if TYPE_CHECKING:
    import pyarrow as pa

# What scores are, and how a file calls their columns.
_PREFIXES = {"probability": "p_", "decision": "d_"}

# The key of the file's metadata that says what was saved.
_SHAPES = b"results.splits"

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Shape(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A split as it was saved: n pictures, with so many columns of scores of that kind."""

    split: str
    n: _Count
    kind: Literal["probability", "decision", ""]
    width: _Count


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
    ids = list(map(utf8, predicted.ids))
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
    ResultsError
        If it is no such file, or a damaged one.
    """
    columns, metadata = columns_of(data, _kind_of)
    shapes = _shapes(metadata.get(_SHAPES, b""))
    predictions, start = {}, 0
    for shape in shapes:
        own = {name: column.slice(start, shape.n) for name, column in columns.items()}
        predictions[shape.split] = _of_split(own, shape)
        start += shape.n
    if len(predictions) < len(shapes):
        raise ResultsError("a split is there twice")
    if any(len(column) != start for column in columns.values()):
        raise ResultsError(f"not the {start} rows that were saved")
    return predictions


def _kind_of(name: str) -> str:
    return {"split": "text", "id": "text", "label": "integer", "predicted": "integer"}.get(
        name, "float"
    )


def _shapes(text: bytes) -> Sequence[_Shape]:
    try:
        return msgspec.json.decode(text, type=list[_Shape])
    except ValueError as error:
        raise ResultsError(f"it does not say what was saved in it ({error})") from error


def _of_split(columns: Mapping[str, pa.ChunkedArray], shape: _Shape) -> Predictions:
    scores = [f"{_PREFIXES[shape.kind]}{k}" for k in range(shape.width)] if shape.kind else []
    needed = ["split", "id", "label", "predicted", *scores]
    if lacking := next((name for name in needed if name not in columns), None):
        raise ResultsError(f"no column {lacking}")
    if any(columns[name].null_count for name in needed):
        raise ResultsError(f"values are missing on {shape.split}")
    if columns["split"].unique().to_pylist() not in ([], [shape.split]):
        raise ResultsError(f"rows of another split within {shape.split}")
    if any(len(columns[name]) != shape.n for name in needed):
        raise ResultsError(f"fewer rows on {shape.split} than the {shape.n} that were saved")
    table = np.empty((shape.n, shape.width)) if shape.kind else None
    for k, name in enumerate(scores):
        table[:, k] = columns[name].to_numpy()  # type: ignore[index]
    labels, predicted = (columns[name].to_numpy() for name in ("label", "predicted"))
    return Predictions(columns["id"].to_pylist(), labels, predicted, table, shape.kind)
