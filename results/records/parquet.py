"""Parquet files, read without belief in what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from results.errors import ResultsError
from results.records.reading import MOST_BINARY

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

# Columns of these kinds are read as a dictionary's numbers first: a short one may stand for the
# same long text a million times.
_LONG = ("text", "bytes")


def columns_of(
    data: bytes, kind_of: Callable[[str], str | None]
) -> tuple[dict[str, pa.ChunkedArray], dict[bytes, bytes]]:
    """The columns of a Parquet file by name, and the file's metadata.

    Parameters
    ----------
    data : the file.
    kind_of : a column's name to its kind: 'text', 'bytes', 'integer', 'float', or None for one that
        is not to be there.

    Raises
    ------
    ResultsError
        If it is no Parquet file or a damaged one, if a column is of another kind, or if it would
        take more than 2 GiB of memory: a small file can say that it has a billion rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(pa.BufferReader(data))
        schema = metadata.schema.to_arrow_schema()
        kinds = {name: kind_of(name) for name in schema.names}
        _check_schema(schema, kinds)
        long = [name for name, kind in kinds.items() if kind in _LONG]
        _check_size(metadata)
        file = pq.ParquetFile(
            pa.BufferReader(data),
            metadata=metadata,
            page_checksum_verification=True,
            read_dictionary=long,
        )
        table = file.read(use_threads=False)
        columns = {name: table[name] if name not in long else _plain(table[name]) for name in kinds}
        return columns, metadata.metadata or {}
    except ResultsError:
        raise
    except _faults() as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ResultsError(f"it is no Parquet file that can be read ({reason})") from error


def _faults() -> tuple[type[Exception], ...]:
    """What pyarrow raises where a file is damaged; some of its errors are Python's own."""
    import pyarrow as pa

    return pa.ArrowException, ValueError, OSError, LookupError, NotImplementedError, MemoryError


def _check_schema(schema: pa.Schema, kinds: dict[str, str | None]) -> None:
    from pyarrow import types

    if len(kinds) < len(schema):
        raise ResultsError("a column is there twice")
    is_of: dict[str | None, Callable[[Any], bool]] = {
        "text": types.is_string,
        "bytes": types.is_binary,
        "integer": types.is_int64,
        "float": types.is_float64,
    }
    for name, kind in kinds.items():
        if kind not in is_of or not is_of[kind](schema.field(name).type):
            raise ResultsError(f"a column {name!r:.80} of {schema.field(name).type!s:.80}")


def _check_size(metadata: pq.FileMetaData) -> None:
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    numbers = 8 * metadata.num_columns * max(metadata.num_rows, sum(g.num_rows for g in groups))
    if max(numbers, sum(group.total_byte_size for group in groups)) > MOST_BINARY:
        raise ResultsError(f"it says that it has {metadata.num_rows:,} rows, which is too much")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of texts without its dictionary."""
    import pyarrow.compute as pc

    sizes = (
        pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
        for chunk in column.chunks
    )
    if sum(sizes) > MOST_BINARY:
        raise ResultsError("its texts take up too much")
    plain = column.cast(column.type.value_type)
    plain.validate(full=True)  # texts are UTF-8
    return plain
