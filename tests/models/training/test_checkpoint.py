"""A killed training goes on to the same result, and no file can do harm."""

import dataclasses
import errno
import hashlib
import logging
import math
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from models.training import checkpoint  # noqa: E402
from models.training.classifier import TorchClassifier  # noqa: E402
from models.training.recipe import RECIPES, Augmentation  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]


class Stopped(Exception):
    """Ends a training in the middle."""


class Network(nn.Module):
    """Batch normalisation and dropout: state and random numbers of its own. Can be stopped."""

    forwards_left = 10**9

    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2)
        )
        self.head = nn.Linear(8, n_classes)

    def forward(self, pictures):
        if self.training:
            Network.forwards_left -= 1
            if Network.forwards_left < 0:
                raise Stopped
        return self.head(self.body(pictures).mean(dim=(2, 3)))


RECIPE = dataclasses.replace(
    RECIPES["quick"],
    epochs=6,
    batch_size=16,
    augmentation=Augmentation(crop_padding=2, flip=(True, False), jitter=0.1, cutout=4),
)


def data():
    random = np.random.default_rng(0)
    y = np.arange(48) % 3
    X = random.integers(0, 200, (48, 16, 16, 3), dtype=np.uint8)
    X[np.arange(48), :, :, y] += 50
    return X, y


def classifier(path="", optimiser="AdamW", **settings):
    recipe = dataclasses.replace(RECIPE, optimiser=optimiser)
    return TorchClassifier(
        Network, recipe, **{"random_state": 3, "checkpoint": str(path), **settings}
    )


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", math.inf)
    monkeypatch.setattr(Network, "forwards_left", 10**9)


def stop_after(monkeypatch, batches, model):
    monkeypatch.setattr(Network, "forwards_left", batches)
    with pytest.raises(Stopped):
        model.fit(*data())
    monkeypatch.setattr(Network, "forwards_left", 10**9)


@pytest.mark.parametrize("optimiser", ["AdamW", "Adam"])
def test_a_stopped_training_goes_on_to_the_same_result(tmp_path, monkeypatch, optimiser, caplog):
    X, y = data()
    unbroken = classifier(optimiser=optimiser).fit(X, y)
    path = tmp_path / "deep" / "one.pt"
    stop_after(monkeypatch, 3 * 4 + 1, classifier(path, optimiser))  # in the fifth epoch
    torch.manual_seed(99)
    with caplog.at_level(logging.INFO, logger="models.training.loop"):
        resumed = classifier(path, optimiser).fit(X, y)
    assert "went on after epoch 4 of 6" in caplog.text
    assert (resumed.notes_, unbroken.notes_) == (["went on after epoch 4 of 6"], [])
    assert np.array_equal(resumed.predict_proba(X), unbroken.predict_proba(X))
    for one, other in zip(resumed.history_, unbroken.history_, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    assert [file.name for file in path.parent.iterdir()] == ["one.pt"]


def test_a_training_that_went_on_twice_says_so(tmp_path, monkeypatch):
    path = tmp_path / "one.pt"
    for batches in (3 * 2, 3 * 3):
        stop_after(monkeypatch, batches, classifier(path))
    resumed = classifier(path).fit(*data())
    assert resumed.notes_ == ["went on after epoch 2 of 6", "went on after epoch 5 of 6"]


def test_seconds_of_what_it_went_on_from_are_told(tmp_path, monkeypatch):
    path = tmp_path / "one.pt"
    stop_after(monkeypatch, 3 * 4, classifier(path))
    resumed = classifier(path).fit(*data())
    before = sum(epoch["seconds"] for epoch in resumed.history_[:4])
    assert resumed.clock_["earlier_seconds"] == pytest.approx(before)
    assert classifier().fit(*data()).clock_["earlier_seconds"] == 0


def test_a_process_killed_with_signal_9_goes_on(tmp_path):
    """Through a real process that kills itself in the middle of an epoch."""
    code = textwrap.dedent(
        """
        import os, signal, sys
        sys.path.insert(0, sys.argv[3])
        from test_checkpoint import Network, classifier, data
        import numpy as np
        from models.training import checkpoint

        checkpoint.SECONDS, checkpoint.SHARE = 0.0, float("inf")
        forward, left = Network.forward, [int(sys.argv[2])]

        def dying(self, pictures):
            left[0] -= self.training
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return forward(self, pictures)

        Network.forward = dying
        model = classifier(sys.argv[1]).fit(*data())
        np.save(sys.argv[1] + ".npy", model.predict_proba(data()[0]))
        """
    )

    def train(path, batches):
        command = [sys.executable, "-c", code, str(path), str(batches), str(Path(__file__).parent)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    killed = train(tmp_path / "killed.pt", 8)
    assert killed.returncode == -9, killed.stderr
    for name, batches in (("killed", 13), ("unbroken", 18)):  # 13: less than a whole training
        done = train(tmp_path / f"{name}.pt", batches)
        assert done.returncode == 0, done.stderr
    one, other = (np.load(tmp_path / f"{name}.pt.npy") for name in ("killed", "unbroken"))
    assert np.array_equal(one, other)


class Trap:
    """A pickle of it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.mark.parametrize("kind", ["truncated", "text", "empty", "malicious", "foreign"])
def test_a_damaged_checkpoint_is_ignored_with_a_word(tmp_path, monkeypatch, caplog, kind):
    path, sprung = tmp_path / "one.pt", tmp_path / "sprung"
    stop_after(monkeypatch, 3 * 4, classifier(path))
    content = path.read_bytes()
    if kind == "malicious":
        torch.save({"identity": "", "state": Trap(sprung)}, path)
    elif kind == "foreign":
        torch.save([1, 2, 3], path)
    else:
        path.write_bytes({"truncated": content[:-2000], "text": b"hello", "empty": b""}[kind])
    model = classifier(path).fit(*data())
    assert "is damaged: training began anew" in caplog.text
    assert model.notes_ == ["the checkpoint one.pt is damaged: training began anew"]
    assert not sprung.exists()
    X, _ = data()
    assert np.array_equal(model.predict_proba(X), classifier().fit(*data()).predict_proba(X))


def test_a_pickle_itself_is_not_read(tmp_path, caplog):
    path, sprung = tmp_path / "one.pt", tmp_path / "sprung"
    path.write_bytes(pickle.dumps(Trap(sprung)))
    assert checkpoint.Checkpoint(path, "mine").read() is None
    assert not sprung.exists()
    path.write_bytes(signed(pickle.dumps(Trap(sprung))))
    assert checkpoint.Checkpoint(path, "mine").read() is None
    assert not sprung.exists()
    assert not path.exists()


def signed(content):
    """Bytes with the digest that makes them look whole."""
    return content + hashlib.sha256(content).digest()


def saved(path):
    """A checkpoint as a training leaves it, and how to tell its state from any other."""
    state = {"weights": torch.arange(300.0), "history": [{"epoch": 1, "loss": 0.5}], "seconds": 2.0}
    checkpoint.Checkpoint(path, "mine").write(state)
    return (
        path.read_bytes(),
        lambda read: (
            torch.equal(read["weights"], state["weights"])
            and {**read, "weights": 0} == {**state, "weights": 0}
        ),
    )


def test_no_damage_gives_a_wrong_state(tmp_path):
    """Bits flipped, bytes changed, cut off, added or moved, anywhere: never anything but None."""
    path = tmp_path / "one.pt"
    content, is_right = saved(path)
    random = np.random.default_rng(0)
    for _ in range(400):
        damaged = bytearray(content)
        kind, at = random.integers(5), int(random.integers(len(content)))
        if kind == 0:
            damaged[at] ^= 1 << random.integers(8)
        elif kind == 1:
            damaged[at : at + 40] = random.bytes(40)
        elif kind == 2:
            del damaged[at:]
        elif kind == 3:
            damaged[at:at] = random.bytes(int(random.integers(1, 40)))
        else:
            damaged = damaged[at:] + damaged[:at]
        path.write_bytes(damaged)
        read = checkpoint.Checkpoint(path, "mine").read()
        assert is_right(read) if damaged == content else read is None, (kind, at)
        assert path.exists() == (damaged == content)


def test_a_file_whose_digest_is_right_is_still_read_with_care(tmp_path):
    """What torch finds no sense in is damage, whatever error that ends with."""
    path = tmp_path / "one.pt"
    content, is_right = saved(path)
    random = np.random.default_rng(1)
    for _ in range(200):
        forged = bytearray(content[:-32])
        forged[int(random.integers(700))] = int(random.integers(256))
        path.write_bytes(signed(forged))
        checkpoint.Checkpoint(path, "mine").read()  # raises nothing
    path.write_bytes(content)
    assert is_right(checkpoint.Checkpoint(path, "mine").read())


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="no /proc/self/mem, whose first byte can't be read"
)
def test_a_checkpoint_that_cannot_be_read_is_kept(tmp_path):
    """Whatever was learned may be in it: nothing begins anew and writes over it."""
    path = tmp_path / "one.pt"
    path.symlink_to("/proc/self/mem")  # even for root, its first byte is an error of the disk
    with pytest.raises(OSError, match=r"one\.pt cannot be read .*remove it to begin anew"):
        classifier(path).fit(*data())
    assert path.is_symlink()


def test_a_network_that_starts_from_other_weights_begins_anew(tmp_path, monkeypatch, caplog):
    path = tmp_path / "one.pt"
    stop_after(monkeypatch, 3 * 4, classifier(path))

    class Shifted(Network):
        def __init__(self, n_classes):
            super().__init__(n_classes)
            with torch.no_grad():
                next(self.parameters()).add_(0.01)

    model = classifier(path)
    model.network = Shifted
    model.fit(*data())
    assert "of another training" in caplog.text


def test_a_network_with_state_that_is_no_tensor_is_kept_too(tmp_path, monkeypatch):
    class Extra(Network):
        def get_extra_state(self):
            return {"version": 2}

        def set_extra_state(self, state):
            assert state == {"version": 2}

    path = tmp_path / "one.pt"
    first, second = classifier(path), classifier(path)
    first.network = second.network = Extra
    stop_after(monkeypatch, 3 * 4, first)
    assert second.fit(*data()).notes_ == ["went on after epoch 4 of 6"]


@pytest.mark.parametrize("other", [{"random_state": 4}, {"threads": 2}])
def test_another_trainings_checkpoint_is_not_gone_on_from(tmp_path, monkeypatch, caplog, other):
    path = tmp_path / "one.pt"
    stop_after(monkeypatch, 3 * 4, classifier(path))
    X, y = data()
    expected = classifier(**other).fit(X, y)
    other = classifier(path, **other).fit(X, y)
    assert "of another training" in caplog.text
    assert np.array_equal(other.predict_proba(X), expected.predict_proba(X))


def test_a_folder_that_cannot_be_written_stops_no_training(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    model = classifier(tmp_path / "file" / "one.pt").fit(*data())
    assert len(model.history_) == 6
    assert "cannot be written" in caplog.text


def test_a_checkpoint_that_cannot_be_finished_leaves_the_last_one_alone(tmp_path, monkeypatch):
    path = tmp_path / "one.pt"
    _, is_right = saved(path)

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    checkpoint.Checkpoint(path, "mine").write({"weights": torch.zeros(3)})
    assert [file.name for file in tmp_path.iterdir()] == ["one.pt"]
    assert is_right(checkpoint.Checkpoint(path, "mine").read())


def test_checkpoints_cost_a_small_share_of_the_time(tmp_path, monkeypatch):
    """By a clock of our own: epochs of 2 s, and a disk that takes 3 s."""
    now = [0.0]
    monkeypatch.setattr(checkpoint, "SECONDS", 1.0)
    monkeypatch.setattr(checkpoint, "SHARE", 0.03)
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])

    def slow(file):
        now[0] += 3

    monkeypatch.setattr(checkpoint.os, "fsync", slow)
    kept, written = checkpoint.Checkpoint(tmp_path / "one.pt", "mine"), []
    assert not kept.is_due
    for epoch in range(200):
        now[0] += 2
        if kept.is_due:
            kept.write({})
            written.append(epoch)
    assert written == [0, 50, 100, 150]  # 100 s of learning for 3 of writing
