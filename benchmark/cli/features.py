"""The command that shows what features see: features."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli.arguments import with_options
from benchmark.errors import InputError
from benchmark.request import Request
from benchmark.terminal import echo


@with_options(Request, "features", "seed", "preset", "plugins", "offline", "weights_dir")
def features_command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Pictures, as for --data.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="A .csv or .parquet to write."),
    ] = None,
    montage: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Draw a few pictures of each class and their views."),
    ] = None,
    **options: Any,
) -> None:
    """Write the feature table of a dataset of pictures, or draw what the features see."""
    from benchmark.calls.features import look

    if out is None and montage is None:
        raise InputError("features writes a file: give -o FILE.csv, -o FILE.parquet or --montage")
    table = look(source, out=out, montage=montage, **options)
    if montage is not None:
        echo(f"montage written to {montage}")
    if table is not None:
        n_rows, n_columns = table.shape
        echo(f"{n_rows:,} rows of {n_columns - 3} features written to {out}")
