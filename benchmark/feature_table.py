"""Feature table: what the features of a dataset's pictures look like as one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark import processes
from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.inputs import prepare
from benchmark.portions import Wanted
from benchmark.progress import Progress

if TYPE_CHECKING:
    import pandas as pd


def feature_table(contents: Dataset, wanted: Wanted, columns: Sequence[str]) -> pd.DataFrame:
    """One row a picture: ``id``, ``split``, ``label`` (class name), then ``columns``."""
    import pandas as pd

    with Progress() as progress:
        inputs = prepare(contents, wanted, processes.cores(), progress)
        for identity, reason in inputs.unreadable.items():
            progress.say(f"warning: {identity} is left out: {reason}")
    parts = []
    for name, split in inputs.dataset.splits.items():
        part = pd.DataFrame(np.load(inputs.features[name]), columns=list(columns))
        part.insert(0, "id", list(split.ids))
        part.insert(1, "split", name)
        part.insert(2, "label", [inputs.dataset.classes[label] for label in split.labels])
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def check_place(path: Path) -> None:
    """A table can be written to ``path``. Raises `InputError`; writes nothing."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{path} must end in .csv or .parquet")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(f"{path} can't be written; give a file in a folder that exists")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write the table as ``.csv`` or ``.parquet``, whole or not at all."""
    from results import write_atomically

    if path.suffix.lower() == ".parquet":
        write_atomically(path, table.to_parquet(index=False))
    else:
        write_atomically(path, table.to_csv(index=False, lineterminator="\n"))
