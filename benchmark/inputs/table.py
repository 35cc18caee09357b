"""Feature table: what the features of a dataset's pictures look like as one table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from benchmark import processes
from benchmark.datasets import Dataset
from benchmark.errors import Interrupted
from benchmark.inputs import cache
from benchmark.inputs.oddities import lines_about
from benchmark.inputs.prepare import Inputs, prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.watch import Workers
from benchmark.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = 1 << 20  # that are written at a time


@dataclass(frozen=True)
class FeatureTable:
    """The features of a dataset's pictures, on disk: ``id``, ``split``, ``label``, then columns.

    Attributes
    ----------
    inputs : the dataset and its features.
    """

    inputs: Inputs

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as of a pandas frame."""
        return sum(map(len, self.inputs.dataset.splits.values())), 3 + len(self.inputs.columns)

    def frame(self) -> pd.DataFrame:
        """All of it in memory, once."""
        import pandas as pd

        n_rows, _ = self.shape
        values = np.empty((n_rows, len(self.inputs.columns)), order="F")
        ids: list[str] = []
        names: list[str] = []
        labels: list[str] = []
        for name, split in self.inputs.dataset.splits.items():
            values[len(ids) : len(ids) + len(split)] = self._values(name)
            ids += split.ids
            names += [name] * len(split)
            labels += self._labels(split.labels)
        return _framed(ids, names, labels, pd.DataFrame(values, columns=list(self.inputs.columns)))

    def write(self, path: Path) -> None:
        """Write it as ``.csv`` or ``.parquet``, whole or not at all, some rows at a time."""
        _write(self._blocks(), path)

    def _blocks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        step = _rows_of(len(self.inputs.columns))
        for name, split in self.inputs.dataset.splits.items():
            for first in range(0, len(split), step):
                rows = slice(first, min(first + step, len(split)))
                # Opened anew each time: what is mapped from a file counts as ours till it is shut.
                values = np.array(self._values(name)[rows], order="F")
                yield _framed(
                    split.ids[rows],
                    [name] * (rows.stop - first),
                    self._labels(split.labels[rows]),
                    pd.DataFrame(values, columns=list(self.inputs.columns)),
                )

    def _values(self, split: str) -> np.ndarray:
        return np.load(self.inputs.features[split], mmap_mode="r")

    def _labels(self, labels: np.ndarray) -> list[str]:
        return [self.inputs.dataset.classes[label] for label in labels]


def tabulated(contents: Dataset, spec: Spec) -> FeatureTable:
    """The features of a dataset's pictures, computed or taken from the cache.

    Raises
    ------
    Interrupted
        On Ctrl-C; it says what is kept.
    """
    with _interruptible(), Progress() as progress:
        inputs = prepare(contents, spec, Workers(processes.cores()), progress)
        for identity, reason in inputs.unreadable.items():
            progress.say(f"warning: {identity} is left out: {reason}")
        for line in lines_about(inputs.oddities, contents.source):
            progress.say(line)
    return FeatureTable(inputs)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(
            "interrupted: no table is written; the pictures that were prepared are kept in "
            f"{cache.folder()}; the same command goes on from there"
        ) from error


def _rows_of(n_columns: int) -> int:
    return max(1, _NUMBERS // max(1, n_columns))


def _framed(
    ids: Sequence[str], split: Sequence[str], labels: Sequence[str], table: pd.DataFrame
) -> pd.DataFrame:
    table.insert(0, "id", list(ids))
    table.insert(1, "split", list(split))
    table.insert(2, "label", list(labels))
    return table


def _write(blocks: Iterable[pd.DataFrame], path: Path) -> None:
    from results import whole_file

    as_text = path.suffix.lower() == ".csv"
    with _interruptible(), whole_file(path) as file:
        (_write_csv if as_text else _write_parquet)(blocks, file)


def _write_csv(blocks: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    for number, block in enumerate(blocks):
        text = block.to_csv(index=False, header=number == 0, lineterminator="\n")
        file.write(text.encode("utf-8", "backslashreplace"))


def _write_parquet(blocks: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for block in blocks:
            table = pa.Table.from_pandas(block, preserve_index=False)
            if writer is None:
                writer = pq.ParquetWriter(file, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
