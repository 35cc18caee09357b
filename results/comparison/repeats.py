"""Repeated splits: boards of one dataset, split anew for each, and which model is best overall."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from results.board.standings import Standings
from results.errors import ResultsError
from results.statistics.inference import SIGNIFICANCE, corrected_resampled_t, holm
from results.statistics.seeds import spread


def over_splits(boards: Sequence[Standings], split: str = "test") -> pd.DataFrame:
    """Every model that all boards have, over their splits, against the one with the best mean.

    The test is Nadeau and Bengio's. Several rows of a model on one board count as their mean.

    Returns
    -------
    table : model, training, splits (how many), accuracy (mean), sd, difference (mean, to the best),
        low, high (its 95 % interval), p, p_holm (Holm over all comparisons), tied.

    Raises
    ------
    ResultsError
        If the boards are not different splits of one dataset, or have no model in common.
    """
    n_train, n_test = _sizes(boards, split)
    by_board = [_accuracies(board.to_frame(), split) for board in boards]
    table = pd.concat(by_board, axis=1, join="inner")
    if table.empty:
        raise ResultsError(f"no model has a score on {split} of every board; run the same models")
    best = table.iloc[int(table.mean(axis=1).argmax())]
    differences = table - best
    tested = [corrected_resampled_t(row, n_train, n_test) for row in differences.to_numpy()]
    summary = pd.DataFrame(tested, columns=["low", "high", "p"], index=table.index)
    summary.insert(0, "splits", len(boards))
    summary.insert(1, "accuracy", table.mean(axis=1))
    summary.insert(2, "sd", table.apply(spread, axis=1, raw=True))
    summary.insert(3, "difference", differences.mean(axis=1))
    others = summary.index != best.name
    summary["p_holm"] = 1.0
    summary.loc[others, "p_holm"] = holm(summary.loc[others, "p"])
    summary["tied"] = summary["p_holm"] >= SIGNIFICANCE
    return summary.sort_values("accuracy", ascending=False, kind="stable").reset_index()


def _accuracies(frame: pd.DataFrame, split: str) -> pd.Series:
    scored = frame[(frame["split"] == split) & (frame["status"] == "ok")]
    return scored.groupby(["model", "training"])["accuracy"].mean()


def _sizes(boards: Sequence[Standings], split: str) -> tuple[float, float]:
    newest = [board.selection.newest for board in boards]
    if len({record.fingerprint for record in newest}) < max(len(boards), 2):
        raise ResultsError(
            "repeated splits are two boards or more, no two of the same split; "
            "run again with another --seed and another --out"
        )
    if len({(record.dataset, record.classes) for record in newest}) > 1:
        names = ", ".join(sorted({record.dataset for record in newest}))
        raise ResultsError(f"boards of different datasets ({names}) are no splits of one")
    train = [board.run.splits.get("train", 0) for board in boards]
    test = [record.splits.get(split, 0) for record in newest]
    if not all(train) or not all(test):
        raise ResultsError(
            f"a board does not say how many pictures train and {split} have; "
            "give run folders with their run.json"
        )
    return sum(train) / len(train), sum(test) / len(test)
