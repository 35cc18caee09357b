"""What one trial left behind."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from numbers import Integral, Real
from typing import Annotated, Any, get_type_hints

import msgspec
import numpy as np
from msgspec import Meta

from results.errors import ResultsError
from results.records.provenance import Explanation, explanation_of, history_of, machine_of
from results.records.reading import json_object

STATUSES = ("ok", "failed", "timeout", "memory", "skipped", "unavailable")

# A trial names files: anything but hexadecimal digits could name one outside the folder.
_Trial = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
_Family = Annotated[str, Meta(pattern=r"\A(classical|deep)\Z")]
_Training = Annotated[str, Meta(pattern=r"\A(random|pretrained|)\Z")]
_Inputs = Annotated[str, Meta(pattern=r"\A(features|images)\Z")]
_Status = Annotated[str, Meta(pattern=rf"\A({'|'.join(STATUSES)})\Z")]
# Whole numbers that a table can hold, pictures that a disk can, seconds that a life can, classes of
# which a matrix takes 8 GiB: what is beyond is damage.
_Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_Pictures = Annotated[int, Meta(ge=0, lt=2**40)]
_Amount = Annotated[float, Meta(ge=0, le=1e12)]
_Splits = Annotated[dict[str, _Pictures], Meta(min_length=1)]
_Classes = Annotated[tuple[str, ...], Meta(max_length=2**15)]

# Fields whose values may be anything.
_FREE = ("parameters", "provenance")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One trial: one model, one dataset, one seed. Immutable; a leaderboard is made of these.

    Durations are in seconds, memory in megabytes. What is not known is None.

    Attributes
    ----------
    trial : hash (16 hexadecimal digits) of everything that determines the trial.
    parameters, provenance : what JSON can hold; any other value in them is written as its `repr`.
    splits : each scored split and its number of pictures, in the order of the board.
    split_fingerprints : tell whether two records are about the same pictures.
    feature_seconds : what computing the model's features took; None if it took pictures or a ready
        table.
    started, finished : in ISO 8601, UTC where they name no zone.
    predictions_digest : BLAKE2b (128 bits, hexadecimal) of the file of its predictions; empty where
        there is none, or a version wrote it that kept none.

    Raises
    ------
    ResultsError
        If a value is of the wrong kind.
    """

    trial: _Trial
    model: str
    family: _Family
    training: _Training
    inputs: _Inputs
    seed: _Whole
    preset: str
    status: _Status
    reason: str = ""
    notes: tuple[str, ...] = ()
    parameters: dict[str, Any]
    source: str
    dataset: str
    fingerprint: str
    classes: _Classes
    splits: _Splits
    split_fingerprints: dict[str, str] = field(default_factory=dict)
    feature_set: str = ""
    image_size: _Count | None = None
    fit_seconds: _Amount | None = None
    predict_seconds: dict[str, _Amount] = field(default_factory=dict)
    feature_seconds: _Amount | None = None
    device: str = ""
    threads: _Count | None = None
    peak_memory_mb: _Amount | None = None
    parameter_count: _Count | None = None
    started: str
    finished: str
    provenance: dict[str, Any] = field(default_factory=dict)
    predictions_digest: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            value = getattr(self, name)
            try:
                # numpy's numbers are as good as Python's; NaN is none.
                checked = msgspec.convert(value if name in _FREE else _plain(value), kind)
            except ValueError as error:
                shown = f"{value!r:.200}"
                raise ResultsError(f"a record's {name} cannot be {shown} ({error})") from error
            if name not in _FREE:
                object.__setattr__(self, name, checked)
        for text in (self.started, self.finished):
            moment(text)

    @property
    def ok(self) -> bool:
        """Whether the trial finished and its predictions can be scored."""
        return self.status == "ok"

    @property
    def ran(self) -> bool:
        """Whether the model was tried at all."""
        return self.status not in ("skipped", "unavailable")

    @property
    def age(self) -> tuple[datetime, str]:
        """What records are ordered by, oldest first: the moment they finished, then their name."""
        return moment(self.finished), self.trial

    @property
    def versions(self) -> dict[str, str]:
        """The versions of what computed it, as far as they are known."""
        versions = self.provenance.get("versions")
        return dict(versions) if isinstance(versions, dict) else {}

    @property
    def machine(self) -> str:
        """The hardware that the trial ran on: 'Node CPU, 64 cores, H200'; empty if not known."""
        return machine_of(self.provenance)

    @property
    def history(self) -> dict[str, list[float]]:
        """The numbers of the training by name, a value for each epoch; empty if not known."""
        return history_of(self.provenance.get("history"))

    @property
    def explanation(self) -> Explanation | None:
        """What the fitted model goes by, if that is known."""
        return explanation_of(self.provenance.get("explanation"))

    @property
    def explanation_error(self) -> str:
        """What went wrong where an explanation was tried; empty where nothing did."""
        content = self.provenance.get("explanation")
        error = content.get("error") if isinstance(content, dict) else None
        return error if isinstance(error, str) else ""

    def to_json(self) -> str:
        """The record as one JSON object, in the order of its fields."""
        return json.dumps(_plain(vars(self)), indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Record:
        """The record that `to_json` wrote; keys that a newer version added are ignored.

        Raises
        ------
        ResultsError
            If the text is not JSON, lacks a key, or has a value of a wrong kind.
        """
        # msgspec's own reader refuses lone surrogates, which names of odd bytes have.
        try:
            values = json_object(text)
        except ResultsError as error:
            raise ResultsError(f"not a record: {error}") from error
        known = fields(cls)
        missing = [f.name for f in known if f.default is f.default_factory and f.name not in values]
        if missing:
            raise ResultsError(f"not a record: {', '.join(missing)} missing")
        return cls(**{f.name: values[f.name] for f in known if f.name in values})


# The type of each field, with what is asked of its values.
_KINDS = get_type_hints(Record, include_extras=True)


def moment(text: str) -> datetime:
    """The moment that an ISO 8601 text names, UTC where it names no zone."""
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise ResultsError(f"not a date and time in ISO 8601: {text!r}") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: parameters of estimators may be NaN, functions or estimators."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and math.isfinite(value):
        return float(value)
    return repr(value)
