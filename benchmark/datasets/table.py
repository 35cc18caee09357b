"""A ready feature table: ``.csv`` or ``.parquet`` with columns ``split`` and ``label``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.datasets.dataset import Dataset, Split, natural_order, printable
from benchmark.datasets.splits import split_name
from benchmark.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

NOT_FEATURES = ("id", "split", "label")

# What stands for a missing number. In the other columns these are names: a class may be called NA.
_MISSING = ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "-nan", "null", "NULL", "None"]


def load_table(path: Path, source: str) -> Dataset:
    """Read a feature table; every column but ``id``, ``split`` and ``label`` is a number.

    An empty cell is a missing value (NaN).
    """
    frame = _read(path, source)
    columns = [column for column in frame.columns if column not in NOT_FEATURES]
    if not columns:
        raise InputError(f"{source} has no columns of features beside split and label; add some")
    if frame.empty:
        raise InputError(f"{source} has a header but no rows; add some")
    labels = _texts(frame, "label", source)
    numbers = np.column_stack([_numbers(frame[column], source) for column in columns])
    classes = natural_order(labels)
    return Dataset(
        name=printable(path.stem),
        source=source,
        classes=tuple(classes),
        splits=_splits(frame, numbers, labels, classes, source),
        columns=tuple(str(column) for column in columns),
    )


def _read(path: Path, source: str) -> pd.DataFrame:
    import pyarrow as pa

    if path.stat().st_size == 0:
        raise InputError(f"{source} is an empty file; give a table")
    read = _read_parquet if path.suffix.lower() == ".parquet" else _read_csv
    try:
        return read(path, source)
    except InputError:
        raise
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no text in UTF-8; save it as UTF-8") from error
    except (ValueError, OSError, csv.Error, pa.ArrowException) as error:
        why = str(error).splitlines()[0]
        raise InputError(f"{source} can't be read as a table ({why}); save it again") from error


def _read_parquet(path: Path, source: str) -> pd.DataFrame:
    import pandas as pd
    import pyarrow.parquet as pq

    _check_header([str(name) for name in pq.read_schema(path).names], source)
    frame = pd.read_parquet(path)
    named = [level for level in frame.index.names if level is not None]
    return frame.reset_index(named) if named else frame


def _read_csv(path: Path, source: str) -> pd.DataFrame:
    import pandas as pd

    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(filter(None, csv.reader(file)), [])
    _check_header(header, source)
    frame = pd.read_csv(
        path,
        dtype=dict.fromkeys(NOT_FEATURES, str),
        na_values={name: _MISSING for name in header if name not in NOT_FEATURES},
        keep_default_na=False,
        low_memory=False,
    )
    if not isinstance(frame.index, pd.RangeIndex):  # pandas took the first cells for an index
        raise InputError(f"{source} has rows with more cells than its header; name every column")
    return frame


def _check_header(names: list[str], source: str) -> None:
    if not any(name.strip() for name in names):
        raise InputError(f"{source} has no header; name the columns in its first line")
    for column in ("split", "label"):
        if column not in names:
            listed = ", ".join(map(repr, names[:5])) + (" ..." if len(names) > 5 else "")
            raise InputError(f"{source} has no column {column!r}, only {listed}; add one")
    for place, name in enumerate(names):
        if not name.strip():
            raise InputError(
                f"{source}: column {place + 1} has no name; name it, or take it out if it only "
                "numbers the rows"
            )
        if name in names[:place]:
            raise InputError(f"{source} has two columns {name!r}; keep one")


def _texts(frame: pd.DataFrame, column: str, source: str) -> list[str]:
    """The cells of a column of names."""
    cells = zip(frame[column], frame[column].isna(), strict=True)
    texts = ["" if missing else str(cell) for cell, missing in cells]
    for row, text in enumerate(texts):
        if text.strip().lower() in ("", "nan"):
            raise InputError(
                f"{source}: row {row + 1} has no {column}; fill it in or take the row out"
            )
    return texts


def _numbers(column: pd.Series, source: str) -> np.ndarray:
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        raise InputError(
            f"{source}: column {column.name!r} holds times ({column.dtype}); "
            "every column but id, split and label must be a number"
        )
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = np.flatnonzero(numbers.isna() & column.notna())
    if len(wrong):
        raise InputError(
            f"{source}: column {column.name!r} has the text {str(column.iloc[wrong[0]])!r} in row "
            f"{wrong[0] + 1}; every column but id, split and label must be a number"
        )
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    endless = np.flatnonzero(np.isinf(values))
    if len(endless):
        raise InputError(
            f"{source}: column {column.name!r} is infinite in row {endless[0] + 1}; "
            "leave a cell empty where there is no value"
        )
    return values


def _splits(
    frame: pd.DataFrame, numbers: np.ndarray, labels: list[str], classes: list[str], source: str
) -> dict[str, Split]:
    given = _texts(frame, "split", source)
    names = [split_name(name) for name in given]
    if None in names:
        row = names.index(None)
        raise InputError(
            f"{source}: row {row + 1} has the split {given[row]!r}; a split is train, val or test"
        )
    ids = _ids(frame, source)
    number = {name: index for index, name in enumerate(classes)}
    indexes = np.array([number[label] for label in labels], dtype=np.int64)
    order = np.array(names, dtype=object)
    splits = {}
    for name in dict.fromkeys(names):
        rows = np.flatnonzero(order == name)
        splits[str(name)] = Split(
            labels=indexes[rows], ids=[ids[row] for row in rows], table=numbers[rows]
        )
    return splits


def _ids(frame: pd.DataFrame, source: str) -> list[str]:
    if "id" not in frame.columns:
        return [f"row-{row + 1:05d}" for row in range(len(frame))]
    ids = _texts(frame, "id", source)
    seen: set[str] = set()
    for identity in ids:
        if identity in seen:
            raise InputError(f"{source}: the id {identity!r} is there twice; make ids unique")
        seen.add(identity)
    return ids
