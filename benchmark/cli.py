"""The command line: each command is one call of the library."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from benchmark.errors import InputError, one_line, user_errors
from benchmark.presets import PRESETS


class _Stopped(Exception):
    """Ctrl-C, in a form that typer lets through with what it says."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _Stopped(one_line(error) or "interrupted") from error


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Do I need deep learning? Classical and deep models on the same split, on one board.",
)

_PRESETS = "; ".join(f"{preset.name}: {preset.description}" for preset in PRESETS.values())

Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="SOURCE",
        help="A dataset's name, a folder of pictures, an .npz, a .csv or a .parquet.",
    ),
]
Preset = Annotated[str, typer.Option(metavar="NAME", help=_PRESETS)]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Folder for the results.", show_default="runs/<data>-<preset>"
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Seed of every random choice.")]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Threads of each trial.", show_default="1 if classical, all cores if deep"
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Classical trials at a time.", show_default="what the cores allow"
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="S", help="Seconds after which a trial is killed.", show_default="the preset's"
    ),
]
MemoryLimit = Annotated[
    float | None,
    typer.Option(
        metavar="GB",
        help="Memory at which a trial is killed.",
        show_default="a fair share of what is free",
    ),
]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="Where deep models train.")]
Offline = Annotated[bool, typer.Option("--offline", help="Download nothing.")]
Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin", metavar="FILE.py", help="A file that declares more models, features, datasets."
    ),
]
Features = Annotated[str, typer.Option(metavar="SET", help="Feature set for classical models.")]
ImageSize = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Side in pixels of image models' pictures.", show_default="the preset's"
    ),
]
Retry = Annotated[bool, typer.Option("--retry", help="Run trials again that failed before.")]
WeightsDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder of weights files.",
        show_default="$BENCHMARK_WEIGHTS_DIR, torch's cache",
    ),
]
SortBy = Annotated[str, typer.Option(metavar="METRIC", help="What ranks the rows.")]


@app.command("all")
def run_all(
    context: typer.Context,
    data: Data = "folds",
    preset: Preset = "quick",
    out: Out = None,
    seed: Seed = 42,
    threads: Threads = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    memory_limit: MemoryLimit = None,
    device: Device = "auto",
    offline: Offline = False,
    plugins: Plugins = None,
    features: Features = "published",
    image_size: ImageSize = None,
    retry: Retry = False,
    sort_by: SortBy = "accuracy",
    weights_dir: WeightsDir = None,
) -> None:
    """Run every model on one dataset and make the leaderboard."""
    _run(**context.params)


@app.command("run")
def run_some(
    context: typer.Context,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN,PATTERN", help="Names or globs of models.", show_default="all of them"
        ),
    ] = None,
    data: Data = "folds",
    preset: Preset = "quick",
    out: Out = None,
    seed: Seed = 42,
    threads: Threads = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    memory_limit: MemoryLimit = None,
    device: Device = "auto",
    offline: Offline = False,
    plugins: Plugins = None,
    features: Features = "published",
    image_size: ImageSize = None,
    retry: Retry = False,
    sort_by: SortBy = "accuracy",
    weights_dir: WeightsDir = None,
) -> None:
    """Run some of the models."""
    _run(**context.params)


def _run(models: str | None = None, plugins: list[Path] | None = None, **options: Any) -> None:
    from benchmark import api
    from benchmark.run_folder import default_folder

    patterns = None if models is None else [p.strip() for p in models.split(",") if p.strip()]
    board = api.run(models=patterns, plugins=plugins or [], **options)
    print(board)
    folder = options["out"] or default_folder(board.label)
    print(f"\nleaderboard.csv, leaderboard.md and report.html are in {folder}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")],
    sort_by: SortBy = "accuracy",
) -> None:
    """Make a run's leaderboards again from its records; nothing is fitted."""
    from benchmark import api

    print(api.report(folder, sort_by=sort_by))


@app.command()
def compare(
    boards: Annotated[
        list[str],
        typer.Argument(
            metavar="A B ...", help="Each a run's folder, a leaderboard.csv, or `published`."
        ),
    ],
) -> None:
    """Show boards side by side, row by row, with the differences to the first."""
    from benchmark import api
    from results import render_comparison

    print(render_comparison(api.compare(*boards)))


@app.command()
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
    from benchmark import api

    if out is None and montage is None:
        raise InputError("features writes a file: give -o FILE.csv, -o FILE.parquet or --montage")
    if montage is not None:
        api.montage(source, out=montage, seed=seed, preset=preset)
        print(f"montage written to {montage}")
    if out is not None:
        table = api.features(
            source,
            out=out,
            features=features,
            seed=seed,
            preset=preset,
            plugins=plugins or [],
            offline=offline,
            weights_dir=weights_dir,
        )
        print(f"{len(table):,} rows of {table.shape[1] - 3} features written to {out}")


@app.command()
def models(
    check: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE.py", help="Prove that a model keeps the contract."),
    ] = None,
    plugins: Plugins = None,
) -> None:
    """List the models, or prove that one keeps the contract."""
    from tabulate import tabulate

    from benchmark import api

    if check is not None:
        _check(check, plugins or [])
        return
    rows = [
        (model.name, model.family, model.inputs, model.training, model.origin)
        for model in api.models(plugins=plugins or [])
    ]
    print(tabulate(rows, headers=("model", "family", "inputs", "training", "from")))


def _check(name: str, plugins: list[Path]) -> None:
    from benchmark import api

    findings = api.check(name, plugins=plugins)
    for finding in findings:
        print(finding)
    failed = sum(not finding.passed for finding in findings)
    print(f"{len(findings) - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


@app.command()
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


@app.command()
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

    from benchmark import api

    files = api.weights(
        build=build, weights_dir=weights_dir, seed=seed, threads=threads, device=device
    )
    rows = [(w.model, "present" if w.present else "missing", w.path, w.source) for w in files]
    print(tabulate(rows, headers=("model", "status", "file", "comes from")))


def run_command(arguments: list[str]) -> int:
    """Run the command line ``arguments``; returns the exit code.

    0: done (failed models have their rows); 1: a model does not keep the contract; 2: bad input,
    said in one line on stderr; 130: interrupted.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        code = app(arguments or ["--help"], prog_name="python -m benchmark", standalone_mode=False)
    except TyperException as error:
        return _refuse(error.format_message())
    except _Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 130
    except Exception as error:
        if isinstance(error, user_errors()):
            return _refuse(str(error))
        raise
    return code if isinstance(code, int) else 0


def _refuse(message: str) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return 2
