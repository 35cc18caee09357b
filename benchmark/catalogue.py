"""The library's calls that show what there is: features, montage, models, check and weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import datasets, processes
from benchmark.errors import InputError
from benchmark.options import check_numbers, chosen_models, folder_of_weights
from benchmark.plugins import load_all

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from benchmark.datasets import Dataset
    from benchmark.feature_table import FeatureTable
    from benchmark.portions import Wanted
    from models import Model
    from models.conformance import Finding
    from models.weights import WeightsFile


def features(
    source: str | Path,
    *,
    out: str | Path | None = None,
    features: str = "published",
    seed: int = 42,
    preset: str = "quick",
    plugins: Sequence[str | Path] | str | Path = (),
    offline: bool = False,
    weights_dir: str | Path | None = None,
) -> pd.DataFrame:
    """The feature table of a dataset of pictures: ``id``, ``split``, ``label``, then features.

    Written to ``out`` (``.csv`` or ``.parquet``) if given; ``run`` reads it as its data. Raises
    `InputError` if the source is no dataset of pictures or ``out`` no place for a table.
    """
    from benchmark import feature_table

    files = load_all(plugins)
    wanted, columns = _wanted(features, files, seed, weights_dir, offline)
    if out is not None:
        feature_table.check_place(Path(out))
    return _tabulated(_of_pictures(source, seed, preset), wanted, columns, out).frame()


def montage(
    source: str | Path,
    *,
    out: str | Path | None = None,
    seed: int = 42,
    preset: str = "quick",
    plugins: Sequence[str | Path] | str | Path = (),
) -> np.ndarray:
    """A few training pictures of each class with their views side by side: uint8 (H, W, 3) RGB.

    Twelve classes are shown at most, the first ones. Written to ``out`` (``.png``) if given. Raises
    `InputError` if the source is no dataset of pictures or ``out`` no place for one.
    """
    from benchmark import contact_sheet

    load_all(plugins)
    if out is not None:
        contact_sheet.check_place(Path(out))
    return _drawn(_of_pictures(source, seed, preset), out)


def look(
    source: str | Path,
    *,
    out: str | Path | None,
    montage: str | Path | None,
    features: str,
    seed: int,
    preset: str,
    plugins: Sequence[str | Path],
    offline: bool,
    weights_dir: str | Path | None,
) -> FeatureTable | None:
    """What the command ``features`` does: write a montage, a table, or both; returns the table.

    The parameters are those of `features` and `montage`. All of them are checked before anything is
    written, and the pictures are looked for once.
    """
    from benchmark import contact_sheet, feature_table

    files = load_all(plugins)
    wanted, columns = _wanted(features, files, seed, weights_dir, offline)
    if out is not None:
        feature_table.check_place(Path(out))
    if montage is not None:
        contact_sheet.check_place(Path(montage))
    contents = _of_pictures(source, seed, preset)
    if montage is not None:
        _drawn(contents, montage)
    return None if out is None else _tabulated(contents, wanted, columns, out)


def _wanted(
    features: str, files: tuple[str, ...], seed: int, weights_dir: str | Path | None, offline: bool
) -> tuple[Wanted, Sequence[str]]:
    """What to make of each picture, and the names of its columns."""
    from benchmark.frozen import feature_set
    from benchmark.portions import Wanted

    weights_folder = folder_of_weights(weights_dir)
    columns = feature_set(features, weights_folder, offline).columns
    return Wanted(features, None, files, seed, weights_folder, offline), columns


def _of_pictures(source: str | Path, seed: int, preset: str) -> Dataset:
    contents = datasets.load(source, seed=seed, preset=preset)
    if not contents.has_pictures:
        raise InputError(f"{source} is a feature table already; give pictures")
    return contents


def _tabulated(
    contents: Dataset, wanted: Wanted, columns: Sequence[str], out: str | Path | None
) -> FeatureTable:
    from benchmark.feature_table import tabulated

    table = tabulated(contents, wanted, columns)
    if out is not None:
        table.write(Path(out))
    return table


def _drawn(contents: Dataset, out: str | Path | None) -> np.ndarray:
    from benchmark.contact_sheet import montage_of, write_png
    from benchmark.progress import Progress

    with Progress() as progress:
        drawn = montage_of(contents, say=progress.say)
    if out is not None:
        write_png(drawn, Path(out))
    return drawn


def models(*, plugins: Sequence[str | Path] | str | Path = ()) -> list[Model]:
    """Every model that there is: built in, installed, and declared by the plugin files."""
    load_all(plugins)
    return chosen_models(None)


def check(
    name_or_file: str | Path, *, plugins: Sequence[str | Path] | str | Path = ()
) -> list[Finding]:
    """Put a model, or every model that a plugin file declares, through the conformance suite."""
    from models.conformance import check as conformance

    load_all(plugins)
    if str(name_or_file).endswith(".py"):
        (origin,) = load_all(name_or_file)
        chosen = [model for model in chosen_models(None) if model.origin == origin]
        if not chosen:
            raise InputError(f"plugin {name_or_file} declares no model; decorate one with @model")
    else:
        chosen = chosen_models([str(name_or_file)])
    return [finding for model in chosen for finding in conformance(model)]


def weights(
    *,
    build: str | None = None,
    weights_dir: str | Path | None = None,
    seed: int = 42,
    threads: int | None = None,
    device: str = "auto",
) -> list[WeightsFile]:
    """Which weights are present, where, and which are missing; build modelled ones first.

    Parameters
    ----------
    build : a row whose modelled weights are to be built, such as ``ResNet9-modelled``; a file that
        is there is replaced.
    weights_dir : folder to look into before the usual places, and to build into.
    seed : of the modelled pictures and of the training.
    threads : threads to build with, by default all cores.
    device : ``auto``, ``cpu`` or ``cuda``; where to build.

    Raises `InputError` or `ModelError` for bad input.
    """
    if build is not None:
        from benchmark.building import build_weights

        check_numbers({"threads": threads}, {}, seed)
        build_weights(build, weights_dir, seed, threads or processes.cores(), device)
    from models.weights import status

    return status(folder_of_weights(weights_dir))
