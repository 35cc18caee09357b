"""How a source without splits is split."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import InputError
from benchmark.datasets.splits import is_about_a_split, split_names, stratified

COUNTS = st.lists(st.integers(3, 60), min_size=1, max_size=6)


def labels_of(counts, seed):
    labels = np.repeat([f"class {index}" for index in range(len(counts))], counts)
    return list(np.random.default_rng(seed).permutation(labels))


@given(COUNTS, st.integers(0, 2**32 - 1))
def test_every_row_is_in_exactly_one_split(counts, seed):
    rows = stratified(labels_of(counts, seed), seed, "photos")
    assert list(rows) == ["train", "val", "test"]
    assert sorted(np.concatenate(list(rows.values()))) == list(range(sum(counts)))
    assert all((np.diff(part) > 0).all() for part in rows.values())


@given(COUNTS, st.integers(0, 2**32 - 1))
def test_every_class_is_split_70_15_15(counts, seed):
    labels = labels_of(counts, seed)
    rows = stratified(labels, seed, "photos")
    found = {split: Counter(labels[row] for row in part) for split, part in rows.items()}
    for index, count in enumerate(counts):
        name = f"class {index}"
        assert found["val"][name] == found["test"][name] >= 1
        assert abs(found["val"][name] - 0.15 * count) <= max(0.5, 1 - 0.15 * count)
        assert found["train"][name] >= 1


def test_the_seed_alone_decides():
    labels = labels_of([30, 20], 0)
    first, again, other = (stratified(labels, seed, "photos") for seed in (1, 1, 2))
    assert all(np.array_equal(first[split], again[split]) for split in first)
    assert not np.array_equal(first["test"], other["test"])


def test_a_class_too_small_for_three_splits_is_refused():
    with pytest.raises(InputError, match="photos: class 'b' has 2 pictures"):
        stratified(["a"] * 5 + ["b"] * 2, 0, "photos")


@pytest.mark.parametrize(
    ("split", "names"),
    [
        ("train", ["train", "TRAIN", "Training", "train_set", "Train Data", "training-images"]),
        ("val", ["val", "Valid", "validation", "dev", "VAL", "valid_set", "split-val"]),
        ("test", [" Test ", "Testing", "test_images", "TEST-set"]),
        (None, ["holdout", "", "trainer", "train station", "crash test", "1", "protest"]),
    ],
)
def test_a_split_has_the_usual_names(split, names):
    assert split_names(names) == dict.fromkeys(names, split)


def test_eval_is_what_is_chosen_on_where_there_is_a_test_split():
    assert split_names(["train", "eval"]) == {"train": "train", "eval": "test"}
    found = split_names(["Train", "eval", "Testing"])
    assert found == {"Train": "train", "eval": "val", "Testing": "test"}


def test_a_word_for_a_split_in_any_name():
    assert all(map(is_about_a_split, ["seg_train", "test2", "fold1-Validation"]))
    assert not any(map(is_about_a_split, ["trainer", "box", "protest", ""]))
