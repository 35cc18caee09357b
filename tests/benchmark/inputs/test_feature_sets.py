"""Frozen bodies under classical models, and rows that start from weights, through a whole run."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import benchmark  # noqa: E402
from benchmark import InputError  # noqa: E402
from benchmark.inputs.feature_sets import chosen_features  # noqa: E402
from models import ModelError  # noqa: E402
from models.weights.frozen import FrozenBody  # noqa: E402
from models.weights.starts import STARTS  # noqa: E402
from models.weights.transfer import ARCHITECTURES  # noqa: E402

NAME = "frozen-ResNet9-modelled"
FILE = "resnet9-modelled-v2.pth"


@pytest.fixture(autouse=True)
def no_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("BENCHMARK_WEIGHTS_DIR", raising=False)


def save_weights(folder, seed=0):
    folder.mkdir(exist_ok=True)
    torch.manual_seed(seed)
    torch.save(ARCHITECTURES["ResNet9"](4).state_dict(), folder / FILE)
    return folder


@pytest.fixture
def weights_dir(tmp_path):
    return save_weights(tmp_path / "weights")


@pytest.fixture
def data(tmp_path):
    """Dark and bright pictures, 16 px, as an ``.npz``; train, val, test of 16, 4 and 8."""
    generator, arrays = np.random.default_rng(0), {}
    for split, n in (("train", 16), ("val", 4), ("test", 8)):
        labels = np.arange(n) % 2
        pictures = generator.integers(0, 100, (n, 16, 16, 3)) + 150 * labels[:, None, None, None]
        arrays[f"{split}_images"] = pictures.astype(np.uint8)
        arrays[f"{split}_labels"] = labels
    path = tmp_path / "shades.npz"
    np.savez(path, **arrays)
    return path


def rows(board):
    frame = board.to_frame()
    return frame[frame["split"] == "test"].set_index("model")


def test_the_table_is_what_the_body_says_of_each_picture(data, weights_dir):
    table = benchmark.features(data, features=NAME, weights_dir=weights_dir)
    assert list(table.columns[:4]) == ["id", "split", "label", "frozen_0"]
    contents = benchmark.datasets.load(data)
    body = FrozenBody(STARTS["ResNet9-modelled"], weights_dir)
    expected = []
    for split in contents.splits.values():
        for picture in (split.pictures.load(row) for row in range(len(split))):
            larger = torch.from_numpy(picture.transpose(2, 0, 1)[None]).float()
            larger = torch.nn.functional.interpolate(
                larger, size=(body.side, body.side), mode="bilinear", align_corners=False
            )
            given = larger[0].round().byte().numpy().transpose(1, 2, 0)
            expected.append(body.table(given[None])[0])
    found = table.iloc[:, 3:].to_numpy()
    # OpenCV and torch round a pixel differently now and then.
    np.testing.assert_allclose(found, expected, rtol=0.05, atol=0.02 * np.abs(found).max())


def test_classical_models_eat_it_and_the_cache_keeps_it(data, weights_dir, tmp_path, monkeypatch):
    how = {"models": ["GaussianNB"], "features": NAME, "weights_dir": weights_dir, "offline": True}
    board = benchmark.run(data, out=tmp_path / "out", **how)
    row = rows(board).loc["GaussianNB"]
    assert (row["status"], row["accuracy"]) == ("ok", 1.0)
    (record,) = (tmp_path / "out" / "records").glob("*.json")
    assert json.loads(record.read_text())["feature_set"] == NAME
    # The same table again costs no picture.
    monkeypatch.setattr(
        "benchmark.inputs.prepare.make_arrays", lambda *_: pytest.fail("computed again")
    )
    benchmark.run(data, out=tmp_path / "again", **how)


def test_other_weights_are_another_definition(weights_dir, tmp_path):
    first = chosen_features(NAME, str(weights_dir))
    second = chosen_features(NAME, str(save_weights(tmp_path / "other", seed=1)))
    assert first.definition != second.definition


def test_it_travels_to_a_worker(weights_dir):
    chosen = chosen_features(NAME, str(weights_dir))
    picture = np.full((5, 9), 200, np.uint8)
    copy = pickle.loads(pickle.dumps(chosen))  # noqa: S301
    assert np.array_equal(copy.compute(picture), chosen.compute(picture))
    assert len(pickle.dumps(chosen)) < 1000


def test_weights_that_are_missing_or_bad_stop_the_run_in_one_line(data, weights_dir, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(InputError, match="--build ResNet9-modelled"):
        benchmark.run(data, models="GaussianNB", features=NAME, out=out, offline=True)
    (weights_dir / FILE).write_bytes(b"<html>404</html>")
    with pytest.raises(InputError, match="no readable file of weights"):
        benchmark.run(data, models="GaussianNB", features=NAME, out=out, weights_dir=weights_dir)
    assert not out.exists()


def test_an_unknown_body_suggests_what_is_close():
    with pytest.raises(ModelError, match="did you mean ResNet50-pretrained"):
        chosen_features("frozen-ResNet50-pretraned")


def test_a_weights_dir_that_is_none_is_refused(data, tmp_path):
    with pytest.raises(InputError, match="--weights-dir"):
        benchmark.run(data, out=tmp_path / "out", weights_dir=tmp_path / "nowhere")
    with pytest.raises(InputError, match="--weights-dir"):
        benchmark.weights(weights_dir=tmp_path / "nowhere")


class Attack:
    """Creates a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


def test_bad_files_are_rows_and_a_good_one_takes_their_place(data, tmp_path):
    """Four runs into one folder: truncated, foreign, malicious, then sound weights."""
    folder, marker = tmp_path / "weights", tmp_path / "attacked"
    how = {"models": "ResNet9-modelled", "out": tmp_path / "out", "weights_dir": folder}
    how |= {"offline": True, "threads": 1, "device": "cpu"}
    good = (save_weights(folder) / FILE).read_bytes()
    foreign = {"conv1.weight": torch.zeros(64, 3, 7, 7)}
    for content, reason in (
        (good[:50_000], "truncated"),
        (foreign, "another network"),
        (Attack(marker), "nothing in it was run"),
    ):
        if isinstance(content, bytes):
            (folder / FILE).write_bytes(content)
        else:
            torch.save(content, folder / FILE)
        row = rows(benchmark.run(data, **how)).loc["ResNet9-modelled"]
        assert row["status"] == "unavailable"
        assert str(folder / FILE) in row["reason"]
        assert reason in row["reason"]
    assert not marker.exists()
    (folder / FILE).write_bytes(good)
    assert list(rows(benchmark.run(data, **how))["status"]) == ["ok"]


def test_another_build_of_the_weights_is_another_trial(data, tmp_path):
    folder = save_weights(tmp_path / "weights")
    how = {"models": "ResNet9-modelled", "out": tmp_path / "out", "weights_dir": folder}
    for seed in (0, 0, 1):
        save_weights(folder, seed)
        benchmark.run(data, threads=1, device="cpu", **how)
    assert len(list((tmp_path / "out" / "records").glob("*.json"))) == 2
