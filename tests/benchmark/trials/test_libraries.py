"""A library that can't be imported costs the rows that need it, whatever its import raises."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import benchmark

ROOT = Path(benchmark.__file__).parents[1]

BROKEN = {
    "lightgbm": "raise OSError('libgomp.so.1: cannot open shared object file')",
    "xgboost": "import sys; sys.exit(3)",
    "torch": "raise RuntimeError('no kernel image')",
}


@pytest.fixture
def command(tmp_path):
    """The command where the libraries are broken; its exit code and what it said."""
    for name, text in BROKEN.items():
        (tmp_path / "broken" / name).mkdir(parents=True)
        (tmp_path / "broken" / name / "__init__.py").write_text(text)
    path = os.pathsep.join([str(tmp_path / "broken"), str(ROOT)])

    def call(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "benchmark", *arguments], cwd=tmp_path, check=False,
            capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stderr

    return call


def test_rows_that_need_it_say_so_and_the_others_are_there(tmp_path, command):
    generator = np.random.default_rng(0)
    for split in ("train", "val", "test"):
        for label in range(2):
            (tmp_path / "data" / split / f"{label}").mkdir(parents=True)
            for number in range(5):
                pixels = generator.integers(0, 100, (16, 16)) + 100 * label
                file = tmp_path / "data" / split / f"{label}" / f"{number}.png"
                Image.fromarray(pixels.astype(np.uint8)).save(file)
    (tmp_path / "plugin.py").write_text(
        "from models import model\n"
        "@model('Mine', family='classical', inputs='features')\n"
        "def build(context):\n    import lightgbm\n"
    )
    names = "GaussianNB,LGBMClassifier,XGBClassifier,ResNet9,ResNet34,Mine"
    code, said = command("run", "--data", "data", "--models", names, "--out", "out",
                         "--plugin", "plugin.py")  # fmt: skip
    assert code == 0, said
    board = pd.read_csv(tmp_path / "out" / "leaderboard.csv").drop_duplicates("model")
    board = board.set_index("model")
    assert dict(board["status"]) == {
        "GaussianNB": "ok", "LGBMClassifier": "unavailable", "XGBClassifier": "unavailable",
        "ResNet9": "unavailable", "ResNet34": "unavailable", "Mine": "failed",
    }  # fmt: skip
    assert board["reason"]["LGBMClassifier"].startswith("lightgbm can't be imported (OSError: lib")
    assert board["reason"]["XGBClassifier"].startswith("xgboost can't be imported (SystemExit: 3)")
    assert board["reason"]["ResNet34"].startswith("torch can't be imported (RuntimeError: no kern")
    assert "OSError: libgomp" in board["reason"]["Mine"]


def test_a_command_that_needs_it_is_one_line(command):
    code, said = command("weights")
    assert code == 2
    assert said.splitlines() == [
        "error: torch can't be imported (RuntimeError: no kernel image); mend or reinstall it"
    ]
