"""Do I need deep learning? Classical and deep models on one split, with honest statistics.

    import benchmark
    board = benchmark.run("photos/", models=["ResNet9*", "RandomForestClassifier"])
    board.to_frame()
    board.compare("published")

Every command of ``python -m benchmark`` is one of the functions here, with the same defaults.
"""

from __future__ import annotations

import os
import signal
import sys


def _is_command() -> bool:
    """Whether this is ``python -m benchmark``."""
    words = [*sys.orig_argv, "", ""]
    return sys.argv[:1] == ["-m"] and words[words.index("-m") + 1] == "benchmark"


def _leave_current_folder_out() -> None:
    """Import nothing from the folder that the command is started in.

    Python looks there first, and a file of the user's may bear the name of any library.
    """
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    if not sys.flags.safe_path and os.path.realpath(sys.path[0]) != home:
        del sys.path[0]


def _end_quietly() -> None:
    """Until the command hears Ctrl-C itself, let it end by it, without a traceback of imports."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if _is_command():
    _leave_current_folder_out()
    _end_quietly()

import lazy_loader

__version__ = "0.1.0"

# Each name is fetched when it is asked for, so that `--help` answers at once: `__init__.pyi` says
# from where. No module of the package bears the name of a call: importing it would hide the call.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
