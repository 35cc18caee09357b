"""What one trial left behind: its record, and its predictions for every picture it was asked."""

from __future__ import annotations

import json
import math
import re
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from numbers import Integral, Real
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

STATUSES = ("ok", "failed", "timeout", "memory", "skipped", "unavailable")

_CHOICES = {
    "family": ("classical", "deep"),
    "training": ("", "random", "pretrained"),
    "inputs": ("features", "images"),
    "status": STATUSES,
}
_KINDS = ("probability", "decision", "")
_TRIAL = re.compile(r"[0-9a-f]{16}")


class ResultsError(ValueError):
    """A mistake that a user can put right, said in one line: what, where, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One trial: one model, one dataset, one seed. Immutable; a leaderboard is made of these.

    `trial` is the hash (16 hexadecimal digits) of everything that determines the trial. `splits`
    maps each scored split to its number of pictures, in the order of the board;
    `split_fingerprints` tells whether two records are about the same ones. `parameters` and
    `provenance` hold what JSON can hold; any other value in them is written as its `repr`.
    Durations are in seconds, memory in megabytes, `started` and `finished` in ISO 8601 (UTC).
    `feature_seconds` is the time that it took to compute the features the model ate, None if it ate
    pictures or a ready table. What is not known is None.

    Raises ResultsError if a value is of the wrong kind.
    """

    trial: str
    model: str
    family: str
    training: str
    inputs: str
    seed: int
    preset: str
    status: str
    reason: str = ""
    notes: tuple[str, ...] = ()
    parameters: dict[str, Any]
    source: str
    dataset: str
    fingerprint: str
    classes: tuple[str, ...]
    splits: dict[str, int]
    split_fingerprints: dict[str, str] = field(default_factory=dict)
    feature_set: str = ""
    image_size: int | None = None
    fit_seconds: float | None = None
    predict_seconds: dict[str, float] = field(default_factory=dict)
    feature_seconds: float | None = None
    device: str = ""
    threads: int | None = None
    peak_memory_mb: float | None = None
    parameter_count: int | None = None
    started: str
    finished: str
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, hint in _hints().items():
            if not _fits(getattr(self, name), hint):
                raise ResultsError(f"a record's {name} cannot be {getattr(self, name)!r}")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ResultsError(
                    f"a record's {name} is one of {choices}, not {getattr(self, name)!r}"
                )
        # The trial names files: anything but hexadecimal digits could name one outside the folder.
        if not _TRIAL.fullmatch(self.trial):
            raise ResultsError(f"a trial is named by 16 hexadecimal digits, not {self.trial!r}")
        if not self.splits:
            raise ResultsError("a record names the splits it is about, whatever became of them")
        for text in (self.started, self.finished):
            moment(text)

    @property
    def ok(self) -> bool:
        """Whether the trial finished and its predictions can be scored."""
        return self.status == "ok"

    @property
    def age(self) -> tuple[datetime, str]:
        """What records are ordered by, oldest first: the moment they finished, then their name."""
        return moment(self.finished), self.trial

    def to_json(self) -> str:
        """The record as one JSON object, in the order of its fields."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return json.dumps(_plain(values), indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Record:
        """The record that `to_json` wrote; keys that a newer version added are ignored.

        Raises ResultsError if the text is not JSON, lacks a key, or has a value of a wrong kind.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ResultsError(f"not a record: {error}") from error
        if not isinstance(values, dict):
            raise ResultsError("not a record: not a JSON object")
        known = fields(cls)
        missing = [f.name for f in known if _required(f) and f.name not in values]
        if missing:
            raise ResultsError(f"not a record: {', '.join(missing)} missing")
        given = {f.name: values[f.name] for f in known if f.name in values}
        for name in ("notes", "classes"):
            if isinstance(given.get(name), list):
                given[name] = tuple(given[name])
        return cls(**given)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a trial answered about the n pictures of one split.

    ids: n names; labels, predicted: int (n,), indices into the record's `classes`; scores: float
    (n, n_classes) or None - for two classes too, one column per class; kind: what the scores are,
    'probability' (rows sum to one), 'decision' (higher is likelier, any scale) or '' for None.

    Raises ResultsError where the shapes do not agree.
    """

    ids: list[str]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    scores: NDArray[np.float64] | None = None
    kind: str = ""

    def __post_init__(self) -> None:
        n = len(self.ids)
        object.__setattr__(self, "ids", [str(i) for i in self.ids])
        for name in ("labels", "predicted"):
            values = np.asarray(getattr(self, name))
            if values.shape != (n,) or (n and not np.issubdtype(values.dtype, np.integer)):
                raise ResultsError(
                    f"{name} must be {n} integers, not {values.dtype} of shape {values.shape}"
                )
            object.__setattr__(self, name, values.astype(np.int64))
        if (self.scores is None) != (self.kind == "") or self.kind not in _KINDS:
            raise ResultsError(
                f"scores are a 'probability' or a 'decision', or absent; not {self.kind!r}"
            )
        if self.scores is not None:
            scores = np.asarray(self.scores, dtype=np.float64)
            if scores.ndim != 2 or len(scores) != n:
                raise ResultsError(f"scores must have shape ({n}, n_classes), not {scores.shape}")
            object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which of the n pictures were classified correctly, bool (n,)."""
        return self.labels == self.predicted


def moment(text: str) -> datetime:
    """The moment that an ISO 8601 text names; UTC where it names no zone.

    Raises ResultsError if it names none.
    """
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise ResultsError(f"not a date and time in ISO 8601: {text!r}") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(Record)


def _required(f: Any) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of the kind that a field's annotation names."""
    if hint is Any:
        return True
    if isinstance(hint, UnionType):
        return any(_fits(value, choice) for choice in get_args(hint))
    if get_origin(hint) is dict:
        _, kind = get_args(hint)
        return isinstance(value, dict) and all(
            isinstance(k, str) and _fits(v, kind) for k, v in value.items()
        )
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(isinstance(v, str) for v in value)
    if hint is int:
        return isinstance(value, Integral) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, hint)


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
