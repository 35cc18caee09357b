"""Commands that show what there is: features, models, datasets and weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.commands.arguments import (
    Device,
    Features,
    Offline,
    Plugins,
    Preset,
    Seed,
    WeightsDir,
)
from benchmark.errors import InputError


def features(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Pictures, as for --data.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="A .csv or .parquet to write."),
    ] = None,
    montage: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Draw a few pictures of each class and their views."),
    ] = None,
    features: Features = "published",
    seed: Seed = 42,
    preset: Preset = "quick",
    plugins: Plugins = None,
    offline: Offline = False,
    weights_dir: WeightsDir = None,
) -> None:
    """Write the feature table of a dataset of pictures, or draw what the features see."""
    from benchmark.catalogue import look

    if out is None and montage is None:
        raise InputError("features writes a file: give -o FILE.csv, -o FILE.parquet or --montage")
    table = look(
        source,
        out=out,
        montage=montage,
        features=features,
        seed=seed,
        preset=preset,
        plugins=plugins or [],
        offline=offline,
        weights_dir=weights_dir,
    )
    if montage is not None:
        print(f"montage written to {montage}")
    if table is not None:
        n_rows, n_columns = table.shape
        print(f"{n_rows:,} rows of {n_columns - 3} features written to {out}")


def models(
    check: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE.py", help="Prove that a model keeps the contract."),
    ] = None,
    plugins: Plugins = None,
) -> None:
    """List the models, or prove that one keeps the contract."""
    from tabulate import tabulate

    import benchmark

    if check is not None:
        _check(check, plugins or [])
        return
    rows = [
        (model.name, model.family, model.inputs, model.training, model.origin)
        for model in benchmark.models(plugins=plugins or [])
    ]
    print(tabulate(rows, headers=("model", "family", "inputs", "training", "from")))


def _check(name: str, plugins: list[Path]) -> None:
    import benchmark

    findings = benchmark.check(name, plugins=plugins)
    for finding in findings:
        print(finding)
    failed = sum(not finding.passed for finding in findings)
    print(f"{len(findings) - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


def datasets(
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each as an image folder below DIR."),
    ] = None,
    seed: Seed = 42,
    preset: Preset = "quick",
    plugins: Plugins = None,
) -> None:
    """List the datasets that have a name, or write their pictures to files."""
    from tabulate import tabulate

    from benchmark import datasets as catalogue
    from benchmark.plugins import load_all

    load_all(plugins or [])
    if export is None:
        rows = [(source.name, source.description, source.origin) for source in catalogue.sources()]
        print(tabulate(rows, headers=("dataset", "what it is", "from")))
        return
    for folder in catalogue.export(export, seed=seed, preset=preset):
        print(folder)


def weights(
    build: Annotated[
        str | None,
        typer.Option(metavar="ROW", help="Build the modelled weights of a row on this machine."),
    ] = None,
    weights_dir: WeightsDir = None,
    seed: Seed = 42,
    threads: Annotated[
        int | None, typer.Option(metavar="N", help="Threads to build with.", show_default="all")
    ] = None,
    device: Device = "auto",
) -> None:
    """List the weights that rows start from: present or missing, and where; or build some."""
    from tabulate import tabulate

    import benchmark

    files = benchmark.weights(
        build=build, weights_dir=weights_dir, seed=seed, threads=threads, device=device
    )
    rows = [(w.model, "present" if w.present else "missing", w.path, w.source) for w in files]
    print(tabulate(rows, headers=("model", "status", "file", "comes from")))
