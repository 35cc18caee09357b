"""The hardware that a trial ran on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """A machine as a record's provenance tells of it; empty is what that does not know."""

    processor: str = ""
    cores: int = 0
    gpus: tuple[str, ...] = ()

    @classmethod
    def of(cls, provenance: Mapping[str, Any]) -> Machine:
        """The machine that a provenance names, as far as it does."""
        gpus = provenance.get("gpus")
        return cls(
            processor=str(provenance.get("processor") or ""),
            cores=provenance.get("cores") or 0,
            gpus=tuple(map(str, gpus)) if isinstance(gpus, list) else (),
        )

    @property
    def name(self) -> str:
        """What it is called: 'Node CPU, 64 cores, H200, H200'; empty where nothing is known."""
        cores = [f"{self.cores} cores"] if self.cores else []
        return ", ".join(part for part in (self.processor, *cores, *self.gpus) if part)
