"""Do I need deep learning? Classical and deep models on one split, with honest statistics.

    import benchmark
    board = benchmark.run("photos/", models=["ResNet9*", "RandomForestClassifier"])
    board.to_frame()
    board.compare("published")

Every command of ``python -m benchmark`` is one of the functions here, with the same defaults.
"""

from __future__ import annotations

import os
import sys


def _leave_current_folder_out() -> None:
    """Under ``python -m benchmark``, import nothing from the folder that it is started in.

    Python looks there first, and a file of the user's may bear the name of any library.
    """
    words = [*sys.orig_argv, "", ""]
    is_command = sys.argv[:1] == ["-m"] and words[words.index("-m") + 1] == "benchmark"
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    if is_command and not sys.flags.safe_path and os.path.realpath(sys.path[0]) != home:
        del sys.path[0]


_leave_current_folder_out()

import lazy_loader

__version__ = "0.1.0"

# Each name is fetched when it is asked for, so that `--help` answers at once: `__init__.pyi` says
# from where. No module of the package bears the name of a call: importing it would hide the call.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
