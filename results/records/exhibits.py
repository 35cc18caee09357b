"""What a report shows beside numbers: small pictures and the montage, kept in the run's folder.

Whoever has the dataset puts them there, so that a report can be drawn again without it. They are
named by the dataset's fingerprint: a folder may hold runs of several datasets.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

from results.records.files import write_atomically

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
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(pa.BufferReader(self._pictures.read_bytes()), use_threads=False)
            kept = zip(table["id"].to_pylist(), table["picture"].to_pylist(), strict=True)
            return {name: picture for name, picture in kept if mime(picture)}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, OSError) as error:
            _LOG.warning("%s is left out: %s", self._pictures, error)
            return {}

    def keep_pictures(self, pictures: Mapping[str, bytes]) -> None:
        """Keep these pictures, as `write_atomically` does, and none that were kept before."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        names = [name.encode("utf-8", "backslashreplace").decode() for name in pictures]
        columns = {"id": pa.array(names, pa.string())}
        columns["picture"] = pa.array(pictures.values(), pa.binary())
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, compression="none")
        write_atomically(self._pictures, bytes(sink.getvalue()))

    def montage(self) -> bytes | None:
        """What the features see, a JPEG or PNG; None if there is none."""
        try:
            picture = self._montage.read_bytes()
        except OSError:
            return None
        return picture if mime(picture) else None

    def keep_montage(self, picture: bytes) -> None:
        """Keep an encoded montage, as `write_atomically` does."""
        write_atomically(self._montage, picture)


def mime(picture: bytes) -> str:
    """The MIME type of an encoded JPEG or PNG; empty for anything else."""
    return {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}.get(picture[:2], "")
