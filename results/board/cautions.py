"""What a reader must know before believing a board's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from results import numerals
from results.board.naming import trial_names
from results.board.row import Row, best, paired, several_seeds
from results.records.record import STATUSES, Record
from results.statistics.inference import FEWEST_APART, difference_interval
from results.statistics.seeds import seeds_of

# Of a split, and of a class of it.
_FEW_PICTURES = 100
_FEW_OF_A_CLASS = 10

# Oddities of pictures as a run calls them, and what is said of one and of several.
_ODD = {
    "low_byte": (
        "has more than 8 bits but uses the lowest 8 alone, so that it was read as black or nearly "
        "so: no model can tell what it shows.",
        "have more than 8 bits but use the lowest 8 alone, so that they were read as black or "
        "nearly so: no model can tell what they show.",
    ),
    "one_value": (
        "shows one value in all its pixels: there is nothing to tell it by.",
        "show one value in all their pixels: there is nothing to tell them by.",
    ),
}

# What a trial's versions name that computes nothing, or that only networks are computed with.
_NO_LIBRARY = "python"
_OF_NETWORKS = ("torch", "torchvision", "timm")

# How many times as many pictures one class may have as another.
_UNEQUAL = 3.0


def cautions(
    rows: Sequence[Row], split: str, duplicates: Mapping[str, int] | None = None
) -> list[str]:
    """The warnings that hold for a board whose answer is read from one split, gravest first.

    Duplicates are the pictures of each split that are in an earlier split too.
    """
    here = [row for row in rows if row.split == split]
    every = [
        _under_trained(here),
        _duplicates(here, (duplicates or {}).get(split, 0)),
        _few_pictures(here),
        _imbalance(here),
        _picked(rows, split),
        *_by_seed(here),
        *_lost(here),
    ]
    return [caution for caution in every if caution]


def odd_pictures(oddities: Mapping[str, int], splits: Mapping[str, int]) -> list[str]:
    """What of the pictures that were read is odd, where that is for the worse.

    Parameters
    ----------
    oddities : as in `Run`.
    splits : each split and its number of pictures, train too.
    """
    return [
        f"{_of_all(count, sum(splits.values()))} {said[count > 1]}"
        for name, said in _ODD.items()
        if (count := oddities.get(name, 0))
    ]


def _of_all(count: int, n: int) -> str:
    return numerals.pictures(count) if count >= n else f"{numerals.count(count)} of {n:,} pictures"


def mixed_versions(records: Sequence[Record]) -> list[str]:
    """Whether rows were computed with several versions of a library: which, and of how many rows.

    What only networks are computed with counts for the deep rows alone.
    """
    versions: dict[str, Counter[str]] = {}
    for record in records:
        for library, version in record.versions.items() if record.ok else ():
            is_used = record.family == "deep" or library not in _OF_NETWORKS
            if is_used and library != _NO_LIBRARY:
                versions.setdefault(str(library), Counter())[str(version)] += 1
    mixed = [
        f"{library} {', '.join(f'{version} ({n:,})' for version, n in counts.items())}"
        for library, counts in versions.items()
        if len(counts) > 1
    ]
    if not mixed:
        return []
    return [
        f"Trials of this board were made with different versions (in brackets how many): "
        f"{'; '.join(mixed)}. Where rows differ, that may be why; run them again with one version."
    ]


def _under_trained(here: Sequence[Row]) -> str:
    if not any(
        r.record.family == "deep" and r.record.ok and r.record.preset == "quick" for r in here
    ):
        return ""
    return (
        "The preset quick under-trains the deep rows: they may be better than this. Use --preset "
        "published or thorough to see what they can do."
    )


def _duplicates(here: Sequence[Row], count: int) -> str:
    if not count:
        return ""
    n, split = max(row.n for row in here), here[0].split
    are = "1 picture is" if count == 1 else f"{numerals.count(count)} of {numerals.count(n)} are"
    return (
        f"Copies across splits: in {split} {are} in an earlier split too, exactly alike. Rows that "
        f"remember pictures look better on {split} than they are; take the copies out."
    )


def _few_pictures(here: Sequence[Row]) -> str:
    n = max(row.n for row in here)
    if not 0 < n < _FEW_PICTURES or not any(row.record.ok for row in here):
        return ""
    few = f"Only {numerals.pictures(n)} in {here[0].split}"
    if n < FEWEST_APART:
        return f"{few}: no two rows can be told from each other."
    return (
        f"{few}: one picture is worth {100 / n:.1f} points, and rows fewer than {FEWEST_APART} "
        f"pictures ({100 * FEWEST_APART / n:.1f} points) apart cannot be told from each other."
    )


def _imbalance(here: Sequence[Row]) -> str:
    shown = next((row for row in here if row.predictions is not None and row.n), None)
    if shown is None or shown.predictions is None:
        return ""
    classes, split = shown.record.classes, shown.split
    support = np.bincount(shown.predictions.labels, minlength=len(classes)).tolist()
    most, least = support.index(max(support)), support.index(min(support))
    if support[most] >= _UNEQUAL * support[least]:
        share = numerals.percent(support[most] / shown.n)
        return (
            f"Unequal classes in {split}: {numerals.pictures(support[most])} of "
            f"{classes[most]}, {numerals.count(support[least])} of {classes[least]}. Always saying "
            f"{classes[most]} would be right on {share}; look at balanced accuracy too."
        )
    if support[least] < _FEW_OF_A_CLASS:
        are = "is" if support[least] == 1 else "are"
        return (
            f"Few of a class: {support[least]} of {numerals.pictures(shown.n)} in {split} {are} of "
            f"{classes[least]}, so balanced accuracy and F1 hang on each of them."
        )
    return ""


def _picked(rows: Sequence[Row], split: str) -> str:
    """The best rows are picked by the scores that are then compared; val, if there, picks anew."""
    deep, classical = (_models(rows, split, family) for family in ("deep", "classical"))
    if not deep or not classical or deep + classical == 2:
        return ""
    caution = (
        f"The rows compared are the best of {deep} deep and of {classical} classical models, "
        f"picked by their accuracy on {split} itself: picking flatters, and neither interval nor p "
        "counts it."
    )
    chosen = [_picked_on_val(rows, split, family) for family in ("deep", "classical")]
    if split == "val" or chosen[0] is None or chosen[1] is None:
        return caution
    pair = paired(chosen[0], chosen[1])
    if pair is None:
        return caution
    n, names = chosen[0].n, trial_names([row.record for row in rows if row.split == split])
    low, high = difference_interval(*pair)
    difference = float(pair[0].mean() - pair[1].mean())
    return (
        f"{caution} Picked on val, they are {names[chosen[0].record.trial]} and "
        f"{names[chosen[1].record.trial]}, {numerals.points(difference, n)} points apart on "
        f"{split} (95 % interval {numerals.points(low, n)} to {numerals.points(high, n)})."
    )


def _models(rows: Sequence[Row], split: str, family: str) -> int:
    """How many models of a family have a score, whatever their seeds and devices."""
    scored = (row.record for row in rows if row.split == split and row.record.ok and row.n)
    return len({(r.model, r.training) for r in scored if r.family == family})


def _picked_on_val(rows: Sequence[Row], split: str, family: str) -> Row | None:
    """The row on `split` of the trial of a family that is best on val."""
    top = best((row for row in rows if row.split == "val"), family)
    if top is None:
        return None
    own = (row for row in rows if row.split == split and row.record is top.record and row.n)
    return next(own, None)


def _by_seed(here: Sequence[Row]) -> list[str]:
    """What seeds change of the models that have several and that the answer may speak of."""
    lines = []
    tops = best(here, "deep"), best(here, "classical")
    for group in several_seeds(here):
        correct, shares = paired(*group), {row.scores["accuracy"] for row in group}
        if correct is None or len(shares) == 1 or not any(row in tops for row in group):
            continue
        seeds = seeds_of(correct)
        lines.append(
            f"{group[0].record.model} ran with {len(group)} seeds, of which the answer takes the "
            f"best: their mean is {numerals.percent(seeds.mean)} (standard deviation over seeds "
            f"{100 * seeds.sd:.1f} points; 95 % interval over seeds and pictures "
            f"{numerals.percent(seeds.low)} to {numerals.percent(seeds.high)})."
        )
    return lines


def _lost(here: Sequence[Row]) -> list[str]:
    names = trial_names([row.record for row in here])
    lines = []
    for status in STATUSES[1:]:
        lost = sorted(names[row.record.trial] for row in here if row.record.status == status)
        if lost:
            rows = "1 row has" if len(lost) == 1 else f"{len(lost)} rows have"
            lines.append(f"{rows} no score, status {status}: {', '.join(lost)}.")
    return lines
