"""Arguments: the options of a request as those of a command."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from benchmark.request import Option, Request


def with_options(
    request: type[Request], *only: str, without: Sequence[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a request after its own; it takes them as keywords.

    Parameters
    ----------
    request : the kind of request.
    only : names of options, for a command that takes just these.
    without : names of options that it does not take.
    """
    hints, known = get_type_hints(request), {field.name: field for field in fields(request)}
    parameters = [
        _parameter(name, known[name].metadata["option"], known[name].default, hints[name])
        for name in only or known
        if name not in without
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        # Typer reads it to make the command line.
        command.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *parameters]
        )
        return command

    return decorate


def _parameter(name: str, about: Option, default: Any, hint: Any) -> inspect.Parameter:
    flag = about.flag or f"--{name.replace('_', '-')}"
    shown = True if about.unset is None else about.unset
    option = typer.Option(flag, metavar=about.metavar, help=about.help, show_default=shown)
    kind = about.kind or (Path | None if Path in get_args(hint) else hint)
    if default is None and about.kind is not None:
        kind = about.kind | None
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is MISSING else default,
        annotation=Annotated[kind, option],
    )
