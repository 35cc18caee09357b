"""Boards side by side: ours, another run's, and the study's own."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from results import numerals
from results.leaderboard import KINDS, Leaderboard
from results.record import ResultsError
from results.store import Store

if TYPE_CHECKING:
    import pandas as pd

PUBLISHED = "published"
_PUBLISHED_FILE = Path(__file__).parent / "published.csv"
_KEYS = ["model", "training", "split"]
_NEEDED = (*_KEYS, "accuracy")
_VALUES = ("accuracy", "cpu_seconds", "gpu_seconds")
_SPLIT_ORDER = {"val": 0, "test": 1}


def load_board(source: str | Path) -> pd.DataFrame:
    """A board as a table with the columns of `COLUMNS`.

    source: a run folder (its records, or without them its leaderboard.csv), a leaderboard.csv, or
    'published': the figures of Abdallah, Butler and Bond (2021), with models named as ours are, and
    a deep row for each device that they timed.

    Raises ResultsError if it is none of these.
    """
    if source == PUBLISHED:
        return _read_csv(_PUBLISHED_FILE)
    path = Path(source)
    if path.is_dir():
        if any((path / "records").glob("*.json")):
            return Leaderboard.from_store(Store(path)).to_frame()
        if (path / "leaderboard.csv").is_file():
            return _read_csv(path / "leaderboard.csv")
        raise ResultsError(
            f"{path} is not a run folder: it has neither records/ nor leaderboard.csv; "
            "give the --out of a run"
        )
    if not path.exists():
        raise ResultsError(
            f"{path} is not there; give a run folder, a leaderboard.csv or '{PUBLISHED}'"
        )
    return _read_csv(path)


def label_for(source: str | Path, taken: Container[str]) -> str:
    """A short name for a board that none of those taken has: the run folder's, or the file's."""
    path = Path(source)
    short = path.parent.name if path.name == "leaderboard.csv" and path.parent.name else path.name
    name, k = short or str(source), 2
    while name in taken:
        name, k = f"{short or source} ({k})", k + 1
    return name


def compare(boards: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Boards side by side, matched by model, training and split.

    Columns: model, training, split; 'accuracy NAME' of each board; 'difference NAME' of each but
    the first, its accuracy minus the first one's; 'cpu_seconds NAME' and 'gpu_seconds NAME', the
    total time on either, where any row has one. A row that only some boards have is empty in the
    others. Where a board has several seeds of a model, the mean of those that are ok stands.

    Rows: val, then test, then others; within a split by the first board's accuracy.
    """
    import pandas as pd

    tables = {name: _condensed(board) for name, board in boards.items()}
    joined = pd.concat(tables, axis=1)
    first, *others = tables
    columns = {f"accuracy {name}": joined[name, "accuracy"] for name in tables}
    for name in others:
        columns[f"difference {name}"] = joined[name, "accuracy"] - joined[first, "accuracy"]
    for value in _VALUES[1:]:
        columns |= {f"{value} {name}": joined[name, value] for name in tables}
    found = pd.DataFrame(columns).reset_index()
    found = found.drop(
        columns=[c for c in found if "_seconds " in str(c) and found[c].isna().all()]
    )
    found["order"] = found["split"].map(_SPLIT_ORDER).fillna(len(_SPLIT_ORDER))
    by = ["order", "split", f"accuracy {first}", "model", "training"]
    found = found.sort_values(by, ascending=[True, True, False, True, True], kind="stable")
    return found.drop(columns="order").reset_index(drop=True)


def render_comparison(comparison: pd.DataFrame) -> str:
    """A comparison as plain text: one table, a line per model, training and split."""
    from tabulate import tabulate

    return tabulate(
        [
            [
                value if name in _KEYS else _number(name, value)
                for name, value in zip(comparison.columns, values, strict=True)
            ]
            for values in comparison.itertuples(index=False)
        ],
        headers=[name.replace("_", " ") for name in comparison.columns],
        tablefmt="simple",
        colalign=["left" if name in _KEYS else "right" for name in comparison.columns],
        disable_numparse=True,
    )


def _condensed(board: pd.DataFrame) -> pd.DataFrame:
    """One line per model, training and split: mean accuracy, and mean time on each device."""
    ok = board["status"].isin(["ok", ""])
    on_gpu = ~board["device"].isin(["cpu", ""])
    table = board[_KEYS].assign(
        accuracy=board["accuracy"].where(ok),
        cpu_seconds=board["total_seconds"].where(ok & ~on_gpu),
        gpu_seconds=board["total_seconds"].where(ok & on_gpu),
    )
    return table.groupby(_KEYS)[list(_VALUES)].mean()


def _number(column: str, value: float) -> str:
    if column.startswith("accuracy "):
        return numerals.score(value)
    if column.startswith("difference "):
        return numerals.signed_score(value)
    return numerals.seconds(value)


def _read_csv(path: Path) -> pd.DataFrame:
    """A leaderboard.csv as its board was, number for number; columns that it lacks are empty."""
    import pandas as pd

    try:
        texts = pd.read_csv(path, dtype=str, keep_default_na=False)
        missing = [name for name in _NEEDED if name not in texts]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        blank = [""] * len(texts)
        return pd.DataFrame(
            {name: _typed(texts.get(name, blank), kind) for name, kind in KINDS.items()}
        )
    except (ValueError, OSError) as error:
        # pandas' own errors of reading are ValueErrors.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResultsError(
            f"{path} is not a leaderboard.csv ({reason}); give a file that a run wrote"
        ) from error


def _typed(texts: Iterable[str], kind: str) -> pd.Series:
    """A column of its kind from its texts. Python's numbers read back as written."""
    import pandas as pd

    if kind == "str":
        return pd.Series(list(texts), dtype=kind)
    readers: dict[str, Callable[[str], float]] = {"boolean": _truth, "Int64": int, "float64": float}
    read = readers[kind]
    return pd.Series([read(text) if text else None for text in texts], dtype=kind)


def _truth(text: str) -> bool:
    if text not in ("True", "False"):
        raise ValueError(f"{text!r} is neither True nor False")
    return text == "True"
