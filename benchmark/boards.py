"""The library's calls that read what runs left: report, compare and merge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import InputError
from benchmark.options import check_out

if TYPE_CHECKING:
    from results import Comparison, Leaderboard


def report(folder: str | Path, *, sort_by: str = "accuracy") -> Leaderboard:
    """Write a run folder's leaderboards again from its records; nothing is fitted.

    Raises `ResultsError` if the folder holds no records.
    """
    from results import Leaderboard, Store

    board = Leaderboard.from_store(Store(folder), sort_by)
    board.write(folder)
    return board


def compare(*boards: str | Path) -> Comparison:
    """The first board beside each other one: which rows changed, and whether by more than chance.

    Each is a run folder, a ``leaderboard.csv`` or ``published``. Raises `ResultsError` if one is
    none of these, `InputError` for fewer than two.
    """
    from results.compare import compare as side_by_side

    if len(boards) < 2:
        raise InputError("compare needs at least two boards; `published` can be one of them")
    return side_by_side(*boards)


def merge(*folders: str | Path, out: str | Path, sort_by: str = "accuracy") -> Leaderboard:
    """One run folder and its leaderboards out of several, as from several machines.

    The runs must share dataset, preset, feature set and image size. A trial that two of them hold
    is taken from the first if both gave the same answers, which a warning of `logging` says; its
    times are then the first one's. Nothing is fitted, and the folders stay as they are.

    Raises `ResultsError` if the runs can't be merged, and says which two and why; `InputError` if
    ``out`` can't be written to. Nothing has been written then.
    """
    from benchmark.run_folder import sole_use
    from results import Store
    from results.merge import gather
    from results.ranking import check_metric

    check_metric(sort_by)
    check_out(out)
    if len(folders) < 2:
        raise InputError("merge needs at least two run folders")
    if Store(out).records() or Store(out).run():
        raise InputError(f"--out {out} holds a run already; choose another folder")
    merged = gather(folders)
    with sole_use(Path(out)):
        merged.write(out)
        return report(out, sort_by=sort_by)
