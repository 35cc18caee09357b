"""The answer to "do I need deep learning for this?", in sentences that are true of the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from results import numerals
from results.board.cautions import cautions
from results.board.naming import machine_letters, trial_names
from results.board.ranking import differences
from results.board.row import Row, best, paired, splits_of
from results.records.record import Record
from results.statistics.inference import SIGNIFICANCE, difference_interval, mcnemar, pictures_needed


@dataclass(frozen=True)
class Answer:
    """What a board says about deep learning.

    Attributes
    ----------
    verdict : 'Yes', 'No' or 'Not shown' where a deep and a classical row can be compared, else 'Not
        asked' (no deep row was meant to run) or 'Not answered'.
    split : the deciding one, test where there is one.
    """

    verdict: str
    split: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The verdict and its sentences, in one line."""
        return f"{self.verdict}: {' '.join(self.sentences)}"


def answer_of(rows: Sequence[Row], duplicates: Mapping[str, int] | None = None) -> Answer:
    """The answer that a board's rows give, decided on test, or on val where there is no test."""
    splits = splits_of(rows)
    split = "test" if "test" in splits else splits[0]
    here = [row for row in rows if row.split == split]
    deep, classical = best(here, "deep"), best(here, "classical")
    if deep and classical:
        verdict, sentences = _compared(deep, classical, here)
    else:
        verdict, sentences = _one_sided(here, deep or classical)
    return Answer(verdict, split, tuple(sentences), tuple(cautions(rows, split, duplicates)))


def _compared(deep: Row, classical: Row, here: Sequence[Row]) -> tuple[str, list[str]]:
    """The verdict on the best deep and the best classical row of a split, and the sentences."""
    facts, pair, n = _facts(deep, classical, here), paired(deep, classical), deep.n
    if pair is None:
        return "Not answered", [f"{facts}, but not of the same pictures."]
    low, high = difference_interval(*pair)
    p = mcnemar(*pair)
    difference = deep.scores["accuracy"] - classical.scores["accuracy"]
    evidence = (
        f"{facts}: a difference of {numerals.points(difference, n)} points (95 % interval "
        f"{numerals.points(low, n)} to {numerals.points(high, n)}; exact McNemar "
        f"{numerals.p_value(p)}"
    )
    cost = _cost(deep, classical, machine_letters(row.record for row in here))
    if p >= SIGNIFICANCE:
        opening = "these pictures do not tell deep from classical."
        needed = _how_many(pictures_needed(*pair), deep.split)
        return "Not shown", [opening, f"{evidence}){needed}.", *cost]
    evidence += f"{_among_all(deep, classical, here)})."
    if difference > 0:
        return "Yes", ["the deep row is better here.", evidence, *cost]
    return "No", ["the classical row is better here.", evidence, *cost]


def _facts(deep: Row, classical: Row, here: Sequence[Row]) -> str:
    names, n = trial_names([row.record for row in here]), deep.n
    shares = [numerals.percent(row.scores["accuracy"], n) for row in (deep, classical)]
    return (
        f"On {deep.split} ({numerals.pictures(n)}) the best deep row, {names[deep.record.trial]}, "
        f"is right on {shares[0]} and the best classical row, {names[classical.record.trial]}, on "
        f"{shares[1]}"
    )


def _how_many(needed: int | None, split: str) -> str:
    if needed is None:
        return ", and where none is seen no number of pictures can be named that would show one"
    return (
        f", which about {numerals.about(needed)} pictures in {split} would show, if it is real "
        "(80 % power)"
    )


def _among_all(deep: Row, classical: Row, here: Sequence[Row]) -> str:
    """Where the board marks as tied what the verdict tells apart, why."""
    # The verdict is one question; the board asks as many as it has rows, and corrects for that.
    _, *others = differences(here)
    if not any(other.tied for other in others if other.row in (deep, classical)):
        return ""
    return (
        f", which among all {len(others)} comparisons of the board would not stand out: there the "
        "two are tied"
    )


def _cost(deep: Row, classical: Row, letters: Mapping[str, str]) -> list[str]:
    """What the deep row costs against the classical one; nothing where a time is not known."""
    slow, quick = deep.total_seconds, classical.total_seconds
    if slow is None or not quick:
        return []
    elsewhere = deep.record.machine != classical.record.machine
    places = []
    for record in (deep.record, classical.record):
        place = f" on {record.device}" if record.device else ""
        places.append(place + (f", machine {letters[record.machine]}," if elsewhere else ""))
    against = (
        f"({numerals.duration(slow)}{places[0]} against "
        f"{numerals.duration(quick)}{places[1].rstrip(',')})"
    )
    ratio = numerals.times(slow / quick)
    if ratio == numerals.times(1):
        taken = "about as long as the classical one"
    else:
        taken = "less time" if slow < quick else f"{ratio} as long"
    where = ", but on another machine" if elsewhere else ""
    return [f"The deep row takes {taken}{where} {against}."]


def _one_sided(here: Sequence[Row], winner: Row | None) -> tuple[str, list[str]]:
    """What can be said where no deep or no classical row finished, or neither."""
    if winner is None and any(row.record.ok for row in here):
        return "Not answered", [f"{here[0].split} holds no pictures."]
    if winner is None:
        return "Not answered", ["no model finished; the rows below say why."]
    names = trial_names([row.record for row in here])
    best_row = (
        f"The best row on {winner.split} ({numerals.pictures(winner.n)}) is "
        f"{names[winner.record.trial]}, right on "
        f"{numerals.percent(winner.scores['accuracy'], winner.n)}."
    )
    other = "classical" if winner.record.family == "deep" else "deep"
    missing, meant = _missing([row.record for row in here if row.record.family == other], other)
    asked = meant or other == "classical"
    return "Not answered" if asked else "Not asked", [missing, best_row]


def _missing(records: Sequence[Record], family: str) -> tuple[str, bool]:
    """Why a family has no score, and whether it was meant to have one."""
    if not records:
        return f"no {family} model was run.", False
    if all(record.status == "skipped" for record in records):
        why = f" ({records[0].reason})" if records[0].reason else ""
        return f"the {family} models were skipped{why}.", False
    return f"no {family} model finished; the rows below say why.", True
