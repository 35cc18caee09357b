"""What run.json says of the data that a board is about, and what the board says of it."""

from __future__ import annotations

import numpy as np
from PIL import Image

import benchmark
from results import Run


def test_what_is_odd_about_the_data_is_on_the_board(tmp_path):
    """A file that is no picture, one of 16 bits that is nearly black, and one of one value."""
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for kind in ("a", "b"):
            folder = tmp_path / "data" / split / kind
            folder.mkdir(parents=True)
            for k in range(4):
                values = rng.integers(0, 256, (16, 16), dtype=np.uint8)
                Image.fromarray(values).save(folder / f"{k}.png")
    Image.fromarray(values.astype(np.uint16)).save(folder / "deep.png")
    Image.fromarray(np.full((16, 16), 90, np.uint8)).save(folder / "flat.png")
    (folder / "notes.txt").write_text("not a picture")
    board = benchmark.run(
        tmp_path / "data", models="DummyClassifier", out=tmp_path / "out", jobs=1, threads=1
    )
    run = Run.read(tmp_path / "out")
    assert run.left_out == 1
    assert run.oddities == {"low_byte": 1, "one_value": 1}
    assert any(text.startswith("1 of 18 pictures has more than 8 bits") for text in board.warnings)
    assert any(text.startswith("1 of 18 pictures shows one value") for text in board.warnings)
    assert "1 file or column" in (tmp_path / "out" / "report.html").read_text("utf-8")
