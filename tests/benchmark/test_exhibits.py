import cv2
import numpy as np
import pytest

import benchmark
from results import Leaderboard, Store


@pytest.fixture
def folder(tmp_path):
    """Pictures of two classes that a mean cannot tell, wide ones among them."""
    random = np.random.default_rng(0)
    for split, n in (("train", 20), ("test", 30)):
        for name in ("left", "right"):
            place = tmp_path / "data" / split / name
            place.mkdir(parents=True)
            for k in range(n):
                picture = random.integers(0, 255, (60, 240, 3), dtype=np.uint8)
                cv2.imwrite(str(place / f"{k}.png"), picture)
    return tmp_path / "data"


def test_a_report_is_drawn_again_without_the_dataset(folder, tmp_path):
    out = tmp_path / "run"
    board = benchmark.run(folder, models=["DecisionTreeClassifier", "GaussianNB"], out=out)
    page = (out / "report.html").read_text("utf-8")
    assert 'class="montage" src="data:image/jpeg;base64,' in page
    kept = board.exhibits.pictures()
    assert set(board.pictures_shown()) <= set(kept)
    for picture in kept.values():
        decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        assert decoded.shape == (24, 96, 3)
    for file in folder.rglob("*.png"):
        file.unlink()
    benchmark.report(out)
    assert (out / "report.html").read_text("utf-8") == page


def test_every_picture_that_is_shown_is_kept(folder, tmp_path, monkeypatch):
    out = tmp_path / "run"
    wanted = ["test/left/3.png", "test/right/0.png", "gone.png"]
    monkeypatch.setattr(Leaderboard, "pictures_shown", lambda board: wanted)
    benchmark.run(folder, models=["GaussianNB"], out=out)
    kept = Leaderboard.from_store(Store(out)).exhibits.pictures()
    assert set(kept) == set(wanted[:2])
