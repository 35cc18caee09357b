"""The library's calls that show what features see: features and montage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import datasets
from benchmark.checks import check_file, folder_of_weights
from benchmark.datasets import Dataset
from benchmark.errors import InputError
from benchmark.exhibits import montage_of, write_png
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.products import Spec
from benchmark.inputs.table import FeatureTable, tabulated
from benchmark.plugins import load_all
from benchmark.progress import Progress
from benchmark.request import Request

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_Plugins = Sequence[str | Path] | str | Path


def features(
    source: str | Path,
    *,
    out: str | Path | None = None,
    features: str = Request.features,
    seed: int = Request.seed,
    preset: str = Request.preset,
    plugins: _Plugins = Request.plugins,
    offline: bool = Request.offline,
    weights_dir: str | Path | None = Request.weights_dir,
) -> pd.DataFrame:
    """The feature table of a dataset of pictures: ``id``, ``split``, ``label``, then features.

    Parameters
    ----------
    source : pictures, as for `run`'s ``data``.
    out : a ``.csv`` or ``.parquet`` to write it to; `run` reads it as its data.

    The others are those of `run`.

    Raises
    ------
    InputError
        If the source is no dataset of pictures or ``out`` no place for a table.
    """
    spec = _spec(features, load_all(plugins), seed, weights_dir, offline)
    if out is not None:
        check_file(Path(out), ".csv", ".parquet")
    return _tabulated(_pictures(source, seed, preset), spec, out).frame()


def montage(
    source: str | Path,
    *,
    out: str | Path | None = None,
    seed: int = Request.seed,
    preset: str = Request.preset,
    plugins: _Plugins = Request.plugins,
) -> np.ndarray:
    """A few training pictures of each class with their views side by side: uint8 (H, W, 3) RGB.

    Twelve classes are shown at most, the first ones.

    Parameters
    ----------
    source : pictures, as for `run`'s ``data``.
    out : a ``.png`` to write it to.

    The others are those of `run`.

    Raises
    ------
    InputError
        If the source is no dataset of pictures or ``out`` no place for one.
    """
    load_all(plugins)
    if out is not None:
        check_file(Path(out), ".png")
    return _drawn(_pictures(source, seed, preset), out)


def look(
    source: str | Path,
    *,
    out: str | Path | None,
    montage: str | Path | None,
    features: str,
    seed: int,
    preset: str,
    plugins: _Plugins,
    offline: bool,
    weights_dir: str | Path | None,
) -> FeatureTable | None:
    """What the command ``features`` does: write a montage, a table, or both; returns the table.

    The parameters are those of `features` and `montage`. All of them are checked before anything is
    written, and the pictures are looked for once.
    """
    spec = _spec(features, load_all(plugins), seed, weights_dir, offline)
    if out is not None:
        check_file(Path(out), ".csv", ".parquet")
    if montage is not None:
        check_file(Path(montage), ".png")
    contents = _pictures(source, seed, preset)
    if montage is not None:
        _drawn(contents, montage)
    return None if out is None else _tabulated(contents, spec, out)


def _spec(
    features: str, files: tuple[str, ...], seed: int, weights_dir: str | Path | None, offline: bool
) -> Spec:
    chosen = chosen_features(features, folder_of_weights(weights_dir), offline)
    return Spec(chosen, None, files, seed)


def _pictures(source: str | Path, seed: int, preset: str) -> Dataset:
    contents = datasets.load(source, seed=seed, preset=preset)
    if not contents.has_pictures:
        raise InputError(f"{source} is a feature table already; give pictures")
    with Progress() as progress:
        for line in contents.announcement:
            progress.say(line)
    return contents


def _tabulated(contents: Dataset, spec: Spec, out: str | Path | None) -> FeatureTable:
    table = tabulated(contents, spec)
    if out is not None:
        table.write(Path(out))
    return table


def _drawn(contents: Dataset, out: str | Path | None) -> np.ndarray:
    with Progress() as progress:
        drawn = montage_of(contents, say=progress.say)
    if out is not None:
        write_png(drawn, Path(out))
    return drawn
