from __future__ import annotations

import numpy as np
import pytest

from results.statistics.bootstrap import probabilities_best, rank_intervals

RNG = np.random.default_rng(6)


def resampled(accuracies, spread):
    return accuracies + spread * RNG.normal(size=(4000, len(accuracies)))


def test_rows_far_apart_have_one_rank_each():
    accuracies = np.array([0.6, 0.9, 0.75])
    assert rank_intervals(accuracies, resampled(accuracies, 0.01)) == [(3, 3), (1, 1), (2, 2)]


def test_rows_close_together_may_have_any_rank():
    accuracies = np.array([0.80, 0.81, 0.82, 0.5])
    assert rank_intervals(accuracies, resampled(accuracies, 0.05)) == [(1, 3)] * 3 + [(4, 4)]


@pytest.mark.parametrize(("gap", "found"), [(1.90, (1, 2)), (2.02, (1, 1))])
def test_of_two_rows_it_is_the_normal_test(gap, found):
    # The difference of two independent accuracies has sqrt(2) times the spread of one.
    accuracies = np.array([0.5 + gap * np.sqrt(2) * 0.01, 0.5])
    draws = np.random.default_rng(1).normal(size=(200_000, 2))
    assert rank_intervals(accuracies, accuracies + 0.01 * draws)[0] == found


def test_more_rows_ask_for_larger_gaps():
    accuracies = np.array([0.5 + 2.3 * np.sqrt(2) * 0.01, *[0.5] * 9])
    assert rank_intervals(accuracies, resampled(accuracies, 0.01))[0][1] > 1
    assert rank_intervals(accuracies[:2], resampled(accuracies[:2], 0.01))[0] == (1, 1)


def test_rows_that_move_together_are_told_apart_by_little():
    accuracies = np.array([0.80, 0.79])
    together = accuracies + 0.05 * RNG.normal(size=(1000, 1))
    together += 0.001 * RNG.normal(size=(1000, 2))
    assert rank_intervals(accuracies, together) == [(1, 1), (2, 2)]


def test_rows_with_the_same_answers_share_their_ranks():
    accuracies = np.array([0.8, 0.8])
    same = accuracies + 0.05 * RNG.normal(size=(1000, 1))
    assert rank_intervals(accuracies, same) == [(1, 2), (1, 2)]
    assert probabilities_best(same).tolist() == [0.5, 0.5]
    assert rank_intervals([0.8], same[:, :1]) == [(1, 1)]


def test_the_probability_of_being_best_by_counting():
    draws = np.array([[0.9, 0.8, 0.1], [0.7, 0.8, 0.1], [0.9, 0.9, 0.1], [0.6, 0.8, 0.1]])
    assert probabilities_best(draws).tolist() == [(1 + 0.5) / 4, (2 + 0.5) / 4, 0]
