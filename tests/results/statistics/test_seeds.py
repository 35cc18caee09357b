from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from results.leaderboard import Leaderboard
from results.statistics.inference import wilson
from results.statistics.seeds import apart, seeds_of, spread, unpaired_apart

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


def test_the_errors_are_those_of_the_means_over_one_and_the_other():
    correct = RNG.random((5, 80)) < RNG.random(80)
    found = seeds_of(correct)
    assert found.seed_error == pytest.approx(stats.sem(correct.mean(axis=1)))
    assert found.test_error == pytest.approx(stats.sem(correct.mean(axis=0)))


def test_where_one_source_is_next_to_nothing_the_interval_is_students():
    # Many pictures and a middling accuracy, where Wilson's interval is the normal one.
    shares = np.array([[0.49], [0.5], [0.51]])
    wild = np.arange(40_000) % 400 < 400 * shares  # in step, so that only the seeds differ
    found = seeds_of(wild)
    error = np.sqrt(found.test_error**2 * 1.96**2 + (stats.t.ppf(0.975, 2) * 0.01) ** 2 / 3)
    assert (found.low, found.high) == pytest.approx((0.5 - error, 0.5 + error), abs=2e-4)


@pytest.mark.parametrize("right", [0, 36, 67, 68])
def test_seeds_that_change_nothing_have_no_spread_at_all(right):
    one = np.arange(68) < right
    found = seeds_of(np.stack([one] * 3))
    assert (found.sd, found.seed_error) == (0, 0)
    # Nearly Wilson's: Student's quantile, and one picture fewer to divide by.
    assert (found.low, found.high) == pytest.approx(wilson(right, 68), abs=0.004)
    assert spread(np.full(3, right / 68)) == 0


def test_a_seed_that_matters_widens_the_interval():
    calm = RNG.random((3, 400)) < 0.8
    wild = RNG.random((3, 400)) < np.array([[0.7], [0.8], [0.9]])
    widths = [found.high - found.low for found in (seeds_of(calm), seeds_of(wild))]
    assert widths[1] > 2 * widths[0]


def test_one_seed_has_a_mean_only():
    found = seeds_of(np.array([[True, False]]))
    assert found.mean == 0.5
    assert np.isnan([found.sd, found.seed_error, found.test_error, found.low]).all()


def test_pairs_of_seeds_that_agree_leave_the_pictures_alone():
    # Six pictures of 100 part the two; Agresti and Min's interval in closed form, by Student's t.
    row = np.zeros(100)
    row[:5], row[5] = 1, -1
    found, one = apart(np.stack([row] * 3)), apart(row[None])
    shares = np.array([5.5, 1.5]) / 102
    error = np.sqrt((shares.sum() - (shares[0] - shares[1]) ** 2) / 100)
    half = stats.t.ppf(0.975, 99) * error
    assert (found.low, found.high) == pytest.approx((4 / 102 - half, 4 / 102 + half))
    assert found.difference == pytest.approx(0.04)
    assert (one.low, one.high, one.p) == pytest.approx((found.low, found.high, found.p))
    assert one.p == pytest.approx(2 * stats.t.sf(4 / 102 / error, 99), rel=1e-6)


def test_the_p_agrees_with_the_interval():
    for shift in np.linspace(0, 0.2, 9):
        a, b = RNG.random((3, 60)) < 0.6 + shift, RNG.random((3, 60)) < 0.6
        for found in (apart(a.astype(float) - b), unpaired_apart(a, b), unpaired_apart(a, b[:1])):
            assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


def test_seeds_that_do_not_go_in_pairs_are_pooled_as_in_students_test():
    # No picture differs from the next, so what is left is a test of two samples of accuracies.
    n = 20_000
    a, b = ((np.arange(n) % 1000 < 1000 * np.array(s)[:, None]) for s in ([0.4, 0.6], [0.2, 0.3]))
    found = unpaired_apart(a, b)
    error = found.difference / stats.ttest_ind([0.4, 0.6], [0.2, 0.3]).statistic
    picture = stats.t.ppf(0.975, n - 1) * (a.mean(axis=0) - b.mean(axis=0)).std() / np.sqrt(n)
    half = np.hypot(stats.t.ppf(0.975, 2) * error, picture)
    assert (found.low, found.high) == pytest.approx((0.25 - half, 0.25 + half), abs=1e-3)


def test_equal_seeds_say_nothing_and_opposite_ones_everything():
    ones = np.ones((3, 50))
    assert apart(0 * ones).p == 1
    assert apart(ones).p == 1e-12
    assert apart(ones).high == 1


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
