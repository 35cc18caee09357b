"""Libraries: imported once, for all classical trials, in the process that starts them.

Torch is left to the deep trials, which have seconds to spare: forked into every child, it would
count as memory of each. A library that can't be imported is left to the models that need it.
"""

from __future__ import annotations

import contextlib
from importlib import import_module

LIBRARIES = (
    "benchmark.trials.child",
    "models.classical.mended",
    "sklearn.calibration",
    "sklearn.dummy",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.naive_bayes",
    "sklearn.neighbors",
    "sklearn.pipeline",
    "sklearn.semi_supervised",
    "sklearn.svm",
    "sklearn.tree",
    "xgboost",
    "lightgbm",
)

for _library in LIBRARIES:
    with contextlib.suppress(Exception, SystemExit):
        import_module(_library)
