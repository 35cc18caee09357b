"""A comparison as plain text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from results import numerals
from results.comparison.change import OVER_SEEDS, PAIRED, UNPAIRED, VERDICTS, BoardPair, Change
from results.comparison.sides import Side
from results.text.cells import text_table

# Columns that hold words; the others hold numbers.
_WORDS = ("model", "training", "split", "device", "seed", "verdict")

_HOW = {
    PAIRED: "exact McNemar and paired bootstrap on the same pictures",
    OVER_SEEDS: "means over seeds on the same pictures; the interval counts seeds and pictures "
    "both",
    UNPAIRED: "Fisher's exact test and Newcombe's interval, because a table does not say which "
    "pictures were right; this finds less than a paired test would",
}


def comparison_text(pairs: Iterable[BoardPair]) -> str:
    """Each pair of boards: what happened in one line, a table of every row, and how it was told."""
    return "\n\n\n".join(_pair(pair) for pair in pairs)


def pair_lines(pair: BoardPair) -> list[str]:
    """What the text says of a pair without its table."""
    return [_headline(pair), *_notes(pair)]


def regression_text(pairs: Iterable[BoardPair]) -> str:
    """Every regression in a few words, with its seed where the model has several."""
    return ", ".join(
        f"{change.model}{_which(change, pair)} on {change.split} {change.verdict}"
        for pair in pairs
        for change in pair.regressions
    )


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


def _pair(pair: BoardPair) -> str:
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
        "difference": lambda c: numerals.signed_score(c.difference),
        "95 % interval": _interval,
        "p": lambda c: _p(c.p),
        "verdict": lambda c: c.verdict,
        f"seconds {pair.first}": lambda c: _seconds(c.first),
        f"seconds {pair.other}": lambda c: _seconds(c.other),
    }
    cells = {name: [cell(change) for change in pair.changes] for name, cell in columns.items()}
    if len(_seeds_of(pair.changes)) < 2:
        del cells["seed"]
    shown = {name: column for name, column in cells.items() if any(column) or name == "model"}
    sides = ["left" if name in _WORDS else "right" for name in shown] if pair.changes else []
    return text_table(list(shown), list(zip(*shown.values(), strict=True)), sides)


def _notes(pair: BoardPair) -> list[str]:
    """How the rows were tested, why some were not, and what the times can't say."""
    notes = [f"Not tested: {why}." for why in dict.fromkeys(pair.reasons.values())]
    tests = sum(change.p is not None for change in pair.changes)
    for basis in dict.fromkeys(change.basis for change in pair.changes if change.basis):
        splits = dict.fromkeys(c.split for c in pair.changes if c.basis == basis)
        notes.append(f"{', '.join(splits)}: {basis}; {_HOW[basis]}.")
    if tests > 1:
        notes.append(f"p is corrected (Holm) for {tests} tests.")
    return notes + _of_sides([side for change in pair.changes for side in change.sides])


def _of_sides(sides: Sequence[Side]) -> list[str]:
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


def _seconds(side: Side | None) -> str:
    return numerals.seconds(side.seconds if side else None)


def _interval(change: Change) -> str:
    if change.low is None or change.high is None:
        return ""
    return f"{numerals.signed_score(change.low)} to {numerals.signed_score(change.high)}"
