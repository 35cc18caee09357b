"""Do I need deep learning? Classical and deep models on one split, with honest statistics.

    import benchmark
    board = benchmark.run("photos/", models=["ResNet9*", "RandomForestClassifier"])
    board.to_frame()
    board.compare("published")

Every command of ``python -m benchmark`` is one of the functions here, with the same defaults.
"""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

# Each name is fetched when it is asked for, so that `--help` answers at once: `__init__.pyi` says
# from where. No module of the package bears the name of a call: importing it would hide the call.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
