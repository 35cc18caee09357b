from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from results.leaderboard import Leaderboard
from results.seeds import seeds_of

RNG = np.random.default_rng(9)


def test_seeds_that_answer_alike_leave_the_pictures_alone():
    one = RNG.random(200) < 0.8
    found = seeds_of(np.stack([one] * 4))
    assert (found.sd, found.seed_error) == (0, 0)
    assert found.test_error == pytest.approx(one.std(ddof=1) / np.sqrt(200))
    assert found.low < found.mean < found.high


def test_pictures_that_are_all_alike_leave_the_seeds_alone():
    shares = np.array([0.0, 1.0, 1.0])
    found = seeds_of(np.repeat(shares[:, None] == 1, 50, axis=1))
    assert found.test_error == pytest.approx(0, abs=1e-9)
    assert found.sd == pytest.approx(shares.std(ddof=1))
    assert found.seed_error == pytest.approx(stats.sem(shares))


def test_the_parts_are_those_of_the_analysis_of_variance():
    # The table of Searle et al. with one observation per cell, sum by sum.
    correct = RNG.random((5, 80)) < RNG.random(80)
    y, (s, n) = correct.astype(float), correct.shape
    between_seeds = n * ((y.mean(1) - y.mean()) ** 2).sum() / (s - 1)
    between_pictures = s * ((y.mean(0) - y.mean()) ** 2).sum() / (n - 1)
    found = seeds_of(correct)
    assert found.seed_error == pytest.approx(np.sqrt(between_seeds / (s * n)))
    assert found.test_error == pytest.approx(np.sqrt(between_pictures / (s * n)))


def test_a_seed_that_matters_widens_the_interval():
    calm = RNG.random((3, 400)) < 0.8
    wild = RNG.random((3, 400)) < np.array([[0.7], [0.8], [0.9]])
    widths = [found.high - found.low for found in (seeds_of(calm), seeds_of(wild))]
    assert widths[1] > 2 * widths[0]


def test_one_seed_has_a_mean_only():
    found = seeds_of(np.array([[True, False]]))
    assert found.mean == 0.5
    assert np.isnan([found.sd, found.seed_error, found.test_error, found.low]).all()


def test_a_board_puts_seeds_together(keep, store):
    for seed, wrong in enumerate([range(10), range(14), range(5, 20)]):
        keep("ResNet9", {"test": wrong}, family="deep", seed=seed, splits={"test": 120})
    keep("SVC", splits={"test": 120})
    keep("SVC", status="failed", seed=1, splits={"test": 120})
    board = Leaderboard.from_store(store)
    table = board.seeds.set_index("metric")
    assert set(table.model) == {"ResNet9"}
    shares = 1 - np.array([10, 14, 15]) / 120
    assert table.loc["accuracy", "seeds"] == 3
    assert table.loc["accuracy", "mean"] == pytest.approx(shares.mean())
    assert table.loc["accuracy", "sd"] == pytest.approx(shares.std(ddof=1))
    assert table.loc["accuracy", "low"] < shares.mean() < table.loc["accuracy", "high"]
    frame = board.to_frame().query("model == 'ResNet9'")
    assert table.loc["mcc", "mean"] == pytest.approx(frame.mcc.mean())
    assert table.loc["mcc", "sd"] == pytest.approx(frame.mcc.std())
    said = next(warning for warning in board.warnings if "seeds" in warning)
    assert said.startswith(
        "ResNet9 ran with 3 seeds, of which the answer takes the best: their mean is 89.2 % "
        "(standard deviation over seeds 2.2 points; "
    )
