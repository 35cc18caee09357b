"""Parts: what is made of each picture, every part kept on its own under all that decides it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

import features
from benchmark.datasets import Split
from benchmark.frozen import AnyFeatureSet, feature_set
from benchmark.portions import TrainPictures, Wanted, coloured
from benchmark.progress import Progress

# Goes up when a file may be decoded to other pixels by the same OpenCV.
_DECODING = 2


@dataclass(frozen=True)
class Part:
    """Small pictures, or the columns of a feature set that hang on the same things.

    Attributes
    ----------
    kind : names its shards. All that decides a row beside the picture itself is in it: for columns
        that were fitted, the train pictures too.
    side : of the small pictures, None for features.
    chosen : the features, fitted where they need to be; None for small pictures.
    columns : which of the table's columns they are, int64; None for small pictures.
    """

    kind: str
    side: int | None = None
    chosen: AnyFeatureSet | None = None
    columns: np.ndarray | None = None

    @property
    def row(self) -> np.ndarray:
        """A row with nothing in it."""
        if self.chosen is None:
            return np.zeros((self.side or 0, self.side or 0, 3), np.uint8)
        return np.zeros(len(self.chosen.columns))

    def make(self, picture: np.ndarray) -> np.ndarray:
        """The row of a picture, uint8, (H, W) grey or (H, W, 3) RGB."""
        if self.chosen is None:
            return coloured(picture, self.side or 0)
        return self.chosen.compute(picture)


def definition(chosen: AnyFeatureSet, seed: int) -> str:
    """What decides the features' values beside the pictures.

    The text of plugin files that declare them is in it, and the seed of what is fitted.
    """
    declared = {Path(part.origin) for c in chosen.chosen for part in (c.view, c.measure)}
    ours = Path(features.__file__).resolve().parent
    plugins = sorted(path for path in declared if ours not in path.parents and path.is_file())
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in plugins]
    if chosen.needs_fit:
        # What was kept under the seed alone may have been fitted on other train pictures.
        parts.append(f"fitted on train, seed {seed}")
    if not parts:
        return chosen.definition
    return hashlib.sha256(" ".join([chosen.definition, *parts]).encode()).hexdigest()[:16]


def kind_of_features(chosen: AnyFeatureSet, seed: int) -> str:
    """The name of a set's table in the cache."""
    return f"features-{definition(chosen, seed)}-{_decoder()}"


def kind_of_images(side: int) -> str:
    """The name of the small pictures in the cache."""
    return f"images-{side}-{_decoder()}"


def _decoder() -> str:
    return f"opencv-{metadata.version('opencv-python-headless')}-{_DECODING}"


def image_part(side: int) -> Part:
    """The small pictures."""
    return Part(kind_of_images(side), side=side)


def feature_parts(
    train: Split, keys: Sequence[bytes], wanted: Wanted, progress: Progress
) -> tuple[list[Part], float]:
    """The columns that hang on the picture alone, and those fitted on ``train``; either may lack.

    ``keys`` are those of the train pictures. Returns the seconds of the fit too.
    """
    assert wanted.feature_set is not None
    whole = feature_set(wanted.feature_set, wanted.weights_dir, wanted.offline)
    if not isinstance(whole, features.FeatureSet) or not whole.needs_fit:
        every = np.arange(len(whole.columns))
        return [Part(kind_of_features(whole, wanted.seed), chosen=whole, columns=every)], 0.0
    learns = np.array(
        [features.FeatureSet(whole.name, (column,)).needs_fit for column in whole.chosen]
    )
    compiled([whole], progress)
    parts, seconds = [], 0.0
    for fitted in (False, True):
        columns = np.flatnonzero(learns == fitted)
        if not len(columns):
            continue
        chosen = features.FeatureSet(whole.name, tuple(whole.chosen[k] for k in columns))
        kind = kind_of_features(chosen, wanted.seed)
        if fitted:
            # Said where the set is fitted, so that none is kept under another's name.
            kind += f"-{hashlib.blake2b(b''.join(keys), digest_size=16).hexdigest()}"
            started = time.perf_counter()
            with progress.busy("fitting features on train"):
                chosen = chosen.fit(TrainPictures(train), wanted.seed)
            seconds = time.perf_counter() - started
        parts.append(Part(kind, chosen=chosen, columns=columns))
    return parts, seconds


def compiled(chosen: Sequence[AnyFeatureSet], progress: Progress) -> None:
    """Compile the kernels of the sets, or load them, before several processes do."""
    with progress.busy("loading the features") as tell:
        for each in chosen:
            each.prepare(lambda: tell("compiling, once on this machine: about 15 s"))
