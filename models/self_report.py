"""Self-report: what a fitted estimator says of itself beside its answers, as plain values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from models.errors import on_one_line

_Value = TypeVar("_Value")

_CLOCK = ("aside_seconds", "earlier_seconds")


@dataclass(frozen=True)
class SelfReport:
    """What JSON can hold of an estimator's optional attributes; see `models.contract.Estimator`.

    Attributes
    ----------
    notes : its ``notes_``, and a sentence for each attribute here that can't be understood.
    history : its ``history_``, usually a dict per epoch; None if it has none.
    clock : what there is of ``aside_seconds`` and ``earlier_seconds`` in its ``clock_``.
    precision : its ``precision_``.
    parameter_count : its ``n_parameters_``.
    """

    notes: tuple[str, ...] = ()
    history: Any = None
    clock: Mapping[str, float] = field(default_factory=dict)
    precision: str = ""
    parameter_count: int | None = None

    @classmethod
    def of(cls, estimator: Any) -> SelfReport:
        """What a fitted estimator, or the last step of a pipeline, says of itself.

        It can be anything, an exception with a ``history`` of the training that it broke off too.
        """
        from sklearn.pipeline import Pipeline

        last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
        left_out: list[str] = []
        no_notes: tuple[str, ...] = ()

        def read(attribute: str, convert: Callable[[Any], _Value], otherwise: _Value) -> _Value:
            try:
                return convert(plain(getattr(last, attribute)))
            except AttributeError:
                return otherwise
            except Exception as error:  # noqa: BLE001 - properties and values of somebody's estimator
                why = on_one_line(f"{type(error).__name__}: {error}")
                left_out.append(f"its {attribute} can't be understood and is left out ({why})")
                return otherwise

        found = "history" if isinstance(last, BaseException) else "history_"
        return cls(
            history=read(found, lambda epochs: epochs or None, None),
            clock=read("clock_", _clock, {}),
            precision=read("precision_", str, ""),
            parameter_count=read("n_parameters_", _count, None),
            notes=(*read("notes_", _notes, no_notes), *left_out),
        )


def _count(number: Any) -> int | None:
    return None if number is None else int(number)


def _notes(notes: Any) -> tuple[str, ...]:
    several = notes if isinstance(notes, list) else [] if notes is None else [notes]
    return tuple(map(str, several))


def _clock(clock: Any) -> dict[str, float]:
    seconds = {name: float(clock[name]) for name in _CLOCK if name in clock}
    if not all(map(math.isfinite, seconds.values())):
        raise ValueError("seconds that are not finite")
    return {name: max(0.0, value) for name, value in seconds.items()}


def plain(value: Any) -> Any:
    """A value as JSON can hold it.

    Numbers of numpy's and torch's become Python's, and arrays and tensors lists; NaN and infinity
    stay. What is neither a number nor holds any becomes a text.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):  # without what a subclass of them may need to be read again
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if not isinstance(value, type):
        if hasattr(value, "tolist"):
            return plain(value.tolist())
        if hasattr(value, "__index__"):
            return int(value)
        if hasattr(value, "__float__"):
            return float(value)
    return str(value)
