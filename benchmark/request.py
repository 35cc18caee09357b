"""Request: everything that a run can be asked for, each option written once.

The calls of the library and the commands derive their parameters from it (`takes`,
`benchmark.cli.arguments`), and a trial's `models.Context` takes over what models are told of it.
An option more is one line here.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, MISSING, dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_type_hints

from benchmark.presets import PRESETS

_Given = ParamSpec("_Given")
_Returned = TypeVar("_Returned")
AnyRequest = TypeVar("AnyRequest", bound="Request")

_PATTERNS = "PATTERN,PATTERN"
_PRESETS = "; ".join(f"{preset.name}: {preset.description}" for preset in PRESETS.values())
_SOURCES = "A dataset's name, a folder of pictures, an .npz, a .csv or a .parquet."
# Written out: asking results.METRICS would load NumPy for every --help.
_METRICS = "accuracy, balanced_accuracy, f1_weighted, f1_macro, roc_auc, log_loss, ece, mcc, brier"


@dataclass(frozen=True)
class Option:
    """What is said of an option, and how it is written on the command line.

    Attributes
    ----------
    help : what it is, in a sentence.
    metavar : what stands for its value.
    unset : what happens without it, where its default does not say that.
    flag : its name on the command line, if it is not the field's.
    kind : its type there, if it is not the field's.
    """

    help: str
    metavar: str | None = None
    unset: str | None = None
    flag: str | None = None
    kind: Any = None


def option(default: Any, *about: str | None, flag: str | None = None, kind: Any = None) -> Any:
    """A field of a request; ``about`` is an `Option`'s help, metavar and unset."""
    metadata = {"option": Option(*about, flag=flag, kind=kind)}  # type: ignore[arg-type, misc]
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Request:
    """What every kind of run can be asked for."""

    data: str | Path = option("folds", _SOURCES, "SOURCE", kind=str)
    _: KW_ONLY
    models: Sequence[str] | str | None = option(
        None, "Names or globs of models.", _PATTERNS, "all of them", kind=str
    )
    preset: str = option("quick", _PRESETS, "NAME")
    out: str | Path | None = option(None, "Folder for the results.", "DIR", "runs/<data>-<preset>")
    seed: int = option(42, "Seed of every random choice.", "N")
    threads: int | None = option(
        None, "Threads of each trial.", "N", "1 if classical, all cores if deep"
    )
    jobs: int | None = option(None, "Classical trials at a time.", "N", "what the cores allow")
    timeout: float | None = option(
        None, "Seconds after which a trial is killed.", "S", "the preset's"
    )
    memory_limit: float | None = option(
        None, "GB of memory at which a trial is killed.", "GB", "a fair share of what is free"
    )
    device: str = option("auto", "Where deep models train.", "auto|cpu|cuda")
    offline: bool = option(False, "Download nothing.")
    plugins: Sequence[str | Path] | str | Path = option(
        (),
        "A file that declares more models, features, datasets, metrics.",
        "FILE.py",
        flag="--plugin",
        kind=list[Path],
    )
    features: str = option("published", "Feature set for classical models.", "SET")
    image_size: int | None = option(
        None, "Side in pixels of image models' pictures.", "N", "the preset's"
    )
    retry: bool = option(False, "Run trials again that failed before.")
    weights_dir: str | Path | None = option(
        None, "Folder of weights files.", "DIR", "$BENCHMARK_WEIGHTS_DIR, torch's cache"
    )
    precision: str = option(
        "auto", "Of deep training; auto: bfloat16 where native.", "auto|float32"
    )


@dataclass(frozen=True)
class RunRequest(Request):
    """What `benchmark.run` can be asked for."""

    _: KW_ONLY
    sort_by: str = option("accuracy", f"What ranks the rows: {_METRICS}.", "METRIC")


@dataclass(frozen=True)
class CurveRequest(Request):
    """What `benchmark.curve` can be asked for."""

    _: KW_ONLY
    models: Sequence[str] | str = option(
        MISSING, "Some classical and some deep models.", _PATTERNS, kind=str
    )
    sizes: Sequence[int] | str | None = option(
        None, "Numbers of training pictures.", "N,N,...", "all, a half, a quarter ...", kind=str
    )
    seeds: int = option(3, "How many subsets of each size.", "N")


def options_of(request: type[Request]) -> dict[str, Option]:
    """What is said of every option of a kind of request, by its name."""
    return {field.name: field.metadata["option"] for field in dataclasses.fields(request)}


def takes(
    request: Callable[_Given, AnyRequest],
) -> Callable[[Callable[[AnyRequest], _Returned]], Callable[_Given, _Returned]]:
    """Turn a function of a request into a call that takes the request's options as arguments.

    Their help becomes the ``Parameters`` of its docstring.
    """

    def decorate(function: Callable[[AnyRequest], _Returned]) -> Callable[_Given, _Returned]:
        @functools.wraps(function)
        def call(*given: _Given.args, **named: _Given.kwargs) -> _Returned:
            return function(request(*given, **named))

        hints, signature = get_type_hints(request), inspect.signature(request)
        parameters = [p.replace(annotation=hints[p.name]) for p in signature.parameters.values()]
        made: Any = call
        made.__signature__ = signature.replace(
            parameters=parameters, return_annotation=function.__annotations__["return"]
        )
        made.__doc__ = _documented(function.__doc__ or "", request)
        return call

    return decorate


def _documented(text: str, request: Any) -> str:
    """A docstring with the options' help where its first section begins, or at its end."""
    summary, section, rest = inspect.cleandoc(text).partition("\nRaises\n")
    lines = [
        f"{name} : {about.help}" + (f" By default {about.unset}." if about.unset else "")
        for name, about in options_of(request).items()
    ]
    wrapped = [textwrap.fill(line, 96, subsequent_indent="    ") for line in lines]
    return "\n".join([summary, "", "Parameters", "----------", *wrapped, section + rest])
