"""How many times faster than the libraries are the published features, on one thread?

    python docs/speed/published_features.py

prints a table for four sizes of picture, over scikit-image's own photographs, each reduced to the
size. Libraries and kernels take turns at all the photographs, so that a busy machine slows both;
processor time is counted, and the table has the medians of the turns.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

import mahotas
import numpy as np
import skimage
from skimage.feature import canny
from skimage.filters import gabor
from skimage.restoration import estimate_sigma
from skimage.transform import resize
from threadpoolctl import threadpool_limits

from features import feature_set, grey

SIZES = ((64, 64), (128, 128), (224, 224), (300, 400))
PHOTOGRAPHS = (
    "astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel", "rocket",
)  # fmt: skip
TURNS = 21
# The kernels' share of a turn would be short otherwise.
REPEATS = 5


def reference(picture: np.ndarray) -> np.ndarray:
    """The 48 columns by scikit-image, PyWavelets and mahotas: float64, (48,)."""
    response = gabor(picture.astype(np.float64), frequency=0.6)[0]
    rectified = np.clip(np.rint(response), 0, 255).astype(np.uint8)
    row: list[float] = []
    for image in (picture, rectified, canny(picture) * np.uint8(255)):
        row += [estimate_sigma(image), image.mean(), image.std()]
        row += list(mahotas.features.haralick(image).mean(axis=0))
    return np.array(row)


def photograph(name: str, size: tuple[int, int]) -> np.ndarray:
    """A photograph of scikit-image's in grey, reduced: uint8, ``size``."""
    reduced = resize(grey(getattr(skimage.data, name)()), size, anti_aliasing=True)
    return np.rint(reduced * 255).astype(np.uint8)


def milliseconds(compute: Callable[[np.ndarray], object], pictures: list[np.ndarray]) -> float:
    """Processor time for one picture, on the average."""
    start = time.process_time()
    for picture in pictures:
        compute(picture)
    return 1e3 * (time.process_time() - start) / len(pictures)


def line(size: tuple[int, int]) -> str:
    """The table's line for pictures of one size."""
    compute = feature_set("published").compute
    pictures = [photograph(name, size) for name in PHOTOGRAPHS]
    for picture in pictures:
        np.testing.assert_allclose(compute(picture), reference(picture), rtol=1e-6, atol=1e-9)
    turns = [
        (milliseconds(reference, pictures), milliseconds(compute, pictures * REPEATS))
        for _ in range(TURNS)
    ]
    theirs, ours = (statistics.median(taken) for taken in zip(*turns, strict=True))
    ratios = sorted(slow / fast for slow, fast in turns)
    return (
        f"| {size[0]} x {size[1]} | {theirs:.1f} | {ours:.2f} | {statistics.median(ratios):.0f} "
        f"| {ratios[0]:.0f} .. {ratios[-1]:.0f} |"
    )


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    feature_set("published").prepare(lambda: print("compiling, once"))
    print("| picture | libraries, ms | kernels, ms | times as fast | of all turns |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        print(line(size), flush=True)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
