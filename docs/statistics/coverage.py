"""How often each interval holds the truth, by simulation: `python docs/statistics/coverage.py`.

Test sets are drawn again and again from a population that is known; an interval at 95 % should hold
the population's value in 95 of 100 of them. Prints a table in Markdown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from tabulate import tabulate

from results.bootstrap import RESAMPLED, resample
from results.metrics import METRICS
from results.ranks import rank_intervals
from results.record import Predictions
from results.seeds import seeds_of
from results.statistics import (
    corrected_resampled_t,
    difference_interval,
    interval_around,
    wilson,
)

# Pictures of each class, and how far a true class's score stands above the others'.
MIXES = (((23, 23, 22), 1.3), ((23, 23, 22), 2.2), ((150, 100, 50), 1.5), ((800, 200), 2.0))
RATES = (
    (68, 0.04, 0.03),
    (68, 0.10, 0.05),
    (68, 0.20, 0.10),
    (300, 0.10, 0.05),
    (300, 0.03, 0.03),
    (1000, 0.08, 0.05),
)

Line = tuple[str, str, float]


def main(simulations: int) -> None:
    """Print the table, a line for each interval and population."""
    lines = [(name, where, f"{100 * share:.1f} %") for name, where, share in coverage(simulations)]
    print(tabulate(lines, headers=["interval of", "population", "coverage"], tablefmt="github"))


def coverage(simulations: int) -> Iterator[Line]:
    """(what the interval is of, the population, share of intervals that hold the truth)."""
    for part in (of_accuracy, of_differences, of_scores, of_seeds, of_splits, of_ranks):
        yield from part(simulations, np.random.default_rng(1))


def of_accuracy(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """Wilson's interval."""
    for n, p in ((68, 0.75), (300, 0.85), (1000, 0.95)):
        held = [_holds(wilson(int(k), n), p) for k in rng.binomial(n, p, simulations)]
        yield "accuracy", f"{n} pictures, {p:.2f}", float(np.mean(held))


def of_differences(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """The paired bootstrap interval, and for comparison the one with no half pictures added."""
    for n, only_a, only_b in RATES:
        held, naive = [], []
        for a, b, _ in rng.multinomial(n, [only_a, only_b, 1 - only_a - only_b], simulations):
            right_a, right_b = np.arange(n) < a, (np.arange(n) >= a) & (np.arange(n) < a + b)
            held.append(_holds(difference_interval(right_a, right_b), only_a - only_b))
            drawn = rng.multinomial(n, [a / n, b / n, 1 - (a + b) / n], 1000)
            low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / n, [0.025, 0.975])
            naive.append(_holds((low, high), only_a - only_b))
        where = f"{n} pictures, {only_a:.2f} and {only_b:.2f} right alone"
        yield "difference", where, float(np.mean(held))
        yield "(difference, nothing added)", where, float(np.mean(naive))


def of_scores(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """The stratified bootstrap's intervals, in test sets of one class mix."""
    for mix, lift in MIXES:
        large = _draw(tuple(400_000 // sum(mix) * n for n in mix), lift, rng)
        truth = {name: METRICS[name](large, len(mix)) for name in RESAMPLED}
        held: dict[str, list[bool]] = {name: [] for name in RESAMPLED}
        for k in range(simulations):
            drawn = _draw(mix, lift, rng)
            errors = resample([drawn], len(mix), seed=k).errors
            for name in RESAMPLED:
                value = METRICS[name](drawn, len(mix))
                found = interval_around(value, float(errors[name][0]), len(drawn))
                held[name].append(_holds(found, truth[name]))
        for name in RESAMPLED:
            where = f"classes of {', '.join(map(str, mix))}; {truth[name]:.2f}"
            yield METRICS[name].title, where, float(np.mean(held[name]))


def of_seeds(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """The interval of a mean over seeds, where seeds, pictures and chance all differ."""
    for seeds, n, by_seed in ((3, 300, 0.1), (5, 300, 0.5), (10, 1000, 0.2)):
        truth = float(np.mean(_chances(400, 4000, by_seed, rng)))
        held = []
        for _ in range(simulations):
            chances = _chances(seeds, n, by_seed, rng)
            found = seeds_of(rng.random(chances.shape) < chances)
            held.append(_holds((found.low, found.high), truth))
        yield "mean over seeds", f"{seeds} seeds, {n} pictures, seed's sd {by_seed}", np.mean(held)


def of_splits(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """The corrected resampled t interval: two equally good classifiers of one feature each."""
    for n, n_test, splits in ((200, 40, 10), (300, 90, 10), (300, 30, 30)):
        held = []
        for _ in range(simulations):
            labels = rng.integers(2, size=n)
            features = rng.normal(size=(n, 2)) + labels[:, None]
            scores = [_split_difference(labels, features, n_test, rng) for _ in range(splits)]
            low, high, _ = corrected_resampled_t(scores, n - n_test, n_test)
            held.append(_holds((low, high), 0.0))
        where = f"{splits} splits, {n - n_test} and {n_test} pictures"
        yield "difference over splits", where, float(np.mean(held))


def of_ranks(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """Rank intervals of eight rows, and for comparison the percentiles of resampled ranks.

    Each simulation is of eight ranks, so a quarter as many will do.
    """
    for n, step in ((300, 0.002), (300, 0.02), (1000, 0.05)):
        chances = 0.8 - step * np.arange(8)
        held, naive = [], []
        for k in range(simulations // 4):
            difficulty = rng.normal(0, 0.1, n)
            right = rng.random((8, n)) < chances[:, None] + difficulty
            labels = np.zeros(n, dtype=int)
            rows = [Predictions([""] * n, labels, 1 - r.astype(int)) for r in right]
            resampled = resample(rows, 2, seed=k).accuracies
            found = rank_intervals(right.mean(axis=1), resampled)
            held += [_holds(interval, rank) for rank, interval in enumerate(found, start=1)]
            ranks = 1 + (resampled[:, :, None] < resampled[:, None, :]).sum(axis=2)
            low, high = np.quantile(ranks, [0.025, 0.975], axis=0)
            naive += list((low <= np.arange(1, 9)) & (np.arange(1, 9) <= high))
        where = f"8 rows {100 * step:.1f} points apart, {n} pictures"
        yield "rank", where, float(np.mean(held))
        yield "(rank, percentiles)", where, float(np.mean(naive))


def _draw(mix: tuple[int, ...], lift: float, rng: np.random.Generator) -> Predictions:
    labels = np.repeat(np.arange(len(mix)), mix)
    scores = rng.normal(size=(len(labels), len(mix)))
    scores[np.arange(len(labels)), labels] += lift
    return Predictions([""] * len(labels), labels, scores.argmax(axis=1), scores, "decision")


def _chances(seeds: int, n: int, by_seed: float, rng: np.random.Generator) -> np.ndarray:
    logits = 1.5 + by_seed * rng.normal(size=(seeds, 1)) + 1.5 * rng.normal(size=n)
    return 1 / (1 + np.exp(-logits - 0.5 * rng.normal(size=(seeds, n))))


def _split_difference(
    labels: np.ndarray, features: np.ndarray, n_test: int, rng: np.random.Generator
) -> float:
    order = rng.permutation(len(labels))
    train, test = order[n_test:], order[:n_test]
    ones = labels[train] == 1
    middle = (features[train][ones].mean(axis=0) + features[train][~ones].mean(axis=0)) / 2
    right = (features[test] > middle) == (labels[test, None] == 1)
    return float(right[:, 0].mean() - right[:, 1].mean())


def _holds(interval: tuple[float, float], truth: float) -> bool:
    return bool(interval[0] <= truth <= interval[1])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
