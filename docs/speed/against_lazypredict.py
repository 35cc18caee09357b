"""How long the whole suite takes on a feature table, against LazyPredict asked once per split.

    python docs/speed/against_lazypredict.py [TABLE.csv] [--runs 3]

Both are whole processes, from the command's start to its end; ours writes its records and its
leaderboards too. They take turns, so that a machine whose speed drifts is fair to both. Without a
table, one of the published study's size is made up: 3,913 / 300 / 68 rows of 48 columns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LAZYPREDICT = """
import sys
import pandas as pd
from lazypredict.Supervised import LazyClassifier

table = pd.read_csv(sys.argv[1])
labels = table["label"].astype("category").cat.codes
columns = [name for name in table.columns if name not in ("id", "split", "label")]
train = table["split"] == "train"
for split in ("val", "test"):
    asked = table["split"] == split
    scores, _ = LazyClassifier(verbose=0).fit(
        table.loc[train, columns], table.loc[asked, columns], labels[train], labels[asked]
    )
    print(len(scores))
"""


def made_up_table(path: Path) -> None:
    """Write a table of the published study's size."""
    import pandas as pd
    from sklearn.datasets import make_classification

    sizes = {"train": 3913, "val": 300, "test": 68}
    values, labels = make_classification(
        sum(sizes.values()), 48, n_informative=12, n_classes=3, class_sep=0.5, random_state=0
    )
    table = pd.DataFrame(values, columns=[f"f{column}" for column in range(48)])
    table.insert(0, "split", [name for name, size in sizes.items() for _ in range(size)])
    table.insert(1, "label", labels)
    table.to_csv(path, index=False)


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall-clock seconds of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - started


def main() -> None:
    """Time both in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = given.table or Path(folder) / "made-up.csv"
        if given.table is None:
            made_up_table(table)
        ours, theirs = [], []
        for run in range(given.runs + 1):  # the first warms the disk cache and is not counted
            out = Path(folder) / f"run-{run}"
            environment = {**os.environ, "BENCHMARK_CACHE": str(Path(folder) / f"cache-{run}")}
            command = ["-m", "benchmark", "all", "--data", str(table), "--out", str(out)]
            ours.append(seconds([sys.executable, *command], environment))
            theirs.append(seconds([sys.executable, "-c", LAZYPREDICT, str(table)], environment))
        for name, times in (("benchmark all", ours[1:]), ("LazyPredict twice", theirs[1:])):
            print(f"{name:<18} median {statistics.median(times):6.2f} s  (", end="")
            print(", ".join(f"{one:.2f}" for one in times), end=")\n")
        ratios = [one / other for one, other in zip(ours[1:], theirs[1:], strict=True)]
        print(f"{'ratio':<18} median {statistics.median(ratios):6.2f}")


if __name__ == "__main__":
    main()
