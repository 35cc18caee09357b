"""A ready feature table: ``.csv`` or ``.parquet`` with columns ``split`` and ``label``."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.datasets.dataset import Dataset, Split
from benchmark.datasets.names import (
    about_names,
    class_names,
    natural_order,
    some_of,
)
from benchmark.datasets.splits import split_names
from benchmark.errors import InputError
from benchmark.printable import printable

if TYPE_CHECKING:
    import pandas as pd

NOT_FEATURES = ("id", "split", "label")

# What a column that numbers the rows is called: by pandas, and by people.
_UNNAMED = re.compile(r"unnamed: ?\d+|level_\d+", re.IGNORECASE)
_COUNTERS = re.compile(
    r"index|idx|rows?|#|n[or]|num|number|(.*[_ .-])?(id|idx|index)", re.IGNORECASE
)

# What stands for a missing number. In the other columns these are names: a class may be called NA.
_MISSING = ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "-nan", "null", "NULL", "None"]


def load_table(path: Path, source: str) -> Dataset:
    """Read a feature table; every column but ``id``, ``split`` and ``label`` is a number.

    An empty cell is a missing value (NaN). A column that only numbers the rows is left out.

    Raises
    ------
    InputError
        For what is no such table; it names the column and the row.
    """
    frame = _read(path, source)
    columns = [column for column in frame.columns if column not in NOT_FEATURES]
    if not columns:
        raise InputError(f"{source} has no columns of features beside split and label; add some")
    if frame.empty:
        raise InputError(f"{source} has a header but no rows; add some")
    raw = _labels(frame, source)
    called = class_names(raw)
    labels = [called[label] for label in raw]
    numbers = {str(column): _numbers(frame[column], source) for column in columns}
    counters = [name for name, values in numbers.items() if _numbers_rows(name, values)]
    if len(counters) == len(numbers):
        raise InputError(
            f"{source}: its only columns beside split and label number the rows "
            f"({some_of([*map(repr, counters)])}); add features"
        )
    kept = {name: values for name, values in numbers.items() if name not in counters}
    classes = natural_order(labels)
    return Dataset(
        name=printable(path.stem),
        source=source,
        classes=tuple(classes),
        splits=_splits(frame, np.column_stack([*kept.values()]), labels, classes, source),
        columns=tuple(map(printable, kept)),
        left_out=len(counters),
        remarks=(*about_names(called), *_about_counters(counters, kept)),
    )


def _numbers_rows(name: str, values: np.ndarray) -> bool:
    """Whether a column numbers rows, by its name and what it holds: whole numbers, no two equal.

    What pandas calls a column without a name may begin anew, where tables were put together.
    """
    if not np.array_equal(values, np.round(values)):  # NaN is not equal to itself
        return False
    if _UNNAMED.fullmatch(name):
        return True
    return bool(_COUNTERS.fullmatch(name.strip())) and len(np.unique(values)) == len(values)


def _about_counters(counters: Sequence[str], kept: Mapping[str, np.ndarray]) -> list[str]:
    remarks = []
    if counters:
        remarks.append(
            f"left out, since they number the rows: {some_of([*map(repr, counters)])}; a feature "
            "must be called something else"
        )
    steps = [
        name for name, values in kept.items() if len(values) > 2 and (np.diff(values) == 1).all()
    ]
    if steps:
        remarks.append(
            f"warning: {some_of([*map(repr, steps)])} grows by one from row to row; "
            "take it out if it numbers the rows"
        )
    return remarks


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
            raise InputError(
                f"{source} has no column {column!r}, only {some_of([*map(repr, names)])}; "
                f"{_remedy(column, names)}"
            )
    for place, name in enumerate(names):
        if not name.strip():
            raise InputError(
                f"{source}: column {place + 1} has no name; name it, or take it out if it only "
                "numbers the rows"
            )
        if name in names[:place]:
            raise InputError(f"{source} has two columns {name!r}; keep one")


def _remedy(column: str, names: Sequence[str]) -> str:
    """What to do about a column that is not among the names."""
    parted = [mark for mark in ";\t|" if any(mark in name for name in names)]
    if parted:
        return f"its cells are parted by {parted[0]!r}; save it with commas"
    close = [name for name in names if name.strip().casefold() == column]
    return f"call {close[0]!r} {column!r}" if close else "add one"


def _labels(frame: pd.DataFrame, source: str) -> list[str]:
    """The classes' names; whole numbers are names too, without a decimal point.

    Numbers that are not whole are measurements and no classes.
    """
    texts = _texts(frame, "label", source)
    if all(re.fullmatch(r"[+-]?[0-9]+", text.strip()) for text in texts):
        return texts
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return texts  # words
    for row, number in enumerate(numbers):
        if not (number.is_integer() and abs(number) < 2**53):
            raise InputError(
                f"{source}: row {row + 1} has the label {texts[row]}; a label is a class: give "
                "whole numbers, or names"
            )
    return [str(int(number)) for number in numbers]


def _texts(frame: pd.DataFrame, column: str, source: str) -> list[str]:
    """The cells of a column of names."""
    cells = zip(frame[column], frame[column].isna(), strict=True)
    texts = ["" if missing else str(cell) for cell, missing in cells]
    for row, text in enumerate(texts):
        if not text.strip():
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
    called = split_names(set(given))
    names = [called[name] for name in given]
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
    ids = [printable(text) for text in _texts(frame, "id", source)]
    seen: set[str] = set()
    for identity in ids:
        if identity in seen:
            raise InputError(f"{source}: the id {identity!r} is there twice; make ids unique")
        seen.add(identity)
    return ids
