"""A comparison as plain text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from results import numerals
from results.board import Entry
from results.compare import VERDICTS, Change, Comparison, Pair

_TEXTS = ("model", "training", "split", "device", "seed", "verdict")
_HOW = {
    "paired": "exact McNemar and paired bootstrap on the same pictures",
    "seeds": "means over seeds on the same pictures; the interval counts seeds and pictures both",
    "unpaired": "Fisher's exact test and Newcombe's interval, because a table does not say which "
    "pictures were right; this finds less than a paired test would",
}


def to_text(comparison: Comparison) -> str:
    """Each pair of boards: what happened in one line, a table of every row, and how it was told."""
    return "\n\n\n".join(_pair(pair) for pair in comparison.pairs)


def to_html(comparison: Comparison) -> str:
    """The table of all pairs, and beneath it what the text says about each."""
    from html import escape

    table = comparison.to_frame().to_html(index=False, na_rep="", float_format="{:.3f}".format)
    lines = [line for pair in comparison.pairs for line in (_headline(pair), *_notes(pair))]
    return "\n".join([table, *(f"<p>{escape(line)}</p>" for line in lines)])


def regression_line(comparison: Comparison) -> str:
    """Every regression in a few words, with its seed where the model has several."""
    return ", ".join(
        f"{change.model}{_which(change, pair)} on {change.split} {change.verdict}"
        for pair in comparison.pairs
        for change in pair.regressions
    )


def _which(change: Change, pair: Pair) -> str:
    """The seeds of a row, if the model has others on either board."""
    key = change.model, change.training, change.split
    same = [other for other in pair.changes if (other.model, other.training, other.split) == key]
    said = _either(change, _seeds)
    if len(_seeds_of(same)) < 2 or not said:
        return ""
    return f" (seed{'s' if ',' in said else ''} {said})"


def _seeds_of(changes: Iterable[Change]) -> set[int | None]:
    return {
        part.seed
        for change in changes
        for entry in (change.first, change.other)
        if entry
        for part in entry.seeds or (entry,)
    }


def _headline(pair: Pair) -> str:
    counts = Counter(change.verdict for change in pair.changes)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    return f"{pair.other} against {pair.first}: {said or 'no rows'}"


def _pair(pair: Pair) -> str:
    parts = [_headline(pair), _table(pair)]
    return "\n\n".join([*parts, "\n".join(_notes(pair))]).rstrip()


def _table(pair: Pair) -> str:
    from tabulate import tabulate

    columns: dict[str, Callable[[Change], str]] = {
        "model": lambda c: c.model,
        "training": lambda c: c.training,
        "split": lambda c: c.split,
        "device": lambda c: _either(c, lambda entry: entry.device),
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
    return tabulate(
        list(zip(*shown.values(), strict=True)),
        headers=list(shown),
        tablefmt="simple",
        colalign=["left" if name in _TEXTS else "right" for name in shown] if pair.changes else (),
        disable_numparse=True,
    )


def _notes(pair: Pair) -> list[str]:
    """How the rows were tested, why some were not, and what the times can't say."""
    notes = [f"Not tested: {why}." for why in dict.fromkeys(pair.reasons.values())]
    tests = sum(change.p is not None for change in pair.changes)
    for basis in dict.fromkeys(change.basis for change in pair.changes if change.basis):
        splits = dict.fromkeys(c.split for c in pair.changes if c.basis == basis)
        notes.append(f"{', '.join(splits)}: {basis}; {_HOW[basis]}.")
    if tests > 1:
        notes.append(f"p is corrected (Holm) for {tests} tests.")
    entries = [entry for change in pair.changes for entry in (change.first, change.other) if entry]
    if any(entry.seeds for entry in entries):
        notes.append("Where several seeds are named, accuracy and seconds are means over them.")
    machines = {entry.machine for entry in entries if entry.ok}
    if len(machines) > 1 or "" in machines:
        notes.append("The times come from different or unknown machines; do not compare them.")
    return notes


def _either(change: Change, say: Callable[[Entry], str]) -> str:
    """What both boards say, in one word if they agree: 'cpu', or 'cuda > cpu'."""
    said = [say(entry) for entry in (change.first, change.other) if entry]
    return " > ".join(dict.fromkeys(text for text in said if text))


def _seeds(entry: Entry) -> str:
    seeds = [part.seed for part in entry.seeds or (entry,) if part.seed is not None]
    return ", ".join(map(str, sorted(seeds)))


def _accuracy(entry: Entry | None) -> str:
    if entry is None:
        return ""
    return numerals.score(entry.accuracy) if entry.ok else entry.status


def _p(p: float | None) -> str:
    return "" if p is None else numerals.p_value(p).removeprefix("p ").removeprefix("= ")


def _seconds(entry: Entry | None) -> str:
    return numerals.seconds(entry.seconds if entry else None)


def _interval(change: Change) -> str:
    if change.low is None or change.high is None:
        return ""
    return f"{numerals.signed_score(change.low)} to {numerals.signed_score(change.high)}"
