"""Kills at random moments: of the command, of what it starts; nothing finished is lost by them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from PIL import Image

import benchmark
from results import Store

ROOT = Path(benchmark.__file__).parents[1]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
VICTIMS = ("parent", "helper", "child")
MODELS = """
import time
import torch
from torch import nn
from sklearn.naive_bayes import GaussianNB
from models import model
from models.training import checkpoint

checkpoint.SECONDS, checkpoint.SHARE = 0.0, float("inf")  # after each epoch


class Small(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.head = nn.Linear(8, n_classes)

    def forward(self, pictures):
        time.sleep(0.02)
        return self.head(self.body(pictures).relu().mean(dim=(2, 3)))


@model("Small", family="deep", inputs="images")
def build(context):
    return Small(context.n_classes)


class Slow(GaussianNB):
    def fit(self, features, labels):
        time.sleep(0.3)
        return super().fit(features, labels)


for name in ("SlowA", "SlowB", "SlowC"):
    @model(name, family="classical", inputs="features")
    def build(context):
        return Slow()
"""
ASKED = {
    "pictures": ["--models", "SlowA,SlowB,SlowC,DummyClassifier", "--features", "original*"],
    "deep": ["--models", "Small,SlowA", "--features", "original_mean", "--image-size", "8"],
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A folder of pictures in two classes, and a plugin beside it."""
    folder, random_ = tmp_path_factory.mktemp("kills"), np.random.default_rng(0)
    for split, count in (("train", 120), ("val", 20), ("test", 20)):
        for label in (0, 1):
            kind = folder / "data" / split / f"kind {label}"
            kind.mkdir(parents=True)
            for row in range(count):
                picture = random_.integers(0, 180, (48, 48, 3)) + 40 * label
                Image.fromarray(picture.astype(np.uint8)).save(kind / f"{row}.png")
    (folder / "plugin.py").write_text(MODELS)
    return folder


class Run:
    """One command on the source, in a folder and with a cache of its own."""

    def __init__(self, source: Path, folder: Path, kind: str) -> None:
        self.folder, self.out = folder, folder / "out"
        folder.mkdir(exist_ok=True)
        self._line = [
            sys.executable, "-m", "benchmark", "run", "--data", str(source / "data"),
            "--plugin", str(source / "plugin.py"), "--out", str(self.out), "--offline",
            *ASKED[kind],
        ]  # fmt: skip
        self._environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "BENCHMARK_CACHE": str(folder / "cache"),
            "TMPDIR": str(folder / "tmp"),
        }  # fmt: skip
        (folder / "tmp").mkdir(exist_ok=True)

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._line, cwd=self.folder, env=self._environment, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def finish(self) -> pd.DataFrame:
        """Run to the end; the board but for what differs from run to run."""
        process = self.start()
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        board = pd.read_csv(self.out / "leaderboard.csv")
        varies = ["peak_memory_mb", "threads", *(c for c in board if c.endswith("_seconds"))]
        return board.drop(columns=varies)

    def finished(self) -> dict[str, bytes]:
        """The records and predictions of trials that have ended well, byte for byte."""
        if not (self.out / "records").is_dir():
            return {}
        kept = [record.trial for record in Store(self.out).records() if record.status == "ok"]
        return {
            str(path.relative_to(self.out)): path.read_bytes()
            for path in self.out.glob("*/*")
            if path.stem in kept and path.parent.name in ("records", "predictions")
        }


def victims(process: subprocess.Popen[str]) -> dict[str, list[psutil.Process]]:
    """Who can be killed now."""
    parent = psutil.Process(process.pid)
    helpers = parent.children()
    return {
        "parent": [parent],
        "helper": helpers,
        "child": [child for helper in helpers for child in helper.children()],
    }


def kill_once(process: subprocess.Popen[str], moments: random.Random) -> str:
    """Send one signal to one of them, at a random moment; what was done."""
    wanted, stop = moments.choice(VICTIMS), moments.choice(SIGNALS)
    time.sleep(moments.uniform(0.3, 1.2))
    for _ in range(200):
        if process.poll() is not None:
            return "it had ended"
        try:
            there = victims(process)[wanted]
            if there:
                time.sleep(moments.uniform(0, 1.5))
                moments.choice(there).send_signal(stop)
                return f"{stop.name} to {wanted}"
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.02)
    return "nobody was there"


def kill_and_go_on(run: Run, kills: int, seed: int, seconds: float = 60.0) -> dict[str, int]:
    """Start the run again and again, a signal each; what was sent how often."""
    moments, counted, kept = random.Random(seed), {}, {}
    done = 0
    while done < kills:
        process = run.start()
        what = kill_once(process, moments)
        if what.startswith("SIG"):
            done += 1
            counted[what] = counted.get(what, 0) + 1
        try:
            # What was not killed goes on to its end, or is killed in turn.
            _, said = process.communicate(timeout=moments.uniform(0.5, 6))
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate(timeout=seconds)
        assert "Traceback" not in said, f"{what}: {said}"
        found = run.finished()
        assert kept.items() <= found.items(), f"{what}: a finished record was lost or rewritten"
        kept = found
        if len(kept) >= 2 * len(list((run.out / "records").glob("*.json"))) > 4:
            start_afresh(run, moments)
            kept = run.finished()
    return counted


def start_afresh(run: Run, moments: random.Random) -> None:
    """Take some finished trials, and sometimes the cache, away: there must be something to kill."""
    for record in (run.out / "records").glob("*.json"):
        if moments.random() < 0.7:
            record.unlink()
    if moments.random() < 0.5:
        for path in sorted((run.folder / "cache").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def check_kills(source: Path, tmp_path: Path, kind: str, kills: int) -> None:
    undisturbed = Run(source, tmp_path / "undisturbed", kind).finish()
    assert set(undisturbed.status) == {"ok"}
    run = Run(source, tmp_path / "killed", kind)
    print(kind, kill_and_go_on(run, kills, seed=kills))
    pd.testing.assert_frame_equal(run.finish(), undisturbed)
    for left in (run.folder / "tmp", run.out / "checkpoints"):
        assert not left.exists() or list(left.iterdir()) == []
    assert list((run.folder / "cache").rglob(".tmp-*")) == []


@pytest.mark.parametrize("kind", ASKED)
def test_a_few_kills(source, tmp_path, kind):
    check_kills(source, tmp_path, kind, 3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ASKED)
def test_three_hundred_kills(source, tmp_path, kind):
    check_kills(source, tmp_path, kind, 150)
