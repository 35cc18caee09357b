"""Which of a folder's records make one leaderboard: it may hold several datasets or presets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from results.record import Record, ResultsError
from results.store import Store


@dataclass(frozen=True)
class Selection:
    """The records of one board, oldest first, and how many of its folder belong to another."""

    records: tuple[Record, ...]
    left_out: int

    @property
    def newest(self) -> Record:
        """The record that finished last."""
        return self.records[-1]


def selected(store: Store) -> Selection:
    """The records of the last run's board in a store's folder. Raises ResultsError as `select`.

    Trials that only a curve asked for are none of the board's, nor left out of it.
    """
    run = store.run()
    if not run and (store.folder / "curve.json").is_file():
        raise ResultsError(
            f"{store.folder} holds a curve and no run; `benchmark curve` makes its figure again"
        )
    only_a_curves = curve_trials(store) - set(run.get("trials", ()))
    records = [record for record in store.records() if record.trial not in only_a_curves]
    try:
        return select(records, run)
    except ResultsError as error:
        raise ResultsError(f"{store.folder}: {error}") from error


def curve_trials(store: Store) -> set[str]:
    """The trials of the curves that were made in a store's folder, as curve.json names them."""
    try:
        about = json.loads((store.folder / "curve.json").read_bytes())
        last = {trial for subset in about["subsets"] for trial in subset["trials"]}
        return last | set(about.get("earlier_trials", ()))
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def select(records: Sequence[Record], run: Mapping[str, Any]) -> Selection:
    """The records of the board that `run` (the content of run.json) describes.

    Records of one board share the dataset's fingerprint and the preset; those of models that eat
    features share the feature set, those of models that eat images the image size. If `run` does
    not name a dataset, the newest record does. Of records of the same model, training, seed and
    device, the one stands that comes last among the run's ``trials``, or if none is there the
    newest.

    Raises ResultsError if no record is left.
    """
    if not records:
        raise ResultsError("no finished trial to make a leaderboard of; run the benchmark first")
    ordered = sorted(records, key=lambda record: record.age)
    wanted = run if run.get("fingerprint") else _newest_board(ordered)
    planned = {trial: place for place, trial in enumerate(wanted.get("trials", ()))}
    mine = [r for r in ordered if r.trial in planned or _belongs(r, wanted)]
    if not mine:
        raise ResultsError(
            f"none of {len(records)} records is of the last run's dataset and preset "
            f"({wanted['fingerprint']}, {wanted.get('preset')}); run the benchmark again"
        )
    # An old record may be the run's own again: a plugin edited and put back.
    mine.sort(key=lambda record: (planned.get(record.trial, -1), record.age))
    standing = sorted(_standing(mine), key=lambda record: record.age)
    return Selection(tuple(standing), left_out=len(records) - len(mine))


def _newest_board(ordered: Sequence[Record]) -> dict[str, Any]:
    """What run.json would say, had the newest record's run written one."""
    newest = ordered[-1]
    wanted: dict[str, Any] = {"fingerprint": newest.fingerprint, "preset": newest.preset}
    for record in ordered:
        if _belongs(record, {"fingerprint": newest.fingerprint, "preset": newest.preset}):
            if record.inputs == "features" and record.feature_set:
                wanted["feature_set"] = record.feature_set
            if record.inputs == "images" and record.image_size:
                wanted["image_size"] = record.image_size
    return wanted


def _belongs(record: Record, wanted: Mapping[str, Any]) -> bool:
    own = {"fingerprint": record.fingerprint, "preset": record.preset}
    if record.inputs == "features":
        own["feature_set"] = record.feature_set
    else:
        own["image_size"] = str(record.image_size or "")
    # A value that one of the two does not know rules nothing out: a skipped trial may have none.
    return all(
        not value or not wanted.get(name) or value == str(wanted[name])
        for name, value in own.items()
    )


def _standing(ordered: Sequence[Record]) -> list[Record]:
    """The last record of each model, training, seed and device.

    A trial that never reached a device (skipped, unavailable) gives way to any later one.
    """
    standing: dict[tuple[str, str, int, str], Record] = {}
    for record in ordered:
        key = (record.model, record.training, record.seed)
        standing.pop((*key, ""), None)
        standing.pop((*key, record.device), None)
        standing[(*key, record.device)] = record
    return list(standing.values())
