"""The simulation behind the figures in docs/statistics.md, in a size that a test can wait for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[3] / "docs" / "statistics" / "coverage.py"
SIMULATIONS = 150


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("coverage_simulation", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "part", ["of_accuracy", "of_differences", "of_tables", "of_splits", "of_scores"]
)
def test_intervals_hold_the_truth_as_often_as_they_say(simulation, part, monkeypatch):
    monkeypatch.setattr(simulation, "MIXES", simulation.MIXES[:1])
    monkeypatch.setattr(simulation, "RATES", simulation.RATES[:3])
    lines = list(getattr(simulation, part)(SIMULATIONS, np.random.default_rng(3)))
    promised = [line for line in lines if not line[0].startswith("(")]
    assert promised
    for name, where, share in promised:
        # Four standard errors of the simulation, beyond which 95 % would be a chance of 1 in 15000.
        assert share == pytest.approx(0.95, abs=0.072), f"{name}, {where}"


@pytest.mark.parametrize("part", ["of_seeds", "of_curves"])
def test_intervals_over_seeds_err_on_the_safe_side(simulation, part, monkeypatch):
    monkeypatch.setattr(simulation, "SEEDS", simulation.SEEDS[:2])
    monkeypatch.setattr(simulation, "CURVES", simulation.CURVES[:4:3])
    lines = list(getattr(simulation, part)(SIMULATIONS, np.random.default_rng(3)))
    for name, where, share in lines:
        if not name.startswith("("):
            assert share > 0.95 - 0.072, f"{name}, {where}"
            if where.startswith("1 seed"):
                assert share < 0.995, f"{name}, {where}"


def test_rank_intervals_hold_the_rank_at_least_as_often_as_they_say(simulation):
    held = {}
    for name, _, share in simulation.of_ranks(120, np.random.default_rng(3)):
        held.setdefault(name, []).append(share)
    assert min(held["rank"]) > 0.95
    assert min(held["(rank, percentiles)"]) < 0.95, "what the interval is there for"
