import numpy as np

from results.leaderboard import Leaderboard
from results.report.seeds import seed_tables

SPLITS = {"splits": {"test": 60}, "predict_seconds": {"test": 0.5}}


def test_a_model_with_several_seeds_has_a_line(keep, store):
    wrong = [range(10), range(14), range(5, 20)]
    for seed, each in enumerate(wrong):
        keep("ResNet9", {"test": each}, family="deep", seed=seed, **SPLITS)
        for training in ("random", "pretrained"):
            made = {"training": training, "trial": f"{len(training):08x}{seed:08x}"}
            keep("ResNet34", {"test": range(30 + seed)}, family="deep", seed=seed, **made, **SPLITS)
    keep("SVC", **SPLITS)
    board = Leaderboard.from_store(store)
    (table,) = seed_tables(board)
    assert [line.name for line in table.lines] == [
        "ResNet9",
        "ResNet34 (random)",
        "ResNet34 (pretrained)",
    ]
    shares = 1 - np.array([10, 14, 15]) / 60
    seeds, mean, interval, sd, seed_error, test_error = table.lines[0].cells.values()
    assert (seeds, mean, sd) == ("3", f"{shares.mean():.3f}", f"{shares.std(ddof=1):.3f}")
    # Of three seeds the mean's error is the deviation over the root of three.
    assert seed_error == f"{shares.std(ddof=1) / np.sqrt(3):.3f}"
    right = 1 - np.array([[k in each for k in range(60)] for each in wrong])
    assert test_error == f"{right.mean(axis=0).std(ddof=1) / np.sqrt(60):.3f}"
    low, high = map(float, interval.split("–"))
    assert low < shares.mean() < high
    whisker = table.lines[0].whisker
    assert whisker.low < whisker.middle < whisker.high
    assert {line.family for line in table.lines} == {"deep"}


def test_without_seeds_there_is_no_table(keep, store):
    keep("SVC", **SPLITS)
    assert seed_tables(Leaderboard.from_store(store)) == []


def test_a_split_of_one_picture_has_no_interval_to_draw(keep, store):
    for seed in (1, 2):
        keep("SVC", seed=seed, splits={"test": 1}, predict_seconds={"test": 0.5})
    (table,) = seed_tables(Leaderboard.from_store(store))
    (line,) = table.lines
    assert (line.whisker, line.cells["mean"], line.cells["interval"]) == (None, "1.000", "")
