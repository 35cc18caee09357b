"""What does each part of the set ``rich`` take, on one thread, and what did it take before?

    python docs/speed/rich_features.py [REVISION]

prints a table in milliseconds of processor time for one photograph of scikit-image's, reduced to
four sizes: each view, each measure of all the views that it is taken of, and the whole row. With a
revision of the repository it says before and after, measured in turns, each in a process of its own
that has that revision's code. Where scikit-image has what we compute with loops of our own, the
table has its time too, and the two are compared: the patterns equal, the Gabor bank to 1e-9. All
are the least of the turns: whatever else the machine does can only add to them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage
from skimage.feature import local_binary_pattern
from skimage.filters import gabor
from skimage.transform import resize

SIDES = (64, 128, 200, 300)
TURNS = 12
# The least time is looked for among as many calls a turn.
CALLS = 5
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ROOT = Path(__file__).parents[2]


def photograph(side: int) -> np.ndarray:
    """The astronaut, uint8, (side, side, 3)."""
    reduced = resize(skimage.data.astronaut(), (side, side), anti_aliasing=True)
    return np.rint(reduced * 255).astype(np.uint8)


def least(compute: Callable[[np.ndarray], object], image: np.ndarray, calls: int = CALLS) -> float:
    """Milliseconds of processor time of the quickest of several calls."""
    taken = []
    for _ in range(calls):
        start = time.process_time()
        compute(image)
        taken.append(time.process_time() - start)
    return 1e3 * min(taken)


def patterns(image: np.ndarray) -> np.ndarray:
    """What the measure ``lbp`` gives, by scikit-image."""
    shares = []
    for radius in (1, 2, 3):
        wider = np.pad(image, radius, mode="edge")
        codes = local_binary_pattern(wider, 8 * radius, radius, "uniform")
        inner = codes[radius:-radius, radius:-radius].astype(np.intp)
        shares.append(np.bincount(inner.ravel(), minlength=8 * radius + 2) / image.size)
    return np.concatenate(shares)


def bank(image: np.ndarray) -> np.ndarray:
    """What the measure ``gabors`` gives, by scikit-image."""
    statistics = []
    for frequency in (0.4, 0.2, 0.1, 0.05):
        for angle in range(0, 180, 30):
            amplitude = np.hypot(*gabor(image.astype(float), frequency, theta=np.deg2rad(angle)))
            statistics += [amplitude.mean(), amplitude.std()]
    return np.array(statistics)


def references(side: int) -> dict[str, float]:
    """Scikit-image's own times, its numbers being ours."""
    from features import feature_set, grey

    image = grey(photograph(side))
    np.testing.assert_array_equal(feature_set("original*lbp").compute(image), patterns(image))
    np.testing.assert_allclose(feature_set("original*gabors").compute(image), bank(image), 1e-9)
    return {
        "measure lbp": least(patterns, image),
        "measure gabors": least(bank, image, 2),
    }


def work() -> None:
    """Answer each side length on stdin by a line of JSON: the parts' milliseconds, by name."""
    import cv2

    from features import feature_set

    cv2.setNumThreads(1)
    rich = feature_set("rich").fit([photograph(96)], seed=0)
    rich.prepare(lambda: None)
    pairs = {(c.view.name, c.measure.name): (c.view, c.measure) for c in rich.chosen}
    for line in sys.stdin:
        picture = photograph(int(line))
        parts: dict[str, float] = {}
        for view, measure in pairs.values():
            if f"view {view.name}" not in parts:
                parts[f"view {view.name}"] = least(view.image, picture)
            taken = least(measure.values, view.image(picture))
            parts[f"measure {measure.name}"] = parts.get(f"measure {measure.name}", 0.0) + taken
        parts["a row of rich"] = least(rich.compute, picture)
        print(json.dumps(parts), flush=True)


class Worker:
    """A process that has the features of one folder, and measures when it is asked."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--work"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def measure(self, side: int) -> dict[str, float]:
        """The parts' milliseconds for a picture of this side."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(side, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


def measured(folders: list[Path]) -> dict[int, list[dict[str, float]]]:
    """By side, each folder's least times, taken in turns."""
    workers = [Worker(folder) for folder in folders]
    table: dict[int, list[dict[str, float]]] = {}
    for side in SIDES:
        turns = [[worker.measure(side) for worker in workers] for _ in range(TURNS)]
        table[side] = [
            {part: min(turn[number][part] for turn in turns) for part in turns[0][number]}
            for number in range(len(workers))
        ]
    for worker in workers:
        worker.process.communicate()
    return table


def show(table: dict[int, list[dict[str, float]]], theirs: dict[int, dict[str, float]]) -> None:
    """Print a line for each part."""
    print("| part | " + " | ".join(f"{side} x {side}" for side in SIDES) + " |")
    print("|---|" + "---|" * len(SIDES))
    for part in table[SIDES[0]][-1]:
        cells = [" → ".join(f"{times[part]:.2f}" for times in table[side]) for side in SIDES]
        print(f"| {part} | " + " | ".join(cells) + " |")
        if part in theirs[SIDES[0]]:
            library = [(theirs[side][part], table[side][-1][part]) for side in SIDES]
            cells = [f"{slow:.1f} ({slow / fast:.0f} times)" for slow, fast in library]
            print("| scikit-image's | " + " | ".join(cells) + " |")


def main(revision: str = "") -> None:
    """Print the table; with a revision, its times before ours."""
    with tempfile.TemporaryDirectory() as before:
        folders = [ROOT]
        if revision:
            code = subprocess.run(
                ["git", "archive", revision, "features"],
                cwd=ROOT, stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            subprocess.run(["tar", "-x", "-C", before], input=code.stdout, check=True)
            folders.insert(0, Path(before))
        table = measured(folders)
    show(table, {side: references(side) for side in SIDES})


if __name__ == "__main__":
    if sys.argv[1:] == ["--work"]:
        work()
    else:
        main(*sys.argv[1:])
