"""A comparison: the first board beside each of the others, and the ways to show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from results import numerals
from results.comparison.change import TESTS, VERDICTS, BoardPair, Change, Side
from results.text.cells import text_table

if TYPE_CHECKING:
    import pandas as pd

# Columns that hold words; the others hold numbers.
_WORDS = ("model", "training", "split", "device", "seed", "verdict")


@dataclass(frozen=True, eq=False)
class Comparison:
    """The first board beside each of the others."""

    pairs: tuple[BoardPair, ...]

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The regressions of every pair; an error where a `BoardPair` raises one."""
        return tuple(change for pair in self.pairs for change in pair.regressions)

    @property
    def regression_line(self) -> str:
        """The regressions in one line, with the seed of a row where the model has several."""
        return ", ".join(
            f"{change.model}{_which(change, pair)} on {change.split} {change.verdict}"
            for pair in self.pairs
            for change in pair.regressions
        )

    def to_frame(self) -> pd.DataFrame:
        """A line for each row of each pair; what there is none of is empty."""
        import pandas as pd

        lines = [
            {
                "first": pair.first,
                "other": pair.other,
                "model": change.model,
                "training": change.training,
                "split": change.split,
                **_of_sides(change),
                "difference": change.difference,
                "difference_low": change.low,
                "difference_high": change.high,
                "p": change.p,
                "basis": change.basis,
                "verdict": change.verdict,
            }
            for pair in self.pairs
            for change in pair.changes
        ]
        return pd.DataFrame(lines)

    def __str__(self) -> str:
        return "\n\n\n".join(map(_text, self.pairs))

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, na_rep="", float_format="{:.3f}".format)
        lines = [line for pair in self.pairs for line in (_headline(pair), *_notes(pair))]
        return "\n".join([table, *(f"<p>{escape(line)}</p>" for line in lines)])


def _of_sides(change: Change) -> dict[str, object]:
    sides = {"first": change.first, "other": change.other}
    cells: dict[str, object] = {
        f"{name}_{which}": getattr(side, name, None)
        for name in ("device", "seed", "status", "accuracy", "seconds")
        for which, side in sides.items()
    }
    counts = {f"seeds_{which}": len(side.seeds) if side else None for which, side in sides.items()}
    return cells | counts


def _which(change: Change, pair: BoardPair) -> str:
    """The seeds of a row, if the model has others on either board."""
    key = change.model, change.training, change.split
    same = [other for other in pair.changes if (other.model, other.training, other.split) == key]
    seeds = _either(change, _seeds)
    if len(_seeds_of(same)) < 2 or not seeds:
        return ""
    return f" (seed{'s' if ',' in seeds else ''} {seeds})"


def _seeds_of(changes: Iterable[Change]) -> set[int | None]:
    return {one.seed for change in changes for side in change.sides for one in side.seeds}


def _headline(pair: BoardPair) -> str:
    counts = Counter(change.verdict for change in pair.changes)
    text = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    return f"{pair.other} against {pair.first}: {text or 'no rows'}"


def _text(pair: BoardPair) -> str:
    return "\n\n".join([_headline(pair), _table(pair), "\n".join(_notes(pair))]).rstrip()


def _table(pair: BoardPair) -> str:
    columns: dict[str, Callable[[Change], str]] = {
        "model": lambda c: c.model,
        "training": lambda c: c.training,
        "split": lambda c: c.split,
        "device": lambda c: _either(c, lambda side: side.device),
        "seed": lambda c: _either(c, _seeds),
        f"accuracy {pair.first}": lambda c: _accuracy(c.first),
        f"accuracy {pair.other}": lambda c: _accuracy(c.other),
        "difference": lambda c: numerals.score(c.difference, "+"),
        "95 % interval": _interval,
        "p": lambda c: _p(c.p),
        "verdict": lambda c: c.verdict,
        f"seconds {pair.first}": lambda c: numerals.seconds(getattr(c.first, "seconds", None)),
        f"seconds {pair.other}": lambda c: numerals.seconds(getattr(c.other, "seconds", None)),
    }
    cells = {name: [cell(change) for change in pair.changes] for name, cell in columns.items()}
    if len(_seeds_of(pair.changes)) < 2:
        del cells["seed"]
    shown = {name: column for name, column in cells.items() if any(column) or name == "model"}
    sides = ["left" if name in _WORDS else "right" for name in shown] if pair.changes else []
    return text_table(list(shown), list(zip(*shown.values(), strict=True)), sides)


def _notes(pair: BoardPair) -> list[str]:
    notes = [f"Not tested: {why}." for why in dict.fromkeys(pair.reasons.values())]
    tests = sum(change.p is not None for change in pair.changes)
    for basis in dict.fromkeys(change.basis for change in pair.changes if change.basis):
        splits = dict.fromkeys(c.split for c in pair.changes if c.basis == basis)
        notes.append(f"{', '.join(splits)}: {basis}; {TESTS[basis]}.")
    if tests > 1:
        notes.append(f"p is corrected (Holm) for {tests} tests.")
    return notes + _notes_on([side for change in pair.changes for side in change.sides])


def _notes_on(sides: Sequence[Side]) -> list[str]:
    notes = []
    if any(side.parts for side in sides):
        notes.append("Where several seeds are named, accuracy and seconds are means over them.")
    machines = {side.machine for side in sides if side.ok}
    if len(machines) > 1 or "" in machines:
        notes.append("The times come from different or unknown machines; do not compare them.")
    return notes


def _either(change: Change, of: Callable[[Side], str]) -> str:
    """What both boards say, in one word if they agree: 'cpu', or 'cuda > cpu'."""
    texts = map(of, change.sides)
    return " > ".join(dict.fromkeys(text for text in texts if text))


def _seeds(side: Side) -> str:
    seeds = [one.seed for one in side.seeds if one.seed is not None]
    return ", ".join(map(str, sorted(seeds)))


def _accuracy(side: Side | None) -> str:
    if side is None:
        return ""
    return numerals.score(side.accuracy) if side.ok else side.status


def _p(p: float | None) -> str:
    return "" if p is None else numerals.p_value(p).removeprefix("p ").removeprefix("= ")


def _interval(change: Change) -> str:
    if change.low is None or change.high is None:
        return ""
    return f"{numerals.score(change.low, '+')} to {numerals.score(change.high, '+')}"
