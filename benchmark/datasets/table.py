"""A ready feature table: ``.csv`` or ``.parquet`` with columns ``split`` and ``label``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.datasets.dataset import Dataset, Split, natural_order
from benchmark.datasets.splits import split_name
from benchmark.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

NOT_FEATURES = ("id", "split", "label")


def load(path: Path, source: str) -> Dataset:
    """Read a feature table; every column but ``id``, ``split`` and ``label`` is a number.

    An empty cell is a missing value (NaN). Raises `InputError`.
    """
    frame = _read(path, source)
    for column in ("split", "label"):
        if column not in frame.columns:
            raise InputError(f"{source} has no column {column!r}; add one")
    if frame.empty:
        raise InputError(f"{source} has a header but no rows")
    if frame["label"].isna().any():
        row = int(np.flatnonzero(frame["label"].isna())[0])
        raise InputError(f"{source}: row {row + 1} has no label; fill it in or take the row out")
    columns = [column for column in frame.columns if column not in NOT_FEATURES]
    if not columns:
        raise InputError(f"{source} has no feature columns beside split and label")
    numbers = np.column_stack([_numbers(frame[column], source) for column in columns])
    labels = [str(label) for label in frame["label"]]
    classes = natural_order(labels)
    return Dataset(
        name=path.stem,
        source=source,
        classes=tuple(classes),
        splits=_splits(frame, numbers, labels, classes, source),
        columns=tuple(str(column) for column in columns),
    )


def _read(path: Path, source: str) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    if path.stat().st_size == 0:
        raise InputError(f"{source} is an empty file")
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype={"id": str, "split": str, "label": str}, low_memory=False)
    except (ValueError, OSError, pa.ArrowException) as error:
        raise InputError(
            f"{source} can't be read as a table: {str(error).splitlines()[0]}"
        ) from error


def _numbers(column: pd.Series, source: str) -> np.ndarray:
    import pandas as pd

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
    names = [split_name(str(name)) for name in frame["split"]]
    if None in names:
        row = names.index(None)
        raise InputError(
            f"{source}: row {row + 1} has the split {str(frame['split'].iloc[row])!r}; "
            "a split is train, val or test"
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
    ids = frame["id"].astype(str)
    if ids.duplicated().any():
        raise InputError(f"{source}: the id {ids[ids.duplicated()].iloc[0]!r} is there twice")
    return list(ids)
