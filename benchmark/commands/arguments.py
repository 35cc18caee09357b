"""Arguments: the options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.presets import PRESETS

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
Precision = Annotated[
    str,
    typer.Option(metavar="auto|float32", help="Of deep training; auto: bfloat16 where native."),
]
# Written out: asking results.METRICS would load NumPy for every --help.
_METRICS = "accuracy, balanced_accuracy, f1_weighted, f1_macro, roc_auc, log_loss, ece, mcc, brier"
SortBy = Annotated[str, typer.Option(metavar="METRIC", help=f"What ranks the rows: {_METRICS}.")]
