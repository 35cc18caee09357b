"""The command line: runs a command, and says in one line what the user did wrong."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from benchmark.cli.boards import compare_command, merge_command, report_command
from benchmark.cli.features import features_command
from benchmark.cli.models import datasets_command, models_command, weights_command
from benchmark.cli.runs import all_command, curve_command, run_command
from benchmark.errors import broken_library, one_line, user_errors
from benchmark.terminal import PrintableFormatter


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

_COMMANDS: tuple[Callable[..., None], ...] = (
    all_command,
    run_command,
    curve_command,
    report_command,
    compare_command,
    merge_command,
    features_command,
    models_command,
    datasets_command,
    weights_command,
)
for _command in _COMMANDS:
    app.command(_command.__name__.removesuffix("_command"))(_command)


def run_arguments(arguments: list[str]) -> int:
    """Run the command line ``arguments``; returns the exit code.

    0: done (failed models have their rows); 1: something that was checked does not keep its
    contract, or there is a regression and it was asked for; 2: bad input, said in one line on
    stderr; 130: interrupted. A fault of ours is raised.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
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
        if library := broken_library(error):
            why = f"{type(error).__name__}: {error}"
            return _refuse(f"{library} can't be imported ({why}); mend or reinstall it")
        raise
    return code if isinstance(code, int) else 0


def _refuse(message: str) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return 2
