"""MedMNIST's layout, and archives that are damaged, wrong or malicious."""

import contextlib
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from benchmark import InputError, datasets

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 8, 8), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
LABELS = np.array([[0], [1], [2], [0], [1], [2]], dtype=np.uint8)


def arrays(images=GREY, labels=LABELS):
    return {
        f"{split}_{what}": value
        for split in ("train", "val", "test")
        for what, value in (("images", images), ("labels", labels))
    }


def archive(folder, **changes):
    path = folder / "x.npz"
    contents = {**arrays(), **changes}
    np.savez(path, **{name: value for name, value in contents.items() if value is not None})
    return path


class Malicious:
    """Unpickling it leaves a file behind."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("images", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_medmnist_s_layout(tmp_path, images, save):
    save(tmp_path / "blood.npz", **arrays(images))
    made = datasets.load(tmp_path / "blood.npz")
    assert made.name == "blood"
    assert made.classes == ("0", "1", "2")
    assert list(made.splits) == ["train", "val", "test"]
    assert made.splits["val"].labels.tolist() == LABELS[:, 0].tolist()
    assert np.array_equal(made.splits["test"].pictures.load(4), images[4])


def test_a_trailing_axis_of_one_is_grey(tmp_path):
    made = datasets.load(archive(tmp_path, train_images=GREY[..., None]))
    assert np.array_equal(made.splits["train"].pictures.load(1), GREY[1])


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.array([10, 9, 2, 9, 10, 2]), ("2", "9", "10")),
        (np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0]), ("0", "1")),
        (np.array([True, False, True, True, False, False]), ("False", "True")),
        (np.array(["dog", "cat", "dog", "cat", "cat", "dog"]), ("cat", "dog")),
    ],
)
def test_labels_of_any_plain_type(tmp_path, labels, classes):
    np.savez(tmp_path / "x.npz", **arrays(labels=labels))
    made = datasets.load(tmp_path / "x.npz")
    assert made.classes == classes
    named = [made.classes[label] for label in made.splits["test"].labels]
    kept = labels.astype(int) if labels.dtype.kind == "f" else labels
    assert named == [str(label) for label in kept]


def test_only_train_and_one_other_split_are_needed(tmp_path):
    made = datasets.load(archive(tmp_path, val_images=None, val_labels=None))
    assert list(made.splits) == ["train", "test"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train_images": None}, "no arrays train_images and train_labels; it holds test_images"),
        ({"train_labels": None}, "train_images but no train_labels"),
        ({"test_labels": LABELS[:4]}, "test has 6 pictures but 4 labels"),
        ({"test_images": GREY / 255}, "test_images is float64"),
        ({"test_images": GREY.astype(np.int64)}, "test_images is int64"),
        ({"test_images": GREY[0]}, r"of shape \(8, 8\)"),
        ({"test_images": np.uint8(3)}, r"of shape \(\)"),
        ({"test_images": np.zeros((6, 8, 8, 4), np.uint8)}, r"of shape \(6, 8, 8, 4\)"),
        ({"test_images": GREY[:, :0]}, r"of shape \(6, 0, 8\)"),
        ({"train_labels": np.eye(6, dtype=int)}, "one label a picture is needed"),
        ({"train_labels": np.int64(3)}, "one label a picture is needed"),
        ({"train_labels": np.full(6, np.nan)}, "train_labels is float64 with other values"),
        ({"train_labels": np.linspace(0, 1, 6)}, "give each class a whole number"),
        ({"train_labels": np.zeros((6, 1), int)}, r"one class in train \(0\)"),
        ({"test_labels": LABELS + 1}, "class '3' is in test but not in train"),
        ({"train_images": GREY[:0], "train_labels": LABELS[:0]}, "no train split"),
        ({f"{s}_{w}": None for s in ("val", "test") for w in ("images", "labels")}, "to score on"),
    ],
)
def test_what_is_wrong_with_the_arrays_is_said(tmp_path, changes, said):
    path = archive(tmp_path, **changes)
    with pytest.raises(InputError, match=said) as refused:
        datasets.load(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("name", ["train_images", "test_labels"])
def test_pickled_objects_are_refused_and_never_run(tmp_path, name):
    trace = tmp_path / "trace"
    path = archive(tmp_path, **{name: np.array([Malicious(trace)] * 6, dtype=object)})
    with pytest.raises(InputError, match="pickled objects, which are never loaded"):
        datasets.load(path)
    assert not trace.exists()
    np.load(path, allow_pickle=True)[name]
    assert trace.exists()  # so it would have run


def test_a_pickle_in_an_npz_s_clothes_is_refused_and_never_run(tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "x.npz"
    path.write_bytes(pickle.dumps(Malicious(trace)))
    with pytest.raises(InputError, match=r"no \.npz file"):
        datasets.load(path)
    assert not trace.exists()


def text(path):
    path.write_text("no archive")


def nothing(path):
    path.write_bytes(b"")


def single_array(path):
    with path.open("wb") as file:
        np.save(file, GREY)


def members_that_are_no_arrays(path):
    with zipfile.ZipFile(path, "w") as file:
        for name in arrays():
            file.writestr(name, "text")


def truncated(path):
    path.write_bytes(path.read_bytes()[:700])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(content)


def claims_terabytes(path):
    header = b"{'descr':'|u1','fortran_order':False,'shape':(10**12,1024,1024)}"
    header = header.replace(b"10**12", b"1000000000000").ljust(117) + b"\n"
    magic = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("train_images.npy", magic + header)


@pytest.mark.parametrize(
    "damage",
    [text, nothing, single_array, members_that_are_no_arrays, truncated, flipped, claims_terabytes],
)
def test_a_damaged_archive_is_refused(tmp_path, damage):
    path = archive(tmp_path)
    damage(path)
    with pytest.raises(InputError, match=r"x\.npz is no \.npz file, or a damaged one"):
        datasets.load(path)


def test_no_damaged_byte_ends_in_anything_but_a_refusal_or_a_dataset(tmp_path):
    path = archive(tmp_path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        with contextlib.suppress(InputError):
            datasets.load(path)


def test_an_empty_archive_is_refused(tmp_path):
    zipfile.ZipFile(tmp_path / "x.npz", "w").close()
    with pytest.raises(InputError, match="it holds nothing"):
        datasets.load(tmp_path / "x.npz")
