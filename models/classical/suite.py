"""The classical suite: LazyPredict's list of classifiers behind LazyPredict's preprocessing."""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import logging
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from models.contract import Context, Estimator, Model
from models.errors import on_one_line

_log = logging.getLogger(__name__)

# Classes of LazyPredict's list that are no classifiers of their own, and why: LazyPredict itself
# fails on each of them and drops it.
LEFT_OUT = {
    "CategoricalNB": "takes category codes, not measurements",
    "FixedThresholdClassifier": "wraps another classifier and has no default one",
    "SelfTrainingClassifier": "wraps another classifier and has no default one",
    "StackingClassifier": "wraps other classifiers and has no default ones",
    "TunedThresholdClassifierCV": "wraps another classifier and has no default one",
}

# Rows of the published study that stay when scikit-learn drops the class behind them.
_KEPT = {"PassiveAggressiveClassifier": "sklearn.linear_model"}

# Started first, so that no long trial is left to run alone at the end. By the times in the study's
# published table and our own; anything not of the suite may be long and goes before all of them.
_LONGEST_FIRST = (
    "XGBClassifier",
    "RandomForestClassifier",
    "LabelSpreading",
    "AdaBoostClassifier",
    "BaggingClassifier",
    "LGBMClassifier",
    "CalibratedClassifierCV",
    "LabelPropagation",
    "ExtraTreesClassifier",
    "NuSVC",
    "SVC",
    "LinearSVC",
    "DecisionTreeClassifier",
)

# Everything whose version or presence decides what is in LazyPredict's list.
_DECIDES_THE_LIST = (
    "lazypredict",
    "scikit-learn",
    "xgboost",
    "xgboost-cpu",
    "lightgbm",
    "catboost",
    "perpetual",
    "interpret",
)

_SNAPSHOT = Path(__file__).with_name("lazypredict.json")


def classical_models() -> list[Model]:
    """The suite as models, in LazyPredict's order, without importing a single classifier."""
    models = []
    for name, module in suite().items():
        build = functools.partial(pipeline, name, module)
        details = functools.partial(_details, name, module)
        models.append(Model(name, "classical", "features", build, "", "built in", details))
    return models


def start_order(model: Model) -> int:
    """Where a model stands among those of a run: the longest first, by what is known of them."""
    if model.name in _LONGEST_FIRST:
        return _LONGEST_FIRST.index(model.name)
    return len(_LONGEST_FIRST) if model.name in suite() else -1


@functools.cache
def suite() -> dict[str, str]:
    """Name of every classifier of the suite and the module that exports it.

    Importing LazyPredict takes seconds, so its list is kept beside this file for the library
    versions that the project is tested with; with any other versions LazyPredict is asked. It
    imports every library of its classifiers: where one is broken, the list that is kept stands.
    """
    snapshot = json.loads(_SNAPSHOT.read_text(encoding="utf-8"))
    listed = snapshot["classifiers"]
    if snapshot["versions"] != installed_versions():
        try:
            listed = lazypredict_list()
        except Exception as error:  # noqa: BLE001 - whatever a broken library may raise
            why = on_one_line(f"{type(error).__name__}: {error}")
            _log.warning(
                "LazyPredict can't be imported (%s): its list is that of %s",
                why,
                snapshot["versions"]["lazypredict"],
            )
    return {name: listed.get(name) or _KEPT[name] for name in sorted({*listed, *_KEPT})}


def lazypredict_list() -> dict[str, str]:
    """LazyPredict's own list without `LEFT_OUT`: class name and public module, live."""
    from lazypredict.Supervised import CLASSIFIERS

    return {
        name: classifier.__module__.split("._")[0].removesuffix(".sklearn")
        for name, classifier in CLASSIFIERS
        if name not in LEFT_OUT
    }


def installed_versions() -> dict[str, str]:
    """Versions of the installed libraries that decide what LazyPredict lists."""
    versions = {}
    for name in _DECIDES_THE_LIST:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def write_snapshot() -> None:
    """Renew the list kept beside this file; for whoever raises a version in constraints.txt."""
    snapshot = {"versions": installed_versions(), "classifiers": lazypredict_list()}
    _SNAPSHOT.write_text(json.dumps(snapshot, indent=2) + "\n", encoding="utf-8")


def pipeline(name: str, module: str, context: Context) -> Estimator:
    """LazyPredict's three steps, its ``random_state`` too: on one table accuracies are its own."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        SimpleImputer(strategy="mean"), StandardScaler(), _classifier(name, module, context)
    )


def _classifier(name: str, module: str, context: Context) -> Any:
    if name == "PassiveAggressiveClassifier":
        # scikit-learn 1.8 deprecates it for removal in 1.10 and names this as the same algorithm
        # (PA-I with C = 1, Crammer et al. 2006).
        from sklearn.linear_model import SGDClassifier

        settings = {"loss": "hinge", "penalty": None, "learning_rate": "pa1", "eta0": 1.0}
        return SGDClassifier(**settings, random_state=context.seed)
    if name in ("LabelPropagation", "LabelSpreading", "QuadraticDiscriminantAnalysis"):
        from models.classical import mended

        if name == "QuadraticDiscriminantAnalysis":
            return mended.LeastRegularisedQDA()
        return getattr(mended, f"Answering{name}")()
    classifier = getattr(importlib.import_module(module), name)()
    if "random_state" in classifier.get_params():
        classifier.set_params(random_state=context.seed)
    # As silent as LazyPredict has them, and their threads: scikit-learn's own estimators take
    # theirs from the trial's joblib settings.
    threads = context.threads
    boosting: dict[str, dict[str, Any]] = {
        "lightgbm": {"verbose": -1, "verbosity": -1, "n_jobs": threads},
        "xgboost": {"verbosity": 0, "n_jobs": threads},
        "catboost": {"verbose": 0, "allow_writing_files": False, "thread_count": threads},
    }
    return classifier.set_params(**boosting.get(module.split(".")[0], {}))


def _details(name: str, module: str, context: Context) -> Mapping[str, Any]:
    return {"classifier": f"{module}.{name}", "imputation": "mean", "scaling": "standard"}
