"""What is a start worth? Test accuracy of each on a few, some and many pictures a class.

    python -m benchmark weights --build ResNet9-modelled
    python docs/transfer.py textures path/to/photos --seeds 3

prints a table in Markdown: a row for each source and start, a column for each number of training
pictures a class; mean test accuracy over the seeds, and the lowest and highest. A seed decides
which pictures are taken - more pictures hold the fewer - and everything in the training. Rows are
fitted as `benchmark run` fits them under the preset `quick`, where the random and the modelled
start have the same network and the same recipe. A class with fewer pictures gives all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

import benchmark
from benchmark import processes
from benchmark.presets import preset
from features import coloured
from models import Context, select

PRESET = "quick"
MODELLED = "ResNet9-modelled"


@dataclass(frozen=True)
class Row:
    """A start: the model, and the feature set that it takes (None: pictures)."""

    label: str
    model: str
    features: str | None = None


ROWS = (
    Row("random, fine-tuned", "ResNet9"),
    Row("modelled, fine-tuned", MODELLED),
    Row("modelled, frozen, LogisticRegression", "LogisticRegression", f"frozen-{MODELLED}"),
    Row("published features, LogisticRegression", "LogisticRegression", "published"),
)


def main() -> None:
    """Print the table of the sources that the command line names."""
    arguments = _arguments()
    found = pd.DataFrame(_scores(arguments))
    table = found.groupby(["source", "start", "each"], sort=False)["right"]
    shown = table.agg(lambda a: f"{a.mean():.3f} ({a.min():.3f}-{a.max():.3f})").unstack("each")
    print(shown.fillna("").reset_index().to_markdown(index=False))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="as for --data")
    parser.add_argument("--each", type=int, nargs="+", default=[25, 100, 400])
    parser.add_argument("--seeds", type=int, default=1, help="how many, from 42 on")
    parser.add_argument("--threads", type=int, default=processes.cores())
    parser.add_argument("--weights-dir")
    return parser.parse_args()


def _scores(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    size = preset(PRESET).image_size
    for source in arguments.sources:
        contents = benchmark.datasets.load(source)
        labels = {name: split.labels for name, split in contents.splits.items()}
        for row in ROWS:
            inputs = _inputs(source, contents, row, size, arguments.weights_dir)
            for seed, each in product(range(42, 42 + arguments.seeds), arguments.each):
                context = Context(
                    n_classes=len(contents.classes),
                    image_size=size,
                    seed=seed,
                    threads=arguments.threads,
                    preset=PRESET,
                    offline=True,
                    weights_dir=arguments.weights_dir or "",
                )
                taken = _taken(labels["train"], each, seed)
                estimator = select([row.model])[0].build(context)
                estimator.fit(inputs["train"][taken], labels["train"][taken])
                right = np.mean(estimator.predict(inputs["test"]) == labels["test"])
                print(f"{contents.name} {row.label} {each} {seed}: {right:.3f}", file=sys.stderr)
                yield {"source": contents.name, "start": row.label, "each": each, "right": right}


def _inputs(
    source: str, contents: benchmark.datasets.Dataset, row: Row, size: int, weights_dir: str | None
) -> dict[str, np.ndarray]:
    """What the row's model takes, split by split."""
    if row.features is None:
        return {
            name: np.stack([coloured(split.pictures.load(k), size) for k in range(len(split))])
            for name, split in contents.splits.items()
        }
    table = benchmark.features(source, features=row.features, weights_dir=weights_dir, offline=True)
    return {name: part.iloc[:, 3:].to_numpy() for name, part in table.groupby("split")}


def _taken(labels: np.ndarray, each: int, seed: int) -> np.ndarray:
    """Rows of ``each`` pictures a class, or of all that it has."""
    order = np.random.default_rng(seed).permutation(len(labels))
    places = [order[labels[order] == label][:each] for label in np.unique(labels)]
    return np.sort(np.concatenate(places))


if __name__ == "__main__":
    main()
