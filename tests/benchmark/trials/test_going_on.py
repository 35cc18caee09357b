"""A deep trial that is killed in the middle goes on, through the whole of a run."""

import json

import numpy as np
import pytest

import benchmark
import models
from results import Store

PLUGIN = """
import os, signal
from pathlib import Path
import torch
from torch import nn
from models import model
from models.training import checkpoint

checkpoint.SECONDS, checkpoint.SHARE = 0.0, float("inf")  # after each epoch


class Small(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Linear(8, n_classes)
        self.batches = 0

    def forward(self, pictures):
        self.batches += self.training
        kill = Path(__file__).with_name("kill")
        batches = kill.read_text().split() if kill.exists() else []
        if batches and self.batches == int(batches[0]):
            kill.write_text(" ".join(batches[1:]))
            os.kill(os.getpid(), signal.SIGKILL)
        return self.head(self.body(pictures).mean(dim=(2, 3)))


@model("Small", family="deep", inputs="images")
def build(context):
    return Small(context.n_classes)
"""


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "small.py"
    path.write_text(PLUGIN)
    yield path
    models.forget_models(str(path.resolve()))


@pytest.fixture
def data(tmp_path):
    random = np.random.default_rng(0)
    splits = {}
    for name, n in (("train", 80), ("val", 16), ("test", 16)):
        labels = np.arange(n) % 2
        splits[f"{name}_images"] = (
            random.integers(0, 200, (n, 16, 16, 3)) + 40 * labels[:, None, None, None]
        ).astype(np.uint8)
        splits[f"{name}_labels"] = labels
    np.savez(tmp_path / "data.npz", **splits)
    return tmp_path / "data.npz"


# Two batches an epoch: in the third; and at the first one after going on, in that again.
@pytest.mark.parametrize("kills", ["6", "6 1"])
def test_a_killed_trial_goes_on_to_the_same_predictions(tmp_path, plugin, data, kills):
    def run(out, retry=False):
        board = benchmark.run(
            data, models="Small", plugins=plugin, out=tmp_path / out, image_size=16, retry=retry
        )
        (record,) = Store(tmp_path / out).records()
        return board, record

    _, unbroken = run("unbroken")
    assert unbroken.status == "ok"
    (tmp_path / "kill").write_text(kills)
    _, resumed = run("killed")
    if kills == "6 1":  # one kill is forgiven: it may have come from outside
        assert resumed.status == "failed"
        assert (tmp_path / "killed" / "checkpoints" / f"{resumed.trial}.pt").is_file()
        _, resumed = run("killed", retry=True)
    assert resumed.status == "ok"
    assert not (tmp_path / "killed" / "checkpoints").exists()
    assert resumed.notes == (f"went on after epoch 2 of {len(resumed.provenance['history'])}",)
    assert resumed.provenance["precision"] in ("bfloat16", "float32")
    one, other = (Store(tmp_path / o).predictions(unbroken.trial) for o in ("unbroken", "killed"))
    for split in ("val", "test"):
        assert np.array_equal(one[split].scores, other[split].scores)

    history = resumed.provenance["history"]
    assert [epoch["epoch"] for epoch in history] == list(range(1, len(history) + 1))
    assert history[-1].keys() == {"epoch", "loss", "accuracy", "val_accuracy", "rate", "seconds"}
    clock = resumed.provenance["clock"]
    assert clock["earlier_seconds"] == pytest.approx(sum(e["seconds"] for e in history[:2]))
    assert resumed.fit_seconds == pytest.approx(
        clock["around_fit"] - clock["aside_seconds"] + clock["earlier_seconds"]
    )
    for record in (unbroken, resumed):
        learning = sum(epoch["seconds"] for epoch in record.provenance["history"])
        assert record.fit_seconds == pytest.approx(learning, abs=0.05)
    assert unbroken.fit_seconds < unbroken.provenance["clock"]["around_fit"]
    assert json.loads(resumed.to_json())["provenance"]["history"] == history
