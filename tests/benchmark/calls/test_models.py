"""The command that lists weights and builds modelled ones."""

import dataclasses

import pytest

torch = pytest.importorskip("torch")

import benchmark  # noqa: E402
from benchmark.cli.app import run_arguments  # noqa: E402
from models.weights.modelled import build as building  # noqa: E402


@pytest.fixture(autouse=True)
def small(tmp_path, monkeypatch):
    """A build that takes seconds, and no weights anywhere."""
    recipe = dataclasses.replace(building.RECIPE, epochs=1, batch_size=6)
    monkeypatch.setattr(
        building.build_weights,
        "__kwdefaults__",
        {"device": "cpu", "classes": 3, "each": 4, "recipe": recipe},
    )
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("BENCHMARK_WEIGHTS_DIR", raising=False)


def test_weights_are_built_into_the_given_folder_and_listed(tmp_path, capfd):
    folder = tmp_path / "new"
    line = [
        "weights",
        "--build",
        "ResNet9-modelled",
        "--weights-dir",
        str(folder),
        "--threads",
        "1",
    ]
    assert run_arguments([*line, "--device", "cpu"]) == 0
    listed = {row.split()[0]: row.split()[1:3] for row in capfd.readouterr().out.splitlines()}
    assert listed["ResNet9-modelled"] == ["present", str(folder / "resnet9-modelled-v2.pth")]
    assert listed["ResNet34-modelled"][0] == "missing"
    assert [path.name for path in folder.iterdir()] == ["resnet9-modelled-v2.pth"]


def test_without_a_folder_they_go_to_torch_s_cache_and_a_seed_decides_them(tmp_path):
    contents = []
    for seed in (1, 1, 2):
        files = benchmark.weights(build="ResNet9-modelled", seed=seed, threads=1, device="cpu")
        (built,) = (file for file in files if file.present)
        assert built.path.parent == tmp_path / "torch" / "hub" / "checkpoints"
        contents.append(torch.load(built.path, weights_only=True)["stem.0.0.weight"])
    assert torch.equal(contents[0], contents[1])
    assert not torch.equal(contents[0], contents[2])


@pytest.mark.parametrize(
    ("row", "words"),
    [("ResNet9-modeled", "did you mean"), ("ResNet34-pretrained", "downloaded, not built")],
)
def test_what_can_t_be_built_is_one_line(row, words, capfd):
    assert run_arguments(["weights", "--build", row]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err


def test_a_folder_that_can_t_be_written_to_is_one_line(tmp_path, capfd):
    (tmp_path / "file").touch()
    line = ["weights", "--build", "ResNet9-modelled", "--weights-dir", str(tmp_path / "file")]
    assert run_arguments(line) == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(tmp_path, monkeypatch, capfd):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("models.build_weights", interrupted)
    line = ["weights", "--build", "ResNet9-modelled", "--weights-dir", str(tmp_path)]
    assert run_arguments(line) == 130
    assert "is kept, and the same command goes on" in capfd.readouterr().err


def test_a_full_disk_is_one_line_and_leaves_no_file(tmp_path, monkeypatch, capfd):
    def full(_, file):
        file.write(b"half")
        raise RuntimeError("PytorchStreamWriter failed writing file data/0")

    monkeypatch.setattr(torch, "save", full)
    line = ["weights", "--build", "ResNet9-modelled", "--weights-dir", str(tmp_path)]
    assert run_arguments([*line, "--threads", "1", "--device", "cpu"]) == 2
    assert "can't be written (" in capfd.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.glob("*.pth"))
