"""How long the report takes, and how large it is: 40 models on 10,000 pictures of ten classes.

Run it as `python docs/speed/report_build.py`. It makes the records and predictions of a run up,
with a small picture for each that the report shows, then measures what `benchmark report` does:
reading the records, scoring them, and writing the three boards.
"""

import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from results import Leaderboard, Predictions, Record, Store

MODELS, PICTURES, CLASSES, EPOCHS = 40, 10_000, 10, 80


def fill(store: Store) -> None:
    """Save forty trials, twelve of them deep, that are right on 50 to 95 % of the pictures."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, PICTURES)
    ids = [f"test/class {label}/{k:05}.png" for k, label in enumerate(labels)]
    hard = random.normal(size=PICTURES)
    for k, skill in enumerate(np.linspace(0.0, 1.7, MODELS)):
        right = skill > hard + random.normal(scale=0.5, size=PICTURES)
        others = (labels + random.integers(1, CLASSES, PICTURES)) % CLASSES
        predicted = np.where(right, labels, others)
        scores = random.dirichlet(np.ones(CLASSES), PICTURES)
        scores[np.arange(PICTURES), predicted] += 1
        scores /= scores.sum(axis=1, keepdims=True)
        answers = Predictions(ids, labels, predicted, scores, "probability")
        store.save(_record(k, deep=k % 10 > 6), {"test": answers})


def _record(k: int, deep: bool) -> Record:
    epochs = [
        {"epoch": e, "loss": 2 / e, "val_loss": 3 / e, "accuracy": 1 - 1 / e, "rate": 0.01}
        for e in range(1, EPOCHS + 1)
    ]
    return Record(
        trial=f"{k:016x}",
        model=f"Model{k}",
        family="deep" if deep else "classical",
        training="random" if deep else "",
        inputs="images" if deep else "features",
        seed=42,
        preset="published",
        status="ok",
        parameters={},
        source="made up",
        dataset="made up",
        fingerprint="f00d",
        classes=tuple(f"class {label}" for label in range(CLASSES)),
        splits={"test": PICTURES},
        fit_seconds=1.3**k,
        predict_seconds={"test": 0.5},
        device="cpu",
        started="2025-03-01T10:00:00+00:00",
        finished="2025-03-01T10:01:00+00:00",
        provenance={"history": epochs} if deep else {},
    )


def keep_pictures(board: Leaderboard) -> None:
    """Give the board a picture of 96 x 96 pixels for every one that its report shows."""
    random = np.random.default_rng(0)
    pictures = {}
    for name in board.pictures_shown():
        coarse = random.integers(0, 255, (12, 12, 3), dtype=np.uint8)
        smooth = cv2.resize(coarse, (96, 96), interpolation=cv2.INTER_CUBIC)
        pictures[name] = cv2.imencode(".jpg", smooth)[1].tobytes()
    board.exhibits.keep_pictures(pictures)


def main() -> int:
    """Measure and print; 1 if the report takes 20 s or more, or 5 MB or more."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        fill(store)
        keep_pictures(Leaderboard.from_store(store))
        started = time.perf_counter()
        board = Leaderboard.from_store(store)
        scored = time.perf_counter()
        board.write(folder)
        written = time.perf_counter()
        megabytes = (Path(folder) / "report.html").stat().st_size / 1e6
    print(f"{MODELS} models, {PICTURES:,} pictures, {CLASSES} classes")
    print(f"reading and scoring {scored - started:.1f} s, writing {written - scored:.1f} s")
    print(f"together {written - started:.1f} s; report.html {megabytes:.2f} MB")
    return int(written - started >= 20 or megabytes >= 5)


if __name__ == "__main__":
    sys.exit(main())
