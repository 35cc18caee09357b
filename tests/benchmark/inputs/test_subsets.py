"""Nested subsets of a train split, and what of the inputs is made for each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import features
from benchmark import datasets, plugins
from benchmark.datasets import ArrayPictures, Dataset, Split
from benchmark.errors import InputError
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.prepare import prepare
from benchmark.inputs.products import Spec
from benchmark.inputs.subsets import chosen_sizes, nested_order, subsets
from benchmark.inputs.watch import Workers
from benchmark.progress import Progress


def spec(columns, side, files=(), seed=42):
    """What to make of each picture, by the features' names."""
    return Spec(chosen_features(columns), side, files, seed)


@settings(deadline=None, max_examples=60)
@given(
    counts=st.lists(st.integers(1, 40), min_size=2, max_size=5),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_first_rows_are_a_stratified_subset_whatever_their_number(counts, seed):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    order = nested_order(labels, seed)
    assert sorted(order) == list(range(len(labels)))
    for size in range(len(counts), len(labels) + 1):
        found = np.bincount(labels[order[:size]], minlength=len(counts))
        assert found.min() >= 1
        share = np.array(counts) * size / len(labels)
        # A class may be there only because every class must be.
        assert (np.abs(found - share) < len(counts) + 1).all()


def test_other_seeds_draw_other_rows_and_the_same_seed_the_same():
    labels = np.arange(100) % 4
    drawn = [frozenset(nested_order(labels, seed)[:20]) for seed in (1, 2, 1)]
    assert drawn[0] != drawn[1]
    assert drawn[0] == drawn[2]


def made(train=40, n_classes=2, splits=("train", "test")):
    """Pictures whose pixels are all the picture's own number."""

    def split(name, count, first):
        numbers = np.arange(first, first + count, dtype=np.uint8)
        return Split(
            labels=np.arange(count) % n_classes,
            ids=[f"{name}/{k}" for k in range(count)],
            pictures=ArrayPictures(np.tile(numbers[:, None, None], (1, 12, 12))),
        )

    parts = {name: split(name, train if name == "train" else 10, 100 * k)
             for k, name in enumerate(splits)}  # fmt: skip
    return Dataset("numbers", "numbers", tuple("abcdefg"[:n_classes]), parts)


def test_sizes_by_default_are_halves():
    assert chosen_sizes(None, made(100)) == [12, 25, 50, 100]
    assert chosen_sizes(None, made(3)) == [3]
    assert len(chosen_sizes(None, datasets.load("digits"))) == 5


def test_sizes_are_what_was_asked_for_in_order():
    assert chosen_sizes([20, 40, 2, 20], made()) == [2, 20, 40]


@pytest.mark.parametrize(
    ("sizes", "said"), [([41], "from 2 to 40"), ([1], "has 1;"), ([], "names no size")]
)
def test_sizes_that_cannot_be(sizes, said):
    with pytest.raises(InputError, match=said):
        chosen_sizes(sizes, made())


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))


def loaded(files):
    return {split: np.load(path) for split, path in files.items()}


def test_each_subset_holds_the_one_before_with_the_rows_of_its_pictures():
    dataset = made()
    chosen = spec("original*", 12)
    with Progress() as progress:
        found = subsets(dataset, chosen, [10, 20, 40], [1, 2], Workers(1), progress)
        whole = loaded(found.whole.features)
        seen = {}
        for subset in found.all:
            ids = list(subset.inputs.dataset.splits["train"].ids)
            with subset.files(Workers(1), progress) as inputs:
                images, features = loaded(inputs.images), loaded(inputs.features)
            rows = [int(name.removeprefix("train/")) for name in ids]
            assert images["train"][:, 0, 0, 0].tolist() == rows
            np.testing.assert_array_equal(features["train"], whole["train"][rows])
            np.testing.assert_array_equal(features["test"], whole["test"])
            seen[subset.seed, subset.size] = set(ids)
    for seed in (1, 2):
        assert seen[seed, 10] < seen[seed, 20] < seen[seed, 40]
    assert seen[1, 10] != seen[2, 10]
    prints = {s.inputs.dataset.fingerprint for s in found.all}
    assert len(prints) == 5, "the whole of train is one dataset for both seeds"
    assert dataset.fingerprint in prints
    assert {s.inputs.dataset.split_fingerprints["test"] for s in found.all} == {
        dataset.split_fingerprints["test"]
    }


def test_pictures_are_prepared_once(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "benchmark.inputs.subsets.prepare", lambda *given: calls.append(given) or prepare(*given)
    )
    with Progress() as progress:
        found = subsets(made(), spec("original*mean", 12), [10, 20], [1, 2], Workers(1), progress)
        for subset in found.all:
            with subset.files(Workers(1), progress):
                pass
    assert len(calls) == 1


def test_fitted_features_are_fitted_on_the_subset_alone():
    noise = np.random.default_rng(0).integers(0, 256, (60, 32, 32), dtype=np.uint8)
    plain = made(60)
    splits = {
        name: replace(split, pictures=ArrayPictures(noise[-len(split) :]))
        for name, split in plain.splits.items()
    }
    dataset = replace(plain, splits=splits)
    with Progress() as progress:
        (subset,) = subsets(
            dataset, spec("*patches*", None, (), 42), [20], [7], Workers(1), progress
        ).all
        with subset.files(Workers(1), progress) as inputs:
            found = loaded(inputs.features)
        alone = dataset.only({"train": subset._rows, "test": np.arange(10)})
        expected = prepare(alone, spec("*patches*", None, (), 7), Workers(1), progress)
        whole = prepare(dataset, spec("*patches*", None, (), 7), Workers(1), progress)
    assert found.keys() == {"train", "test"}
    np.testing.assert_array_equal(found["test"], np.load(expected.features["test"]))
    assert not np.array_equal(found["test"], np.load(whole.features["test"]))
    assert subset.inputs.feature_definition == expected.feature_definition


def test_a_fit_on_a_subset_is_not_that_on_all_of_train(tmp_path):
    plugin = tmp_path / "plugin.py"
    plugin.write_text(
        "import functools\n"
        "import numpy as np\n"
        "from features import fitted_measure\n"
        "def take(mean, image): return [mean]\n"
        "@fitted_measure('trainmean', names=('tm',))\n"
        "def fit(images, seed):\n"
        "    return functools.partial(take, np.mean([image.mean() for image in images]))\n"
    )
    plugins.load_plugin(plugin)
    chosen = spec("original_tm", None, (str(plugin),))
    with Progress() as progress:
        for subset in subsets(made(), chosen, [10, 40], [1, 2], Workers(1), progress).all:
            # A picture's pixels are its number, which its name ends in.
            ids = subset.inputs.dataset.splits["train"].ids
            mean = np.mean([int(name.removeprefix("train/")) for name in ids])
            with subset.files(Workers(1), progress) as inputs:
                for table in loaded(inputs.features).values():
                    assert set(table[:, 0]) == {mean}
    features.forget_features(str(plugin))
