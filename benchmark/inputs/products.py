"""Products: what is made of each picture, each kept on its own under all that decides it."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmark.datasets import Split
from benchmark.inputs.feature_sets import AnyFeatureSet
from benchmark.inputs.reader import Reader
from benchmark.inputs.watch import Workers
from benchmark.plugins import sources_of
from benchmark.progress import Progress
from features import FeatureSet, coloured, is_built_in

# What decides the pixels of a file: this, which goes up with what the codec makes of them, and the
# libraries that it has.
_DECODING = 3
_DECODERS = ("opencv-python-headless", "pillow", "tifffile", "imagecodecs")


@dataclass(frozen=True)
class Spec:
    """What to make of each picture: a row of features, a small picture, or both.

    Attributes
    ----------
    features : the feature set, None for no features.
    image_size : side of the small picture in pixels, None for none.
    plugin_files : files that may declare features.
    seed : of features that are fitted on the train split.
    """

    features: AnyFeatureSet | None
    image_size: int | None
    plugin_files: tuple[str, ...] = ()
    seed: int = 42

    @property
    def definition(self) -> str:
        """What decides the features' values beside the pictures; empty without features."""
        return "" if self.features is None else _definition(self.features, self.seed)

    @property
    def kinds(self) -> dict[str, str]:
        """The cache's names of the ``features`` and of the ``images``, of those that are made."""
        kinds = {}
        if self.features is not None:
            kinds["features"] = _kind_of_features(self.features, self.seed)
        if self.image_size is not None:
            kinds["images"] = f"images-{self.image_size}-{_decoder()}"
        return kinds


def _definition(chosen: AnyFeatureSet, seed: int) -> str:
    """In it are the text of plugin files that declare features, with what lies beside them and is
    imported by them, and the seed of what is fitted.
    """
    declared = {part.origin for c in chosen.chosen for part in (c.view, c.measure)}
    files = sorted(Path(o) for o in declared if not is_built_in(o) and Path(o).is_file())
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    parts += [digest for path in files for digest in sources_of(str(path)).beside.values()]
    if chosen.needs_fit:
        # What was kept under the seed alone may have been fitted on other train pictures.
        parts.append(f"fitted on train, seed {seed}")
    if not parts:
        return chosen.definition
    return hashlib.sha256(" ".join([chosen.definition, *parts]).encode()).hexdigest()[:16]


def _kind_of_features(chosen: AnyFeatureSet, seed: int) -> str:
    return f"features-{_definition(chosen, seed)}-{_decoder()}"


def _decoder() -> str:
    versions = " ".join(metadata.version(library) for library in _DECODERS)
    return f"decoded-{_DECODING}-{hashlib.sha256(versions.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Product:
    """Small pictures, or the columns of a feature set that depend on the same things.

    Attributes
    ----------
    kind : names its shards. All that decides a row beside the picture itself is in it: for columns
        that were fitted, the train pictures too.
    side : of the small pictures, 0 for features.
    features : the features, fitted where they need to be; None for small pictures.
    columns : which of the table's columns they are, int64; None for small pictures.
    """

    kind: str
    side: int = 0
    features: AnyFeatureSet | None = None
    columns: np.ndarray | None = field(default=None, compare=False)

    @property
    def row(self) -> np.ndarray:
        """A row with nothing in it."""
        if self.features is None:
            return np.zeros((self.side, self.side, 3), np.uint8)
        return np.zeros(len(self.features.columns))

    def make(self, picture: np.ndarray) -> np.ndarray:
        """The row of a picture, uint8, (H, W) grey or (H, W, 3) RGB."""
        if self.features is None:
            return coloured(picture, self.side)
        return self.features.compute(picture)


def image_products(spec: Spec) -> list[Product]:
    """The small pictures."""
    return [Product(spec.kinds["images"], side=spec.image_size or 0)]


def feature_products(
    spec: Spec, train: Split, keys: Sequence[bytes], workers: Workers, progress: Progress
) -> tuple[list[Product], float, Mapping[int, str]]:
    """The columns that depend on the picture alone, and those fitted on ``train``; if there are.

    Parameters
    ----------
    spec : what is made of each picture.
    train, keys : the split that features are fitted on, and the keys of its pictures.
    workers : what may be used to decode one of them for the fit.
    progress : hears of the fit.

    Returns
    -------
    The products, the seconds of the fit, and the rows of train that were given up in it, and why.
    """
    whole = spec.features
    if not isinstance(whole, FeatureSet) or not whole.needs_fit:
        assert whole is not None
        every = np.arange(len(whole.columns))
        return [Product(spec.kinds["features"], features=whole, columns=every)], 0.0, {}
    learns = np.array([FeatureSet("", (column,)).needs_fit for column in whole.chosen])
    compile_kernels([whole], progress)
    products, seconds, given_up = [], 0.0, {}
    for fitted in (False, True):
        columns = np.flatnonzero(learns == fitted)
        if not len(columns):
            continue
        part = FeatureSet(whole.name, tuple(whole.chosen[k] for k in columns))
        kind = _kind_of_features(part, spec.seed)
        if fitted:
            started = time.perf_counter()
            with (
                progress.busy("fitting features on train"),
                contextlib.closing(Reader(train, workers)) as pictures,
            ):
                part = part.fit(pictures, spec.seed)
            seconds, given_up = time.perf_counter() - started, pictures.given_up
            # Said where the set is fitted, so that none is kept under another's name.
            learnt = b"".join(key for row, key in enumerate(keys) if row not in given_up)
            kind += f"-{hashlib.blake2b(learnt, digest_size=16).hexdigest()}"
        products.append(Product(kind, features=part, columns=columns))
    return products, seconds, given_up


def compile_kernels(sets: Sequence[AnyFeatureSet], progress: Progress) -> None:
    """Compile the kernels of feature sets, or load them, before several processes do."""
    with progress.busy("loading the features") as message:
        for each in sets:
            each.prepare(lambda: message("compiling, once on this machine: about 15 s"))
