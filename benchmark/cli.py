"""The command line: runs a command, and says in one line what the user did wrong."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from benchmark.commands import boards, catalogue, runs
from benchmark.errors import one_line, user_errors


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

_COMMANDS: dict[str, Callable[..., None]] = {
    "all": runs.run_all,
    "run": runs.run_some,
    "curve": runs.curve,
    "report": boards.report,
    "compare": boards.compare,
    "merge": boards.merge,
    "features": catalogue.features,
    "models": catalogue.models,
    "datasets": catalogue.datasets,
    "weights": catalogue.weights,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)


def run_command(arguments: list[str]) -> int:
    """Run the command line ``arguments``; returns the exit code.

    0: done (failed models have their rows); 1: a model does not keep the contract, or there is a
    regression and it was asked for; 2: bad input,
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
