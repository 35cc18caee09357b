"""What a reader is warned of, sentence by sentence, on boards made for it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from results.board.cautions import cautions
from results.leaderboard import Leaderboard
from results.records.predictions import Predictions
from results.statistics.inference import difference_interval, mcnemar

SIZE = {"splits": {"val": 120, "test": 120}, "preset": "published"}


@pytest.fixture
def warned(store):
    """The one warning of the board that begins with a text, None if there is none."""

    def find(start):
        found = [w for w in Leaderboard.from_store(store).warnings if w.startswith(start)]
        assert len(found) < 2
        return found[0] if found else None

    return find


def test_a_board_without_fault_warns_of_nothing(store, keep):
    keep("SVC", {"test": range(9)}, **SIZE)
    keep("ResNet9", {"test": range(20)}, family="deep", **SIZE)
    assert Leaderboard.from_store(store).warnings == ()


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"test": 0, "val": 7}, None),
        ({"test": 1}, "in test 1 picture is in an earlier split too, exactly alike"),
        ({"test": 12, "val": 3}, "in test 12 of 120 are in an earlier split too, exactly alike"),
    ],
)
def test_copies_across_splits(store, keep, warned, counts, said):
    keep("SVC", **SIZE)
    (store.folder / "run.json").write_text(json.dumps({"duplicates_across_splits": counts}))
    warning = warned("Copies")
    assert warning is None if said is None else said in warning


@pytest.mark.parametrize("n", [6, 68, 99])
def test_few_pictures_say_what_they_can_tell(keep, warned, n):
    keep("SVC", splits={"test": n})
    right = np.ones(n, dtype=bool)
    fewest = next(k for k in range(1, n + 1) if mcnemar(right, np.arange(n) >= k) < 0.05)
    assert warned("Only") == (
        f"Only {n} pictures in test: one picture is worth {100 / n:.1f} points, and rows fewer "
        f"than {fewest} pictures ({100 * fewest / n:.1f} points) apart cannot be told from each "
        "other."
    )


def test_five_pictures_tell_nothing(keep, warned):
    keep("SVC", splits={"test": 5})
    assert mcnemar(np.ones(5, dtype=bool), np.zeros(5, dtype=bool)) >= 0.05
    assert warned("Only") == "Only 5 pictures in test: no two rows can be told from each other."


def test_lost_rows_of_one_model_are_told_apart(keep, warned):
    for seed in (0, 1):
        keep("SVC", status="failed", seed=seed)
    assert warned("2 rows").endswith("failed: SVC (seed 0), SVC (seed 1).")


def with_labels(store, record, counts):
    """A row that is right about everything, with so many test pictures of each class."""
    labels = np.repeat(np.arange(3), counts)
    made = record("SVC", splits={"test": len(labels)})
    ids = [f"test/{k}.png" for k in range(len(labels))]
    store.save(made, {"test": Predictions(ids, labels, labels)})


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((300, 90, 30), "300 pictures of box, 30 of rounded. Always saying box would be right on"),
        ((300, 90, 0), "300 pictures of box, 0 of rounded."),
        ((90, 60, 31), None),
    ],
)
def test_unequal_classes(store, record, warned, counts, said):
    with_labels(store, record, counts)
    warning = warned("Unequal classes in test")
    assert warning is None if said is None else said in warning
    if counts == (300, 90, 30):
        assert "right on 71.4 %; look at balanced accuracy too." in warning


def test_a_class_of_few_pictures(store, record, warned):
    with_labels(store, record, (20, 20, 9))
    assert warned("Few of a class") == (
        "Few of a class: 9 of 49 pictures in test are of rounded, so balanced accuracy and F1 hang "
        "on each of them."
    )


def test_rows_picked_on_the_pictures_that_compare_them(keep, warned):
    keep("SVC", {"val": range(20), "test": range(10)}, **SIZE)
    keep("KNN", {"val": range(10), "test": range(30)}, **SIZE)
    keep("ResNet9", {"val": range(30), "test": range(12)}, family="deep", **SIZE)
    keep("ResNet34", {"val": range(5), "test": range(12, 36)}, family="deep", **SIZE)
    keep("ResNet50", status="failed", family="deep", **SIZE)
    chosen = np.arange(120)
    deep, classical = ~((chosen >= 12) & (chosen < 36)), chosen >= 30
    low, high = difference_interval(deep, classical)
    assert warned("The rows compared") == (
        "The rows compared are the best of 2 deep and of 2 classical models, picked by "
        "their accuracy on test itself: picking flatters, and neither interval nor p counts it. "
        "Picked on val, they are ResNet34 and KNN, +5.0 points apart on test (95 % interval "
        f"{100 * low:+.1f} to {100 * high:+.1f})."
    )


def test_seeds_and_devices_are_not_models(keep, warned):
    for seed in (0, 1, 2):
        keep("SVC", {"test": range(seed)}, seed=seed, **SIZE)
    keep("ResNet9", family="deep", **SIZE)
    keep("ResNet9", family="deep", device="cuda", **SIZE)
    assert warned("The rows compared") is None
    keep("KNN", **SIZE)
    assert "the best of 1 deep and of 2 classical models, picked" in warned("The rows compared")


def test_without_val_nothing_else_can_pick(keep, warned):
    for name, family in (("SVC", "classical"), ("KNN", "classical"), ("ResNet9", "deep")):
        keep(name, family=family, splits={"test": 120})
    assert warned("The rows compared").endswith("neither interval nor p counts it.")


def test_one_row_of_each_is_not_picked(keep, warned):
    keep("SVC", **SIZE)
    keep("ResNet9", family="deep", **SIZE)
    assert warned("The rows compared") is None


def test_seeds_of_a_row_that_the_answer_does_not_name_are_not_mentioned(keep, warned):
    for seed in (0, 1):
        keep("SVC", {"test": range(seed)}, seed=seed, **SIZE)
        keep("KNN", {"test": range(50, 80 + seed)}, seed=seed, **SIZE)
    assert warned("SVC ran with 2 seeds") is not None
    assert warned("KNN ran") is None


def test_a_model_whose_seed_changes_nothing_needs_no_warning(keep, warned):
    # 32 of 68 three times over: their floating-point standard deviation is not quite 0.
    for seed in (0, 1, 2):
        keep("SVC", {"test": range(36)}, seed=seed, splits={"test": 68})
    assert warned("SVC ran") is None


def test_the_gravest_comes_first(store, keep):
    small = {"splits": {"test": 10}}
    keep("SVC", **small)
    keep("KNN", status="timeout", **small)
    keep("ResNet9", family="deep", **small)
    keep("ResNet34", family="deep", **small)
    rows = Leaderboard.from_store(store).rows
    starts = [caution.split()[0] for caution in cautions(rows, "test", {"test": 2})]
    assert starts == ["The", "Copies", "Only", "Few", "The", "1"]


def versions(**known):
    return {"versions": {"python": "3.11", **{k.replace("_", "-"): v for k, v in known.items()}}}


def test_trials_made_with_different_versions_are_said(keep, warned):
    keep("SVC", provenance=versions(numpy="2.0", scikit_learn="1.6"), **SIZE)
    keep("KNN", provenance=versions(numpy="2.0", scikit_learn="1.7"), **SIZE)
    keep("NB", provenance=versions(numpy="2.0", scikit_learn="1.7"), **SIZE)
    warning = warned("Trials of this board were made with different versions")
    assert "scikit-learn 1.6 (1), 1.7 (2)." in warning
    assert "numpy" not in warning


def test_versions_of_what_computes_nothing_of_a_row_are_no_matter(keep, warned):
    keep("SVC", provenance=versions(torch="2.6") | {"cores": 2}, **SIZE)
    keep("KNN", provenance=versions(torch="2.7"), **SIZE)
    keep("Net", family="deep", provenance={"versions": {"python": "3.12", "torch": "2.7"}}, **SIZE)
    keep("Lost", status="failed", provenance=versions(numpy="1.0"), **SIZE)
    keep("NB", provenance=versions(numpy="2.0"), **SIZE)
    assert warned("Trials of this board") is None


@pytest.mark.parametrize(
    ("oddities", "start", "said"),
    [
        ({"low_byte": 1}, "1 of 9 pictures has", "more than 8 bits but uses the lowest 8 alone"),
        ({"low_byte": 9}, "9 pictures have", "read as black or nearly so"),
        ({"one_value": 2}, "2 of 9 pictures show", "one value in all their pixels"),
    ],
)
def test_odd_pictures(store, keep, warned, oddities, start, said):
    keep("SVC", **SIZE)
    run = {"splits": {"train": 4, "val": 2, "test": 3}, "oddities": oddities}
    (store.folder / "run.json").write_text(json.dumps(run))
    assert said in warned(start)


def test_several_pictures_in_a_file_are_no_fault_of_the_board_s(store, keep):
    keep("SVC", {"test": range(9)}, **SIZE)
    keep("ResNet9", {"test": range(20)}, family="deep", **SIZE)
    (store.folder / "run.json").write_text('{"oddities": {"first_of_several": 3, "newer": 1}}')
    assert Leaderboard.from_store(store).warnings == ()
