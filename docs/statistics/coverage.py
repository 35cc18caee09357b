"""How often each interval holds the truth, by simulation: `python docs/statistics/coverage.py`.

Test sets are drawn again and again from a population that is known; an interval at 95 % should hold
the population's value in 95 of 100 of them. Prints a table in Markdown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from scipy.stats import t
from tabulate import tabulate

from results import Predictions
from results.curve.crossover import crossing, crossover
from results.curve.points import band
from results.statistics.bootstrap import RESAMPLED, rank_intervals, resample
from results.statistics.inference import (
    corrected_resampled_t,
    difference_interval,
    interval_around,
    unpaired_interval,
    wilson,
)
from results.statistics.metrics import METRICS
from results.statistics.seeds import apart, seeds_of, unpaired_apart

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

# Seeds, pictures, and by how much the seed moves a model's log odds.
SEEDS = ((2, 300, 0.3), (3, 300, 0.1), (3, 1000, 0.3), (5, 300, 0.5), (10, 1000, 0.2))
CURVES = ((1, 68, 0.0), (1, 300, 0.0), (3, 68, 0.1), (3, 300, 0.3), (5, 1000, 0.3))
SIZES = (25, 50, 100, 200)
LEVELS = {"deep": (0.4, 1.0, 1.6, 2.2), "classical": (1.0, 1.2, 1.4, 1.6)}

Line = tuple[str, str, float]


def main(simulations: int) -> None:
    """Print the table, a line for each interval and population."""
    lines = [(name, where, f"{100 * share:.1f} %") for name, where, share in coverage(simulations)]
    print(tabulate(lines, headers=["interval of", "population", "coverage"], tablefmt="github"))


def coverage(simulations: int) -> Iterator[Line]:
    """(what the interval is of, the population, share of intervals that hold the truth)."""
    for part in (
        of_accuracy,
        of_differences,
        of_tables,
        of_scores,
        of_seeds,
        of_curves,
        of_splits,
        of_ranks,
    ):
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


def of_tables(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """Newcombe's interval, of two accuracies from different pictures."""
    for n, a, b in ((68, 0.75, 0.60), (300, 0.90, 0.85), (1000, 0.97, 0.96)):
        drawn = zip(rng.binomial(n, a, simulations), rng.binomial(n, b, simulations), strict=True)
        held = [_holds(unpaired_interval(int(x), int(y), n), a - b) for x, y in drawn]
        yield "difference, unpaired", f"{n} pictures, {a:.2f} and {b:.2f}", float(np.mean(held))


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
    """The interval of a mean over seeds, where seeds, pictures and chance all differ.

    For comparison the one that takes the chance off once, by Satterthwaite. Then the difference of
    several seeds to one other of the same model.
    """
    for seeds, n, by_seed in SEEDS:
        truth = _mean_chance(1.5, by_seed)
        held, tight, changed = [], [], []
        for _ in range(simulations):
            difficulty = rng.normal(size=n)
            right = _right(1.5, by_seed, seeds, difficulty, rng)
            found = seeds_of(right)
            held.append(_holds((found.low, found.high), truth))
            tight.append(_holds(_satterthwaite(right), truth))
            change = unpaired_apart(right, _right(1.5, by_seed, 1, difficulty, rng))
            changed.append(_holds((change.low, change.high), 0.0))
        where = f"{seeds} seeds, {n} pictures, seed's sd {by_seed}"
        yield "mean over seeds", where, float(np.mean(held))
        yield "(mean over seeds, Satterthwaite)", where, float(np.mean(tight))
        yield "difference to one other seed", where, float(np.mean(changed))


def of_curves(simulations: int, rng: np.random.Generator) -> Iterator[Line]:
    """The band and the difference at the largest size of a curve, and the crossover."""
    for seeds, n, by_seed in CURVES:
        means = {k: [_mean_chance(x, by_seed) for x in levels] for k, levels in LEVELS.items()}
        gaps = np.subtract(means["deep"], means["classical"])
        bands, differences, crossings = [], [], []
        for _ in range(simulations):
            difficulty = rng.normal(size=n)
            right = {
                family: [_right(level, by_seed, seeds, difficulty, rng) for level in levels]
                for family, levels in LEVELS.items()
            }
            deep, classical = right["deep"], right["classical"]
            bands.append(_holds(band(deep[-1]), means["deep"][-1]))
            tables = [a * 1.0 - b for a, b in zip(deep, classical, strict=True)]
            gap = apart(tables[-1])
            differences.append(_holds((gap.low, gap.high), gaps[-1]))
            found = crossover(SIZES, "", "", tables)
            crossings.append(_holds((found.low, found.high), crossing(SIZES, gaps)))
        where = f"{seeds} seeds, {n} pictures, seed's sd {by_seed}"
        for name, held in (
            ("curve's band", bands),
            ("curve's difference", differences),
            ("crossover", crossings),
        ):
            yield name, where, float(np.mean(held))


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


def _right(
    level: float, by_seed: float, seeds: int, difficulty: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Which pictures each seed of a model gets right; the logits of `_mean_chance`."""
    shape = (seeds, len(difficulty))
    logits = level + by_seed * rng.normal(size=(seeds, 1)) + 1.5 * difficulty
    return rng.random(shape) < 1 / (1 + np.exp(-logits - 0.5 * rng.normal(size=shape)))


def _mean_chance(level: float, by_seed: float) -> float:
    """The mean of a logistic function of level, seed, picture and chance together."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    logits = level + np.sqrt(by_seed**2 + 1.5**2 + 0.5**2) * nodes
    return float(np.average(1 / (1 + np.exp(-logits)), weights=weights))


def _satterthwaite(right: np.ndarray) -> tuple[float, float]:
    """The interval of a mean over seeds by the two-way analysis of variance."""
    s, n = right.shape
    by_seed, by_picture, mean = right.mean(axis=1), right.mean(axis=0), right.mean()
    noise = right - by_seed[:, None] - by_picture + mean
    seed, test = by_seed.var(ddof=1) / s, by_picture.var(ddof=1) / n
    both = (noise**2).sum() / ((s - 1) * (n - 1)) / (s * n)
    own = max(seed - both, 0.0)
    parts = test**2 / (n - 1)
    if own:
        parts += seed**2 / (s - 1) + both**2 / ((s - 1) * (n - 1))
    half = t.ppf(0.975, (test + own) ** 2 / parts) * np.sqrt(test + own)
    return mean - half, mean + half


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
