"""What a dataset promises, and when its fingerprint changes."""

import dataclasses

import numpy as np
import pytest

from benchmark import InputError
from benchmark.datasets import ArrayPictures, Dataset, Split

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3), dtype=np.uint8)


def split(name, labels=(0, 1, 0, 1), **changes):
    given = {
        "labels": np.array(labels),
        "ids": [f"{name}/{row}" for row in range(len(labels))],
        "pictures": ArrayPictures(PIXELS[: len(labels)]),
    }
    return Split(**{**given, **changes})


def pictures(**changes):
    given = {
        "name": "made",
        "source": "made.npz",
        "classes": ("cat", "dog"),
        "splits": {"train": split("train"), "test": split("test")},
    }
    return Dataset(**{**given, **changes})


def table(values, columns=("x", "y")):
    splits = {
        name: split(name, pictures=None, table=np.asarray(values, float))
        for name in ("train", "test")
    }
    return pictures(splits=splits, columns=columns)


VALUES = np.arange(8.0).reshape(4, 2)


def test_splits_come_in_the_order_train_val_test_and_empty_ones_not_at_all():
    empty = split("val", labels=())
    made = pictures(splits={"test": split("test"), "val": empty, "train": split("train")})
    assert list(made.splits) == ["train", "test"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"splits": {"test": split("test")}}, "no train split"),
        ({"splits": {"train": split("train")}}, "nothing to score on"),
        ({"splits": {"train": split("train"), "val": split("val", ())}}, "nothing to score on"),
        (
            {"splits": {"train": split("train", (1, 1)), "test": split("test", (1, 1))}},
            r"one class in train \(dog\)",
        ),
        (
            {"classes": ("a", "b", "c"), "splits": {"train": split("t"), "val": split("v", (2,))}},
            "class 'c' is in val but not in train",
        ),
        (
            {"splits": {"train": split("train", ids=["one"]), "test": split("test")}},
            "train has 4 labels",
        ),
        (
            {
                "splits": {
                    "train": split("train"),
                    "test": split("test", pictures=ArrayPictures(PIXELS[:3])),
                }
            },
            "test has 4 labels",
        ),
        ({"classes": ("cat",)}, "no index into its 1 classes"),
        (
            {"splits": {"train": split("train", (0, 1, -1)), "test": split("test")}},
            "no index into its 2 classes",
        ),
        (
            {"splits": {"train": split("x"), "test": split("x")}},
            "an id in test is there twice",
        ),
    ],
)
def test_what_cannot_be_benchmarked_is_refused(changes, said):
    with pytest.raises(InputError, match=said) as refused:
        pictures(**changes)
    assert str(refused.value).startswith("made.npz")


def test_same_content_has_the_same_fingerprint_whatever_it_is_called():
    again = pictures(name="other", source="elsewhere.npz")
    assert again.fingerprint == pictures().fingerprint


def changed(what):
    test = split("test")
    pixels = PIXELS.copy()
    pixels[3, 4, 5, 2] ^= 1
    return {
        "pixel": {"test": split("test", pictures=ArrayPictures(pixels))},
        "shape": {"test": split("test", pictures=ArrayPictures(PIXELS.reshape(4, 6, 5, 3)))},
        "label": {"test": split("test", (0, 1, 1, 1))},
        "id": {"test": split("test", ids=[*test.ids[:3], "test/x"])},
        "order": {"test": split("test", pictures=ArrayPictures(PIXELS[::-1]))},
        "split": {"val": test},
        "one row less": {"test": split("test", (0, 1, 0))},
    }[what]


@pytest.mark.parametrize(
    "what", ["pixel", "shape", "label", "id", "order", "split", "one row less"]
)
def test_a_change_of_content_changes_the_fingerprint(what):
    made = pictures(splits={"train": split("train"), **changed(what)})
    assert made.fingerprint != pictures().fingerprint


def test_a_split_s_own_fingerprint_is_about_that_split_alone():
    made = pictures().split_fingerprints
    for what in ("pixel", "label", "id", "order", "one row less"):
        other = pictures(splits={"train": split("train"), **changed(what)}).split_fingerprints
        assert other["test"] != made["test"]
        assert other["train"] == made["train"]
    assert pictures(classes=("cat", "fox")).split_fingerprints["train"] != made["train"]


def test_copies_are_counted_in_the_later_split():
    noise = np.random.default_rng(1).integers(0, 256, (8, 5, 6, 3), dtype=np.uint8)
    made = pictures(
        splits={
            "train": split("train"),
            "val": split(
                "val", pictures=ArrayPictures(np.stack([noise[0], *PIXELS[:2], noise[1]]))
            ),
            "test": split(
                "test", pictures=ArrayPictures(np.stack([noise[0], PIXELS[3], *noise[4:6]]))
            ),
        }
    )
    assert made.copies == {"val": 2, "test": 2}
    fresh = {"train": split("train"), "test": split("test", pictures=ArrayPictures(noise[:4]))}
    assert pictures(splits=fresh).copies == {"test": 0}


def test_rows_of_a_table_are_copies_where_every_number_is_the_same():
    assert table(VALUES).copies == {"test": 4}
    nan, rows = np.nan, {}
    rows["train"] = [[1, 0], [1, nan], [2, 2], [3, 3]]
    # In test a row twice, of which train has none; and one that val has.
    rows["val"] = [[1, -0.0], [1, nan], [nan, 1], [5, 5]]
    rows["test"] = [[7, 7], [7, 7], [5, 5], [1, np.nextafter(0, 1)]]
    splits = {
        name: split(name, pictures=None, table=np.asfortranarray(values, float))
        for name, values in rows.items()
    }
    assert pictures(splits=splits, columns=("x", "y")).copies == {"val": 2, "test": 1}


def test_class_names_are_content():
    assert pictures(classes=("cat", "fox")).fingerprint != pictures().fingerprint


def test_a_table_s_values_and_column_names_are_content():
    fingerprints = {
        table(VALUES).fingerprint,
        table(np.nextafter(VALUES, 9)).fingerprint,
        table(np.where(VALUES == 3, np.nan, VALUES)).fingerprint,
        table(VALUES, columns=("x", "z")).fingerprint,
    }
    assert len(fingerprints) == 4
    assert table(np.asfortranarray(VALUES)).fingerprint == table(VALUES).fingerprint


def test_only_keeps_the_asked_rows_of_everything():
    made = pictures()
    part = made.only({"train": np.array([0, 3]), "test": np.array([1])})
    assert part.splits["train"].ids == ["train/0", "train/3"]
    assert part.splits["train"].labels.tolist() == [0, 1]
    assert np.array_equal(part.splits["train"].pictures.load(1), PIXELS[3])
    assert part.fingerprint != made.fingerprint
    whole = made.only({"train": np.arange(4), "test": np.arange(4)})
    assert whole.fingerprint == made.fingerprint


def test_a_dataset_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        pictures().name = "other"
