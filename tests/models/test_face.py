"""The face: what it exports, what that costs, and that no module hides any of it."""

import subprocess
import sys
from pathlib import Path

import pytest

import models

ROOT = Path(__file__).parents[2]

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "torch", "torchvision", "lazypredict", "xgboost")


def loaded(code):
    """The heavy libraries that a new process has after running some code."""
    code += f"\nimport sys; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return done.stdout.split()


def test_importing_it_loads_nothing_and_every_model_is_there():
    assert loaded("import models; assert 'ResNet9' in [m.name for m in models.registered()]") == []


def test_what_the_benchmark_needs_before_and_in_a_classical_trial_loads_numpy_at_most():
    names = "EstimatorAnswer, SelfReport, WrongAnswer, ask, check_model, explain, findings, select"
    assert loaded(f"from models import {names}") == ["numpy"]
    assert loaded("from models import start_of, start_order, weights_folders, Estimator") == []


@pytest.mark.parametrize("name", models.__all__)
def test_every_export_is_the_thing_itself(name):
    exported = getattr(models, name)
    assert exported is not None
    assert not isinstance(exported, type(sys))


def test_no_module_bears_the_name_of_an_export():
    # Importing it would put it in the export's place.
    inside = {path.stem for path in (ROOT / "models").iterdir()}
    assert inside & set(models.__all__) == set()
