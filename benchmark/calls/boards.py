"""The library's calls that read what runs left: report, compare and merge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.checks import check_out
from benchmark.errors import InputError
from benchmark.plugins import load_all
from benchmark.request import RunRequest
from benchmark.trials.folder import sole_use
from results import Comparison, Leaderboard, Store, check_metric, compare_boards, gather

_Plugins = Sequence[str | Path] | str | Path


def report(
    folder: str | Path,
    *,
    sort_by: str = RunRequest.sort_by,
    plugins: _Plugins = RunRequest.plugins,
) -> Leaderboard:
    """Write a run folder's leaderboards again from its records; nothing is fitted.

    Parameters
    ----------
    folder : of a run.
    sort_by : metric that ranks the rows.
    plugins : files that declare metrics.

    Raises
    ------
    ResultsError
        If the folder holds no records, or there is no such metric.
    """
    load_all(plugins)
    board = Leaderboard.from_store(Store(folder), sort_by)
    board.write(folder)
    return board


def compare(*boards: str | Path) -> Comparison:
    """The first board beside each other one: which rows changed, and whether by more than chance.

    Parameters
    ----------
    boards : each a run folder, a ``leaderboard.csv`` or ``published``.

    Raises
    ------
    ResultsError
        If one of them is none of these.
    InputError
        For fewer than two.
    """
    if len(boards) < 2:
        raise InputError("compare needs at least two boards; `published` can be one of them")
    return compare_boards(*boards)


def merge(
    *folders: str | Path,
    out: str | Path,
    sort_by: str = RunRequest.sort_by,
    plugins: _Plugins = RunRequest.plugins,
) -> Leaderboard:
    """One run folder and its leaderboards out of several, as from several machines.

    The runs must share dataset, preset, feature set and image size. A trial that two of them hold
    is taken from the first if both gave the same answers, which a warning of `logging` says; its
    times are then the first one's. Nothing is fitted, and the folders stay as they are.

    Parameters
    ----------
    folders : of two runs or more.
    out : folder for the merged run.
    sort_by : metric that ranks the rows.
    plugins : files that declare metrics.

    Raises
    ------
    ResultsError
        If the runs can't be merged; it says which two and why. Nothing has been written then.
    InputError
        If ``out`` can't be written to, or holds a run. Nothing has been written then.
    """
    load_all(plugins)
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
