"""Modelled pictures, and the weights that are built from them."""

import dataclasses

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

torch = pytest.importorskip("torch")

from models.training import checkpoint  # noqa: E402
from models.training.loop import Training  # noqa: E402
from models.weights.modelled.build import RECIPE, build_weights  # noqa: E402
from models.weights.modelled.pictures import PATTERNS, modelled_pictures  # noqa: E402
from models.weights.starts import STARTS  # noqa: E402
from models.weights.transfer import ARCHITECTURES, started  # noqa: E402

RESNET9 = STARTS["ResNet9-modelled"]
SMALL = {
    "seed": 3, "threads": 1, "classes": 4, "each": 6,
    "recipe": dataclasses.replace(RECIPE, epochs=2, batch_size=12),
}  # fmt: skip


def test_pictures_are_rgb_with_a_label_each():
    pictures, labels = modelled_pictures(11, 3, seed=1, side=20)
    assert pictures.shape == (33, 20, 20, 3)
    assert pictures.dtype == np.uint8
    assert np.array_equal(labels, np.repeat(np.arange(11), 3))
    for picture in pictures:
        assert picture.std() > 3  # a pattern, not a plain


def test_a_seed_decides_all_and_more_classes_change_none():
    pictures, _ = modelled_pictures(5, 2, seed=1)
    again, _ = modelled_pictures(9, 2, seed=1)
    other, _ = modelled_pictures(5, 2, seed=2)
    assert np.array_equal(pictures, again[: len(pictures)])
    assert (pictures != other).any(axis=(1, 2, 3)).all()
    assert len(np.unique(again.reshape(len(again), -1), axis=0)) == len(again)


@pytest.mark.parametrize("family", range(len(PATTERNS)))
def test_classes_of_a_family_can_be_told_apart(family):
    """By a forest on spectra and colours, which do not depend on where a pattern begins."""
    n, each = 4, 30
    pictures, labels = modelled_pictures(len(PATTERNS) * n, each, seed=5)
    mine = labels % len(PATTERNS) == family
    pictures, labels = pictures[mine] / 255.0, labels[mine]
    spectrum = np.log1p(np.abs(np.fft.rfft2(pictures.mean(axis=3))))[:, :12, :12]
    colours = np.quantile(pictures, [0.1, 0.5, 0.9], axis=(1, 2)).transpose(1, 0, 2)
    table = np.concatenate([spectrum.reshape(len(labels), -1), colours.reshape(len(labels), -1)], 1)
    seen = np.arange(len(labels)) % each < each // 2
    forest = RandomForestClassifier(random_state=0).fit(table[seen], labels[seen])
    assert forest.score(table[~seen], labels[~seen]) > 0.6  # chance is 0.25


def test_a_build_is_deterministic_and_loads_as_a_start(tmp_path):
    for file in ("one.pth", "two.pth"):
        build_weights(RESNET9, tmp_path / "new" / file, **SMALL)
    first, second = (started(3, "ResNet9", tmp_path / "new" / f"{n}.pth") for n in ("one", "two"))
    body = {name: v for name, v in first.state_dict().items() if not name.startswith("head.")}
    for name, values in body.items():
        assert torch.equal(values, second.state_dict()[name]), name
    assert not torch.equal(body["stem.0.1.running_mean"], torch.zeros(32))  # it has been trained
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["one.pth", "two.pth"]


def test_a_build_that_was_ended_goes_on(tmp_path, monkeypatch):
    """Ended after its first epoch: the file is that of a build in one go."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    build_weights(RESNET9, tmp_path / "unbroken.pth", **SMALL)
    path, write = tmp_path / "broken" / "one.pth", checkpoint.Checkpoint.write

    def ended(self, state):
        write(self, state)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.Checkpoint, "write", ended)
    with pytest.raises(KeyboardInterrupt):
        build_weights(RESNET9, path, **SMALL)
    assert [file.name for file in path.parent.iterdir()] == [".one.pth.checkpoint"]
    monkeypatch.setattr(checkpoint.Checkpoint, "write", write)
    epoch, epochs = Training.epoch, []
    monkeypatch.setattr(Training, "epoch", lambda self: epochs.append(1) or epoch(self))
    build_weights(RESNET9, path, **SMALL)
    assert len(epochs) == 1
    assert [file.name for file in path.parent.iterdir()] == ["one.pth"]
    whole, broken = (
        torch.load(file, weights_only=True) for file in (tmp_path / "unbroken.pth", path)
    )
    for name, values in whole.items():
        assert torch.equal(values, broken[name]), name


def test_a_build_that_breaks_off_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"before")

    def stopped(n_classes):
        raise KeyboardInterrupt

    monkeypatch.setitem(ARCHITECTURES, "ResNet9", stopped)
    with pytest.raises(KeyboardInterrupt):
        build_weights(RESNET9, path, **SMALL)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("weights.pth", b"before")]
