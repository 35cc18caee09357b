"""What a report shows beside numbers: small pictures and the montage, kept in the run's folder.

Whoever has the dataset puts them there, so that a report can be drawn again without it. They are
named by the dataset's fingerprint: a folder may hold runs of several datasets.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

from results.errors import ResultsError
from results.records.files import utf8, write_atomically
from results.records.parquet import columns_of
from results.records.reading import MOST_BINARY, read_file

_LOG = logging.getLogger(__name__)


class Exhibits:
    """The exhibits of one dataset under a run's folder. Making an Exhibits writes nothing."""

    def __init__(self, folder: str | Path, fingerprint: str) -> None:
        # It comes from a file, and must name none outside the folder.
        name = re.sub(r"[^0-9A-Za-z]", "", fingerprint)
        self._pictures = Path(folder) / "exhibits" / f"pictures-{name}.parquet"
        self._montage = Path(folder) / "exhibits" / f"montage-{name}"

    def pictures(self) -> dict[str, bytes]:
        """Small pictures by id, each an encoded JPEG or PNG; none if there is no file to believe.

        An id is written as `Predictions` of a store have it.
        """
        data = self._read(self._pictures)
        if data is None:
            return {}
        try:
            columns, _ = columns_of(data, {"id": "text", "picture": "bytes"}.get)
            names, pictures = (columns[name].to_pylist() for name in ("id", "picture"))
        except KeyError as error:
            _LOG.warning("%s is left out: no column %s", self._pictures, error)
            return {}
        except ResultsError as error:
            _LOG.warning("%s is left out: %s", self._pictures, error)
            return {}
        kept = zip(names, pictures, strict=True)
        return {name: small for name, small in kept if name is not None and small and mime(small)}

    def keep_pictures(self, pictures: Mapping[str, bytes]) -> None:
        """Keep these pictures, as `write_atomically` does, and none that were kept before."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {"id": pa.array(map(utf8, pictures), pa.string())}
        columns["picture"] = pa.array(pictures.values(), pa.binary())
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, compression="none")
        write_atomically(self._pictures, bytes(sink.getvalue()))

    def montage(self) -> bytes | None:
        """What the features see, a JPEG or PNG; None if there is none."""
        picture = self._read(self._montage)
        return picture if picture is not None and mime(picture) else None

    def keep_montage(self, picture: bytes) -> None:
        """Keep an encoded montage, as `write_atomically` does."""
        write_atomically(self._montage, picture)

    def _read(self, path: Path) -> bytes | None:
        """What a file holds; None if there is none, and with a warning if it cannot be read."""
        try:
            return read_file(path, MOST_BINARY)
        except FileNotFoundError:
            return None
        except ResultsError as error:
            _LOG.warning("%s is left out: %s", path, error)
            return None


def mime(picture: bytes) -> str:
    """The MIME type of an encoded JPEG or PNG; empty for anything else."""
    return {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}.get(picture[:2], "")
