"""The answer to "do I need deep learning for this?", in sentences that are true of the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from results import numerals
from results.cautions import cautions
from results.row import Row, best, paired, splits_of
from results.statistics import SIGNIFICANCE, difference_interval, mcnemar, pictures_needed


@dataclass(frozen=True)
class Answer:
    """The verdict on one split, the sentences that say it, and what a reader must be warned of.

    verdict: 'Yes', 'No' or 'Not shown' where a deep and a classical row can be compared, else
    'Not asked' (no deep row was meant to run) or 'Not answered'. split: the deciding one, test
    where there is one.
    """

    verdict: str
    split: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The verdict and its sentences, in one line."""
        return f"{self.verdict}: {' '.join(self.sentences)}"


def answer(rows: Sequence[Row], duplicates: Mapping[str, int] | None = None) -> Answer:
    """The answer that a board's rows give, decided on test, or on val where there is no test.

    duplicates: pictures of each split that are in an earlier split too, where that is known.
    """
    split = deciding_split(rows)
    here = [row for row in rows if row.split == split]
    deep = best(row for row in here if row.record.family == "deep")
    classical = best(row for row in here if row.record.family == "classical")
    if deep and classical:
        verdict, sentences = _compared(deep, classical)
    else:
        verdict, sentences = _one_sided(here, deep or classical)
    return Answer(verdict, split, tuple(sentences), tuple(cautions(rows, split, duplicates)))


def deciding_split(rows: Sequence[Row]) -> str:
    """The split that the answer is read from: test, or without it the first of the board."""
    splits = splits_of(rows)
    return "test" if "test" in splits else splits[0]


def _compared(deep: Row, classical: Row) -> tuple[str, list[str]]:
    """The verdict on the best deep and the best classical row, and the sentences for it."""
    facts = (
        f"On {deep.split} ({numerals.whole(deep.n)} pictures) the best deep row, "
        f"{deep.record.model}, is right on {numerals.percent(deep.scores['accuracy'])} and "
        f"the best classical row, {classical.record.model}, on "
        f"{numerals.percent(classical.scores['accuracy'])}"
    )
    pair = paired(deep, classical)
    if pair is None:
        return "Not answered", [f"{facts}, but not of the same pictures."]
    low, high = difference_interval(*pair)
    p = mcnemar(*pair)
    difference = deep.scores["accuracy"] - classical.scores["accuracy"]
    evidence = (
        f"{facts}: a difference of {numerals.points(difference)} points (95 % interval "
        f"{numerals.points(low)} to {numerals.points(high)}; exact McNemar {numerals.p_value(p)})."
    )
    if p >= SIGNIFICANCE:
        verdict, opening = "Not shown", "these pictures do not tell deep from classical."
        closing = _how_many(pictures_needed(*pair), deep)
    elif difference > 0:
        verdict, opening, closing = "Yes", "the deep row is better here.", ""
    else:
        verdict, opening, closing = "No", "the classical row is better here.", ""
    return verdict, [s for s in (opening, evidence, _cost(deep, classical), closing) if s]


def _how_many(needed: int | None, row: Row) -> str:
    if needed is None:
        return (
            "Where no difference is seen, no number of pictures can be named that would show one."
        )
    return (
        f"If that difference is real, about {numerals.about(needed)} pictures in {row.split} would "
        "show it (80 % power)."
    )


def _cost(deep: Row, classical: Row) -> str:
    """What the deep row costs against the classical one; nothing where a time is not known."""
    slow, quick = deep.total_seconds, classical.total_seconds
    if slow is None or not quick:
        return ""
    against = (
        f"({numerals.duration(slow)}{_on(deep)} against {numerals.duration(quick)}{_on(classical)})"
    )
    if slow < quick:
        return f"The deep row takes less time {against}."
    return f"The deep row takes {numerals.times(slow / quick)} as long {against}."


def _on(row: Row) -> str:
    return f" on {row.record.device}" if row.record.device else ""


def _one_sided(here: Sequence[Row], winner: Row | None) -> tuple[str, list[str]]:
    """What can be said where no deep or no classical row finished, or neither."""
    if winner is None:
        return "Not answered", ["no model finished; the rows below say why."]
    found = (
        f"The best row on {winner.split} ({numerals.whole(winner.n)} pictures) is "
        f"{winner.record.model}, right on {numerals.percent(winner.scores['accuracy'])}."
    )
    if winner.record.family == "deep":
        return "Not answered", [
            "no classical model finished, so there is nothing to compare.",
            found,
        ]
    deep = [row.record for row in here if row.record.family == "deep"]
    if not deep:
        return "Not asked", ["no deep model was run.", found]
    if all(record.status == "skipped" for record in deep):
        why = f" ({deep[0].reason})" if deep[0].reason else ""
        return "Not asked", [f"the deep models were skipped{why}.", found]
    return "Not answered", ["no deep model finished; the rows below say why.", found]
