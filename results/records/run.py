"""What run.json and curve.json say of a folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec.structs import asdict, fields, replace

from results.errors import ResultsError
from results.records.files import write_atomically
from results.records.reading import MOST_TEXT, json_object, read_file
from results.records.record import Record

_LOG = logging.getLogger(__name__)

# What the models are given, which a run that adds to another's board need not decide itself.
_GIVEN = ("feature_set", "feature_definition", "image_size")

# What records tell of their run too, beside the size of pictures.
_OF_RECORDS = ("source", "dataset", "fingerprint", "preset", "classes", "splits", "seed")


# Pictures, seeds: numbers that a table can hold.
_Pictures = Annotated[int, msgspec.Meta(ge=0, lt=2**40)]
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What run.json says of a folder's last run. What is not known is empty, or None.

    Attributes
    ----------
    source, dataset, fingerprint, preset, classes, seed : as in `Record`.
    splits : every split, train too, and its number of pictures.
    duplicates_across_splits : pictures of each split that are in an earlier split too.
    feature_set, feature_definition : name, and what decides the features' values.
    image_size : side in pixels, for models that take pictures.
    trials : of the board, in the order of the plan.
    unreadable : id and reason of each picture that was left out.
    started : in ISO 8601.
    merged : the folders that it was merged of.
    metrics : names of the metrics of plugins that its board had.
    left_out : files or columns of the source that were not read.
    remarks : what was odd about the source, a line each.
    oddities : how many pictures are odd, by what is: 'low_byte' (more than 8 bits, of which they
        use the lowest 8 alone), 'one_value' (the same in all pixels), 'first_of_several' (of a file
        that holds more).
    """

    source: str = ""
    dataset: str = ""
    fingerprint: str = ""
    preset: str = ""
    classes: tuple[str, ...] = ()
    splits: Mapping[str, _Pictures] = {}
    duplicates_across_splits: Mapping[str, _Pictures] = {}
    seed: _Whole | None = None
    feature_set: str = ""
    feature_definition: str = ""
    image_size: _Pictures | None = None
    trials: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = {}
    started: str = ""
    provenance: Mapping[str, Any] = {}
    merged: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    left_out: _Pictures = 0
    remarks: tuple[str, ...] = ()
    oddities: Mapping[str, _Pictures] = {}

    def __bool__(self) -> bool:
        return self != Run()

    @classmethod
    def read(cls, folder: Path, otherwise: Run | None = None) -> Run:
        """What a folder's run.json says; nothing, and a warning, where it is damaged.

        What it does not speak of is as in `otherwise`, and so is, with a warning, what it says in a
        wrong way.
        """
        path, known = folder / "run.json", {}
        content = _content_of(path)
        for field in fields(cls):
            try:
                known[field.name] = msgspec.convert(content[field.name], field.type)
            except KeyError:
                continue
            except ValueError as error:
                _LOG.warning("%s: its %s is left out: %s", path, field.name, error)
        return replace(otherwise or cls(), **known)

    @classmethod
    def of_records(cls, records: Sequence[Record]) -> Run:
        """What run.json would say, had the run of the newest record, the last, written one.

        Records of other boards are passed over.
        """
        run = cls(**{name: getattr(records[-1], name) for name in _OF_RECORDS})
        mine = [record for record in records if run.is_about(record)]
        sets = [r.feature_set for r in mine if r.inputs == "features" and r.feature_set]
        sizes = [r.image_size for r in mine if r.inputs == "images" and r.image_size]
        return replace(run, feature_set=["", *sets][-1], image_size=[None, *sizes][-1])

    @classmethod
    def of_runs(cls, runs: Sequence[Run], trials: Sequence[str], folders: Sequence[str]) -> Run:
        """The run that several are merged to. What the first does not know, a later one does."""
        known: dict[str, Any] = {}
        for run in reversed(runs):
            known |= {name: value for name, value in asdict(run).items() if value}
        known["metrics"] = tuple(dict.fromkeys(name for run in runs for name in run.metrics))
        return cls(**known | {"trials": tuple(trials), "merged": tuple(folders)})

    def is_about(self, record: Record) -> bool:
        """Whether a record is one of the run's board: nothing that both know differs."""
        given = "feature_set" if record.inputs == "features" else "image_size"
        return self._agrees(record, ("fingerprint", "preset", given))

    def after(self, before: Run) -> Run:
        """This run, with what it takes over from the one before where it adds to its board."""
        if not before.trials or not self._adds_to(before):
            return self
        given = {name: getattr(self, name) or getattr(before, name) for name in _GIVEN}
        trials = [*(name for name in before.trials if name not in self.trials), *self.trials]
        metrics = dict.fromkeys([*before.metrics, *self.metrics])
        return replace(self, trials=tuple(trials), metrics=tuple(metrics), **given)

    def _adds_to(self, before: Run) -> bool:
        """Whether both are of one board, other models on the same data."""
        same = (self.fingerprint, self.preset) == (before.fingerprint, before.preset)
        # Two feature sets' names may say the same columns; the definition decides.
        return same and self._agrees(before, ("feature_definition", "image_size"))

    def _agrees(self, other: Run | Record, names: Sequence[str]) -> bool:
        """Whether nothing of that name that both know differs."""
        facts = [(getattr(self, name), getattr(other, name)) for name in names]
        return all(not mine or not its or mine == its for mine, its in facts)

    def write(self, folder: Path) -> None:
        """Write it as the run.json of a folder, as `write_atomically` does."""
        _write(folder / "run.json", self._content())

    def _content(self) -> dict[str, Any]:
        values = asdict(self)
        if self.merged:
            # What records tell comes first, and what none of the runs knew is left out.
            values = {name: values[name] for name in (*_OF_RECORDS, "image_size")} | values
            return {name: value for name, value in values.items() if value}
        if_any = ("merged", "metrics", "left_out", "remarks", "oddities")
        return {name: value for name, value in values.items() if value or name not in if_any}


class SubsetTrials(msgspec.Struct, frozen=True):
    """The trials on one subset of the training pictures, which a seed drew."""

    size: Annotated[int, msgspec.Meta(ge=1, lt=2**40)]
    seed: _Whole
    trials: tuple[str, ...]


class CurveRun(msgspec.Struct, frozen=True, kw_only=True):
    """What curve.json says of a folder's last learning curve.

    Attributes
    ----------
    source, dataset, fingerprint, preset : as in `Record`, of the whole dataset.
    train : its number of training pictures.
    subsets : the trials of every subset; none where no curve is known.
    earlier_trials : trials of curves that were made in the folder before.
    """

    source: str = ""
    dataset: str = ""
    fingerprint: str = ""
    preset: str = ""
    train: _Pictures | None = None
    subsets: tuple[SubsetTrials, ...] = ()
    earlier_trials: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = {}

    @classmethod
    def read(cls, folder: Path) -> CurveRun:
        """What a folder's curve.json says; nothing, and a warning, where it is damaged."""
        path = folder / "curve.json"
        try:
            return msgspec.convert(_content_of(path), cls)
        except ValueError as error:
            _LOG.warning("%s is left out: %s", path, error)
            return cls()

    @property
    def trials(self) -> set[str]:
        """Every trial that a curve in the folder asked for."""
        return {*self.earlier_trials, *(name for subset in self.subsets for name in subset.trials)}

    def after(self, before: CurveRun) -> CurveRun:
        """This curve, which knows the trials of the ones before.

        A run's board in the same folder must know them as no trials of its own.
        """
        return replace(self, earlier_trials=tuple(sorted(before.trials - self.trials)))

    def write(self, folder: Path) -> None:
        """Write it as the curve.json of a folder, as `write_atomically` does."""
        _write(folder / "curve.json", msgspec.to_builtins(self))


def _content_of(path: Path) -> dict[str, Any]:
    """What a file of JSON holds; nothing, and a warning, where it is damaged."""
    try:
        return json_object(read_file(path, MOST_TEXT))
    except FileNotFoundError:
        return {}
    except ResultsError as error:
        _LOG.warning("%s is left out: %s", path, error)
        return {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(content, indent=1) + "\n")
