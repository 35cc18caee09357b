"""Commands that show what there is: models, datasets and weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli.arguments import with_options
from benchmark.request import Request
from benchmark.terminal import echo


@with_options(Request, "plugins")
def models_command(
    check: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE.py", help="Prove that a model keeps the contract."),
    ] = None,
    **options: Any,
) -> None:
    """List the models, or prove that one keeps the contract."""
    from tabulate import tabulate

    from benchmark.calls.models import models

    if check is not None:
        _check(check, options)
        return
    rows = [
        (model.name, model.family, model.inputs, model.training, model.origin)
        for model in models(**options)
    ]
    echo(tabulate(rows, headers=("model", "family", "inputs", "training", "from")))


def _check(name: str, options: dict[str, Any]) -> None:
    from benchmark.calls.models import check

    findings = check(name, **options)
    for finding in findings:
        echo(finding)
    failed = sum(not finding.passed for finding in findings)
    echo(f"{len(findings) - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


@with_options(Request, "seed", "preset", "plugins")
def datasets_command(
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each as an image folder below DIR."),
    ] = None,
    **options: Any,
) -> None:
    """List the datasets that have a name, or write their pictures to files."""
    from tabulate import tabulate

    from benchmark import datasets
    from benchmark.plugins import load_all

    load_all(options.pop("plugins"))
    if export is None:
        rows = [(source.name, source.description, source.origin) for source in datasets.sources()]
        echo(tabulate(rows, headers=("dataset", "what it is", "from")))
        return
    for folder in datasets.export(export, **options):
        echo(folder)


@with_options(Request, "weights_dir", "seed", "device")
def weights_command(
    build: Annotated[
        str | None,
        typer.Option(metavar="ROW", help="Build the modelled weights of a row on this machine."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(metavar="N", help="Threads to build with.", show_default="all")
    ] = None,
    **options: Any,
) -> None:
    """List the weights that rows start from: present or missing, and where; or build some."""
    from tabulate import tabulate

    from benchmark.calls.models import weights

    files = weights(build=build, threads=threads, **options)
    rows = [(w.model, "present" if w.present else "missing", w.path, w.source) for w in files]
    echo(tabulate(rows, headers=("model", "status", "file", "comes from")))
