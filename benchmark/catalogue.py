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
    plugins: Sequence[str | Path] = (),
    offline: bool = False,
    weights_dir: str | Path | None = None,
) -> pd.DataFrame:
    """The feature table of a dataset of pictures: ``id``, ``split``, ``label``, then features.

    Written to ``out`` (``.csv`` or ``.parquet``) if given; ``run`` reads it as its data. Raises
    `InputError` if the source is no dataset of pictures or ``out`` no place for a table.
    """
    from benchmark.feature_table import check_place, feature_table, write_table
    from benchmark.frozen import feature_set
    from benchmark.portions import Wanted

    load_all(plugins)
    weights_folder = folder_of_weights(weights_dir)
    columns = feature_set(features, weights_folder, offline).columns
    if out is not None:
        check_place(Path(out))
    contents = datasets.load(source, seed=seed, preset=preset)
    if not contents.has_pictures:
        raise InputError(f"{source} is a feature table already; give pictures")
    files = tuple(str(Path(file).resolve()) for file in plugins)
    wanted = Wanted(features, None, files, seed, weights_folder, offline)
    table = feature_table(contents, wanted, columns)
    if out is not None:
        write_table(table, Path(out))
    return table


def montage(
    source: str | Path, *, out: str | Path | None = None, seed: int = 42, preset: str = "quick"
) -> np.ndarray:
    """A few training pictures of each class with their views side by side: uint8 (H, W, 3) RGB.

    Written to ``out`` (``.png``) if given. Raises `InputError` if the source is no dataset of
    pictures or ``out`` no place for one.
    """
    from benchmark.contact_sheet import check_place, montage_of, write_png

    if out is not None:
        check_place(Path(out))
    contents = datasets.load(source, seed=seed, preset=preset)
    if not contents.has_pictures:
        raise InputError(f"{source} is a feature table; a montage needs pictures")
    drawn = montage_of(contents)
    if out is not None:
        write_png(drawn, Path(out))
    return drawn


def models(*, plugins: Sequence[str | Path] = ()) -> list[Model]:
    """Every model that there is: built in, installed, and declared by the plugin files."""
    load_all(plugins)
    return chosen_models(None)


def check(name_or_file: str | Path, *, plugins: Sequence[str | Path] = ()) -> list[Finding]:
    """Put a model, or every model that a plugin file declares, through the conformance suite."""
    from models.conformance import check as conformance

    files = [*plugins]
    if str(name_or_file).endswith(".py"):
        files.append(name_or_file)
    load_all(files)
    if str(name_or_file).endswith(".py"):
        origin = str(Path(name_or_file).resolve())
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
