"""Pretrained weights: found, fetched, read, refused."""

import hashlib
import http.server
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models import weights  # noqa: E402
from models.imagenet import body_shapes, resnet  # noqa: E402
from models.registry import Context, Unavailable  # noqa: E402
from models.resnet import declared  # noqa: E402


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """No weights anywhere, whatever this machine has."""
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    return tmp_path / "hub" / "checkpoints"


@pytest.fixture
def given(tmp_path, monkeypatch):
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(folder))
    return folder


def build(name="ResNet34-pretrained", offline=True):
    model = next(model for model in declared() if model.name == name)
    return model.build(Context(n_classes=3, offline=offline))


def save_body(path, depth=34, n_classes=1000):
    torch.manual_seed(0)
    state = resnet(n_classes, depth).state_dict()
    torch.save(state, path)
    return state


def reason(**how):
    with pytest.raises(Unavailable) as caught:
        build(**how)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_status_lists_every_pretrained_model(empty_cache):
    listed = weights.status()
    assert [entry.model for entry in listed] == [
        f"ResNet{depth}-pretrained" for depth in (34, 50, 101, 152)
    ]
    assert not any(entry.present for entry in listed)
    assert {entry.path.parent for entry in listed} == {empty_cache}
    assert listed[0].file == "resnet34-b627a593.pth"
    assert listed[0].size is None


def test_names_are_those_that_the_rows_declare():
    by_name = {model.name: model for model in declared()}
    for depth, name in weights.IMAGENET.items():
        assert by_name[f"ResNet{depth}-pretrained"].parameters("quick")["weights"] == name


def test_offline_without_weights_is_unavailable_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr(weights, "_download", lambda *_: pytest.fail("tried to download"))
    message = reason()
    assert "resnet34-b627a593.pth" in message
    assert "--offline" in message
    assert weights.FOLDER_VARIABLE in message


def test_a_network_failure_is_unavailable(monkeypatch):
    def unreachable(*_, **__):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert "Network is unreachable" in reason(offline=False)


def test_a_server_that_never_answers_is_left_soon(monkeypatch):
    never = threading.Event()

    def wait(*_, **__):
        never.wait(30)
        raise OSError

    monkeypatch.setattr(weights, "_PATIENCE", 0.1)
    monkeypatch.setattr("urllib.request.urlopen", wait)
    assert "no answer" in reason(offline=False)
    never.set()


@pytest.mark.parametrize("where", ["given", "empty_cache"])
def test_weights_at_hand_are_what_training_starts_from(request, where):
    folder = request.getfixturevalue(where)
    folder.mkdir(parents=True, exist_ok=True)
    saved = save_body(folder / "resnet34-b627a593.pth")
    assert weights.status()[0].present
    network = build().network(3)
    state = network.state_dict()
    assert state["fc.weight"].shape == (3, 512)
    for name in body_shapes(34):
        assert torch.equal(state[name], saved[name]), name


def test_a_pretrained_estimator_trains(given):
    save_body(given / "resnet34-b627a593.pth", n_classes=7)
    pictures = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    probabilities = build().fit(pictures, np.arange(6) % 3).predict_proba(pictures)
    assert probabilities.shape == (6, 3)


def test_a_file_from_before_batch_counters_is_read(given):
    path = given / "resnet34-b627a593.pth"
    state = save_body(path)
    torch.save({k: v for k, v in state.items() if "num_batches" not in k}, path)
    build().network(3)


def test_a_truncated_file_is_unavailable(given):
    path = given / "resnet34-b627a593.pth"
    save_body(path)
    path.write_bytes(path.read_bytes()[:100_000])
    assert str(path) in reason()


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"\x80\x04."])
def test_a_file_that_is_no_weights_is_unavailable(given, content):
    path = given / "resnet34-b627a593.pth"
    path.write_bytes(content)
    assert str(path) in reason()


def test_another_architecture_is_unavailable(given):
    path = given / "resnet34-b627a593.pth"
    save_body(path, depth=50)
    message = reason()
    assert str(path) in message
    assert "another network" in message


@pytest.mark.parametrize("content", [[1, 2], {"state": 3}, {3: 4}, {"conv1.weight": "text"}])
def test_tensors_of_something_else_are_unavailable(given, content):
    path = given / "resnet34-b627a593.pth"
    torch.save(content, path)
    assert str(path) in reason()


class Attack:
    """Creates a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


@pytest.mark.parametrize("write", ["torch", "pickle"])
def test_a_file_that_tries_to_run_code_never_does(given, tmp_path, write):
    marker = tmp_path / "attacked"
    path = given / "resnet34-b627a593.pth"
    if write == "torch":
        torch.save({"conv1.weight": Attack(marker)}, path)
    else:
        path.write_bytes(pickle.dumps(Attack(marker)))
    assert str(path) in reason()
    assert not marker.exists()


@pytest.fixture
def server(tmp_path):
    """Address of a server of the folder ``served``."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def wanted(server, tmp_path, content, digits):
    file = f"body-{digits}.pth"
    (tmp_path / "served" / file).write_bytes(content)
    return weights.WeightsFile("Some", "Some.V1", f"{server}/{file}", tmp_path / "cache" / file)


def test_a_download_arrives_where_torch_caches(server, tmp_path):
    content = b"weights"
    file = wanted(server, tmp_path, content, hashlib.sha256(content).hexdigest()[:8])
    assert weights.obtain(file, offline=False).read_bytes() == content


def test_a_download_with_a_wrong_hash_is_unavailable_and_leaves_nothing(server, tmp_path):
    file = wanted(server, tmp_path, b"weights", "00000000")
    with pytest.raises(Unavailable, match="hash"):
        weights.obtain(file, offline=False)
    assert list(file.path.parent.iterdir()) == []


def test_a_missing_page_is_unavailable(server, tmp_path):
    file = wanted(server, tmp_path, b"", "00000000")
    (tmp_path / "served" / file.file).unlink()
    with pytest.raises(Unavailable, match="404"):
        weights.obtain(file, offline=False)
