"""Repeated splits: boards of one dataset, split anew for each, and which model is best overall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from results.record import ResultsError
from results.seeds import spread
from results.statistics import SIGNIFICANCE, corrected_resampled_t, holm

if TYPE_CHECKING:
    import pandas as pd

    from results.leaderboard import Leaderboard

_KEYS = ["model", "training"]


def over_splits(boards: Sequence[Leaderboard], split: str = "test") -> pd.DataFrame:
    """Every model that all boards have, over their splits, against the one with the best mean.

    Columns: model, training, splits (how many), accuracy (mean), sd, difference (mean, to the
    best), low, high (its 95 % interval), p, p_holm (Holm over all comparisons), tied. The test is
    Nadeau and Bengio's. Several rows of a model on one board count as their mean.

    Raises ResultsError if the boards are not different splits of one dataset, or have no model in
    common.
    """
    import pandas as pd

    n_train, n_test = _sizes(boards, split)
    by_board = [_accuracies(board.to_frame(), split) for board in boards]
    table = pd.concat(by_board, axis=1, join="inner")
    if table.empty:
        raise ResultsError(f"no model has a score on {split} of every board; run the same models")
    best = table.iloc[int(table.mean(axis=1).argmax())]
    differences = table - best
    tested = [corrected_resampled_t(row, n_train, n_test) for row in differences.to_numpy()]
    found = pd.DataFrame(tested, columns=["low", "high", "p"], index=table.index)
    found.insert(0, "splits", len(boards))
    found.insert(1, "accuracy", table.mean(axis=1))
    found.insert(2, "sd", table.apply(spread, axis=1, raw=True))
    found.insert(3, "difference", differences.mean(axis=1))
    others = found.index != best.name
    found["p_holm"] = 1.0
    found.loc[others, "p_holm"] = holm(found.loc[others, "p"])
    found["tied"] = found["p_holm"] >= SIGNIFICANCE
    return found.sort_values("accuracy", ascending=False, kind="stable").reset_index()


def _accuracies(frame: pd.DataFrame, split: str) -> pd.Series:
    scored = frame[(frame["split"] == split) & (frame["status"] == "ok")]
    return scored.groupby(_KEYS)["accuracy"].mean()


def _sizes(boards: Sequence[Leaderboard], split: str) -> tuple[float, float]:
    """The mean sizes of train and of the split that is asked about."""
    abouts = [board.selection.newest for board in boards]
    if len({about.fingerprint for about in abouts}) < max(len(boards), 2):
        raise ResultsError(
            "repeated splits are two boards or more, no two of the same split; "
            "run again with another --seed and another --out"
        )
    if len({(about.dataset, about.classes) for about in abouts}) > 1:
        names = ", ".join(sorted({about.dataset for about in abouts}))
        raise ResultsError(f"boards of different datasets ({names}) are no splits of one")
    train = [board.run.get("splits", {}).get("train") for board in boards]
    test = [about.splits.get(split) for about in abouts]
    if not all(train) or not all(test):
        raise ResultsError(
            f"a board does not say how many pictures train and {split} have; "
            "give run folders with their run.json"
        )
    return sum(train) / len(train), sum(test) / len(test)  # type: ignore[arg-type]
