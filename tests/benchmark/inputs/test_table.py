"""The table of features: written some rows at a time, whole or not at all, and what Ctrl-C says."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import psutil
import pytest

from benchmark import datasets
from benchmark.inputs import table as feature_table
from benchmark.inputs.feature_sets import chosen_features
from benchmark.inputs.products import Spec
from results import ResultsError


@pytest.fixture
def photos(tmp_path):
    """A folder of pictures with awkward names; black ones have no noise."""
    for split, count in (("train", 9), ("test", 4)):
        for kind in ("cat", 'a "dog", or two'):
            (tmp_path / "photos" / split / kind).mkdir(parents=True)
            for row in range(count):
                pixels = np.full((9, 8), 20 * row, np.uint8)
                pixels[row % 3 :, 4:] //= 2
                cv2.imwrite(str(tmp_path / "photos" / split / kind / f"{row}, x.png"), pixels)
    return tmp_path / "photos"


@pytest.fixture
def table(photos):
    columns = ("original_noise", "original_mean", "edge_std")
    spec = Spec(chosen_features(",".join(columns)), None)
    return feature_table.tabulated(datasets.load(photos), spec)


@pytest.fixture(params=[1, 12, 1 << 20])
def numbers_at_a_time(request, monkeypatch):
    monkeypatch.setattr(feature_table, "_NUMBERS", request.param)


@pytest.mark.usefixtures("numbers_at_a_time")
def test_rows_written_a_few_at_a_time_are_those_of_one_frame(table, tmp_path):
    frame = table.frame()
    assert table.shape == frame.shape == (26, 6)
    assert frame["original_noise"].isna().any()
    expected = frame.to_csv(index=False, lineterminator="\n").encode()
    columns = io.BytesIO()
    frame.to_parquet(columns, index=False)
    table.write(tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes() == expected
    table.write(tmp_path / "x.parquet")
    read = pd.read_parquet(tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(read, pd.read_parquet(columns))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_that_fails_half_way_leaves_the_one_before(table, tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(feature_table, "_NUMBERS", 12)
    path = tmp_path / f"x.{suffix}"
    path.write_text("before")
    blocks = list(table._blocks())

    def full_disk():
        yield from blocks[:2]
        raise OSError(28, "No space left on device")

    with pytest.raises(ResultsError, match=r"cannot be written \(No space left on device\)"):
        feature_table._write(full_disk(), path)
    assert path.read_text() == "before"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["photos", path.name]


SLOW = """
import time
from features import measure

@measure("slow", names=["slow"])
def take(image):
    open("at work", "w").close()
    time.sleep(0.3)
    return [image.mean()]
"""


@pytest.mark.parametrize("gap", [None, 0.0, 0.05, 0.5])
def test_ctrl_c_once_or_twice_says_what_is_kept_and_leaves_nobody(
    photos, tmp_path, cache_folder, gap
):
    (tmp_path / "slow.py").write_text(SLOW)
    command = [sys.executable, "-m", "benchmark", "features", str(photos), "-o", "x.csv"]
    command += ["--features", "original_slow", "--plugin", "slow.py"]
    root = Path(feature_table.__file__).parents[2]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while process.poll() is None and not (tmp_path / "at work").exists():
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.send_signal(signal.SIGINT)
    if gap is not None:
        time.sleep(gap)
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert said.splitlines()[-1] == (
        "interrupted: no table is written; the pictures that were prepared are kept in "
        f"{cache_folder}; the same command goes on from there"
    )
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    assert not (tmp_path / "x.csv").exists()
