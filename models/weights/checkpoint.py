"""Checkpoint: a file of weights as training codes write it, and the network's body in it.

The tensors may lie inside other mappings (``{"model": ..., "optimizer": ...}``) and their names may
begin with what was around the network (``module.``, ``backbone.``). Whatever else is there is
passed over. Several bodies in one file are copies of one network: a moving average of the weights
is taken before them, since it is what those who write such files test with; else the one with the
fewest mappings and the shortest names around it, of those the first.
"""

from __future__ import annotations

import difflib
import io
import re
import warnings
from argparse import Namespace
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.errors import Unavailable

# Words in the names of moving averages.
_AVERAGED = {"ema", "averaged", "average", "avg", "swa", "teacher"}

# Names that a message lists.
_FEW = 3


@dataclass(frozen=True)
class Body:
    """The tensors of a network's body, and a sentence if they are not the only ones in the file."""

    tensors: dict[str, torch.Tensor]
    note: str


@dataclass(frozen=True)
class _Candidate:
    """Tensors of one mapping whose names begin alike, under their names without that."""

    place: tuple[str, ...]
    prefix: str
    tensors: Mapping[str, torch.Tensor]

    @property
    def name(self) -> str:
        """What is around the tensors' names, as it is written in the file."""
        return " / ".join(filter(None, (*self.place, self.prefix))) or "the file's own names"

    @property
    def rank(self) -> tuple[bool, int, int]:
        """What is taken first has the least."""
        words = set(re.split(r"[^a-z]+", self.name.lower()))
        return not words & _AVERAGED, len(self.place), self.prefix.count(".")


def load_body(path: Path, body: Mapping[str, torch.Tensor]) -> Body:
    """Read the tensors of a network's body from a file.

    Parameters
    ----------
    path : file written by ``torch.save``; code in it is refused and never run.
    body : the tensors that the body has, for their names, shapes and types. The file may lack the
        counters of batch normalisation, as files from before torch 0.4.1 do.

    Raises
    ------
    Unavailable
        If the file cannot be read, or has not all of these tensors, with finite numbers.
    """
    states = dict(_states(_content(path)))
    found = [each for place, state in states.items() for each in _candidates(place, state, body)]
    fitting = sorted((c for c in found if not _foreign(c, body)), key=lambda each: each.rank)
    if not fitting:
        closest = max(found, key=lambda each: len(each.tensors.keys() & body.keys()), default=None)
        fault = _foreign(closest, body) if closest else _nothing(states, body)
        raise Unavailable(f"{path} is nothing to start from: {fault}; replace it")
    taken, *others = fitting
    tensors = {name: taken.tensors[name] for name in body if name in taken.tensors}
    fault = next(filter(None, (_damage(n, each, body[n]) for n, each in tensors.items())), None)
    if fault:
        raise Unavailable(f"{path} is nothing to start from: {fault}; replace it")
    rest = ", ".join(each.name for each in others)
    note = f"started from the weights under {taken.name} in {path.name}, not those under {rest}"
    return Body(tensors, note if others else "")


def _content(path: Path) -> Any:
    try:
        written = io.BytesIO(path.read_bytes())
    except OSError as error:
        why = error.strerror or error
        raise Unavailable(
            f"{path} cannot be read ({why}); see to its permissions and its disk"
        ) from error
    try:
        # Options of the command line lie beside the weights in many a file; they can do nothing.
        with warnings.catch_warnings(), torch.serialization.safe_globals([Namespace]):
            warnings.simplefilter("ignore")
            return torch.load(written, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    # A broken file makes the reader fail in any way there is.
    except Exception as error:
        raise Unavailable(
            f"{path} is no readable file of weights ({type(error).__name__}): it is truncated or "
            "holds more than tensors, and nothing in it was run; remove it or replace it"
        ) from error


def _states(content: Any) -> Iterator[tuple[tuple[str, ...], dict[str, torch.Tensor]]]:
    """Every mapping in the content that has tensors by name, the outermost first, and its keys."""
    waiting: deque[tuple[tuple[str, ...], Any]] = deque([((), content)])
    seen: set[int] = set()  # a mapping may hold itself
    while waiting:
        place, mapping = waiting.popleft()
        if not isinstance(mapping, Mapping) or id(mapping) in seen:
            continue
        seen.add(id(mapping))
        tensors = {
            name: each
            for name, each in mapping.items()
            if isinstance(name, str) and isinstance(each, torch.Tensor)
        }
        if tensors:
            yield place, tensors
        waiting += [((*place, str(key)), each) for key, each in mapping.items()]


def _candidates(
    place: tuple[str, ...],
    state: Mapping[str, torch.Tensor],
    body: Mapping[str, torch.Tensor],
) -> Iterator[_Candidate]:
    """The tensors of a mapping for each beginning of their names that leaves names of the body."""
    prefixes: Counter[str] = Counter()
    for name in state:
        starts = [0, *(match.end() for match in re.finditer(r"\.", name))]
        prefixes.update(name[:start] for start in starts if name[start:] in body)
    for prefix in prefixes:
        own = {n.removeprefix(prefix): each for n, each in state.items() if n.startswith(prefix)}
        yield _Candidate(place, prefix, own)


def _nothing(states: Mapping[Any, Mapping[str, torch.Tensor]], body: Mapping[str, Any]) -> str:
    """Why there is no candidate at all."""
    there = [name for state in states.values() for name in state]
    if not there:
        return "there are no tensors with names in it"
    return _missing(list(body), there)


def _foreign(candidate: _Candidate, body: Mapping[str, torch.Tensor]) -> str | None:
    """First reason why the candidate belongs to another network, None if it does not."""
    theirs, tensors = "it holds weights of another network", candidate.tensors
    missing = [n for n in body if n not in tensors and not n.endswith("num_batches_tracked")]
    if missing:
        return _missing(missing, [name for name in tensors if name not in body])
    for name, like in body.items():
        if name in tensors and tensors[name].shape != like.shape:
            shape = tuple(tensors[name].shape)
            return f"{theirs}: {name} has the shape {shape}, not {tuple(like.shape)}"
    # Another head, a projector, a second network: but not more of a stage than the body has.
    stages = {name.partition(".")[0] for name in body}
    extra = [n for n in tensors if n not in body and n.partition(".")[0] in stages]
    return f"{theirs}: {extra[0]} has no place in this one" if extra else None


def _missing(wanted: list[str], there: list[str]) -> str:
    """That these names are wanted and not there, with a few that are there, the closest first."""
    few = ", ".join(wanted[:_FEW]) + (", ..." if len(wanted) > _FEW else "")
    close = [n for name in wanted[:_FEW] for n in difflib.get_close_matches(name, there, 1, 0.0)]
    shown = list(dict.fromkeys([*close, *there]))[:_FEW]
    has = f"what is there: {', '.join(shown)}{', ...' if len(there) > _FEW else ''}"
    count = f"{len(wanted)} tensors are" if len(wanted) > 1 else "1 tensor is"
    why = f"it holds weights of another network: {count} missing ({few})"
    return f"{why}; {has}" if there else why


def _damage(name: str, values: torch.Tensor, like: torch.Tensor) -> str | None:
    """Why these are no numbers for a tensor like the other, None if they are."""
    if values.is_meta or values.layout != torch.strided:
        return f"{name} is no dense tensor with its numbers"
    if values.dtype != like.dtype and not (like.is_floating_point() and values.is_floating_point()):
        return f"{name} is of {values.dtype}, not {like.dtype}"
    if not torch.isfinite(values.to(like.dtype)).all():
        return f"{name} has numbers that are not finite"
    return None
