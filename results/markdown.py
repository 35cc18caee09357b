"""leaderboard.md: the answer, the summary, and one table per split in LazyPredict's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from results import numerals
from results.ranking import Standing
from results.summary import summarise, summary_splits

if TYPE_CHECKING:
    from results.leaderboard import Leaderboard

_SCORES = {
    "Accuracy": "accuracy",
    "Balanced Accuracy": "balanced_accuracy",
    "ROC AUC": "roc_auc",
    "F1 Score": "f1_weighted",
}
_HEADINGS = ("Model", *_SCORES, "Time Taken")


def to_markdown(board: Leaderboard) -> str:
    """A board as a page of Markdown that GitHub renders. What comes from names is escaped."""
    newest = board.selection.newest
    parts = [
        f"# Leaderboard: {_escaped(newest.dataset)}, preset {_escaped(newest.preset)}",
        f"**Do I need deep learning for this?** {_escaped(board.answer.text)}",
        *(f"> {_escaped(warning)}" for warning in board.warnings),
        "## Classical and deep",
        _summary_table(board, "github"),
        "Time: features, fit and prediction of one split, in seconds. Shallow: the best five.",
    ]
    for split, group in groupby(board.standings, key=lambda standing: standing.row.split):
        rows = list(group)
        pictures = f"{numerals.whole(rows[0].row.n)} pictures"
        parts += [f"## {_escaped(split)}: {pictures}", _split_table(rows, "github")]
    lost = _without_score(board)
    if lost:
        parts += ["## Rows without a score", "\n".join(f"- {_escaped(line)}" for line in lost)]
    parts += [_reading(board), _provenance(board)]
    return "\n\n".join(parts) + "\n"


def to_text(board: Leaderboard) -> str:
    """A board as plain text for a terminal: the answer and one table per split."""
    parts = [board.answer.text, *(f"! {warning}" for warning in board.warnings)]
    for split, group in groupby(board.standings, key=lambda standing: standing.row.split):
        parts += [split, _split_table(list(group), "simple")]
    lost = _without_score(board)
    if lost:
        parts += ["without a score", "\n".join(lost)]
    return "\n\n".join(parts)


def described_versions(provenance: Mapping[str, Any]) -> str:
    """The versions that a record's provenance names, 'numpy 2.4.6, python 3.11'; may be empty."""
    versions = provenance.get("versions")
    if not isinstance(versions, Mapping):
        return ""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _summary_table(board: Leaderboard, style: str) -> str:
    splits = summary_splits(board.standings)
    headings = ["Learning", "Model", "Training"]
    headings += [f"Accuracy ({split})" for split in splits] + ["CPU Time", "GPU Time"]
    lines = summarise(board.standings)
    table = [
        [
            line.learning,
            line.model,
            line.training,
            *(numerals.score(line.accuracies.get(split)) for split in splits),
            numerals.seconds(line.cpu_seconds),
            numerals.seconds(line.gpu_seconds),
            line.status,
        ]
        for line in lines
    ]
    if all(line.status == "ok" for line in lines):
        return _table(headings, [cells[:-1] for cells in table], texts=3, style=style)
    return _table([*headings, "Status"], table, texts=3, style=style)


def _split_table(standings: Sequence[Standing], style: str) -> str:
    """One split in LazyPredict's columns; the status follows where some row is not ok."""
    table = [_split_cells(standing) for standing in standings]
    if all(standing.row.record.ok for standing in standings):
        table = [cells[: len(_HEADINGS)] for cells in table]
        return _table(_HEADINGS, table, texts=1, style=style)
    return _table([*_HEADINGS, "Status"], table, texts=1, style=style)


def _split_cells(standing: Standing) -> list[str]:
    row, record = standing.row, standing.row.record
    taken = None
    if record.ok and record.fit_seconds is not None and row.predict_seconds is not None:
        # LazyPredict's clock covers fit and prediction; the features were there before.
        taken = record.fit_seconds + row.predict_seconds
    scores = (numerals.score(row.scores.get(name)) for name in _SCORES.values())
    return [record.model, *scores, numerals.seconds(taken), record.status]


def _without_score(board: Leaderboard) -> list[str]:
    """A line for each reason why rows have no score, with the models that it holds for."""
    models: dict[tuple[str, str], dict[str, None]] = {}
    for standing in board.standings:
        record = standing.row.record
        if not record.ok:
            models.setdefault((record.status, record.reason), {})[record.model] = None
    return [
        f"{', '.join(names)}: {status}, {_one_line(reason)}"
        for (status, reason), names in models.items()
    ]


def _table(headings: Sequence[str], table: Sequence[Sequence[str]], texts: int, style: str) -> str:
    """A table whose first `texts` columns and words are left, and whose numbers are right."""
    from tabulate import tabulate

    sides = [
        "left" if k < texts or heading == "Status" else "right"
        for k, heading in enumerate(headings)
    ]
    clean = _escaped if style == "github" else _one_line
    return tabulate(
        [[clean(cell) for cell in cells] for cells in table],
        headers=[clean(heading) for heading in headings],
        tablefmt=style,
        colalign=sides,
        disable_numparse=True,
    )


def _reading(board: Leaderboard) -> str:
    return (
        f"Ranked by {board.sort_by} within each split. F1 Score is weighted by class, Time Taken "
        "is fit and prediction in seconds. leaderboard.csv has intervals, ties and the rest."
    )


def _provenance(board: Leaderboard) -> str:
    newest = board.selection.newest
    seeds = sorted({record.seed for record in board.selection.records})
    facts = [
        f"dataset {newest.dataset} (--data {newest.source})",
        f"fingerprint {newest.fingerprint}",
        f"preset {newest.preset}",
        f"seed {', '.join(map(str, seeds))}",
        described_versions(newest.provenance),
    ]
    return _escaped("Provenance: " + "; ".join(fact for fact in facts if fact) + ".")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """Text that is nothing but text in GitHub's Markdown: no cell, tag or emphasis begins in it."""
    escaped = _one_line(text).replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\|*_`[":
        escaped = escaped.replace(mark, f"\\{mark}")
    return escaped
