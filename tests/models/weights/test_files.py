"""Pretrained weights: found, fetched, read, refused."""

import dataclasses
import hashlib
import http.server
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models.conformance import check_model  # noqa: E402
from models.contract import Context  # noqa: E402
from models.deep import deep_models  # noqa: E402
from models.errors import ModelError, Unavailable  # noqa: E402
from models.weights import files, starts  # noqa: E402
from models.weights.starts import STARTS, start_of  # noqa: E402
from models.weights.transfer import ARCHITECTURES, body  # noqa: E402

CONTEXT = Context(n_classes=3)
MODELLED = "ResNet9-modelled"
IMAGENET = [f"ResNet{depth}-pretrained" for depth in (34, 50, 101, 152)]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """No weights anywhere, whatever this machine has."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv(starts.FOLDER_VARIABLE, raising=False)
    return tmp_path / "hub" / "checkpoints"


@pytest.fixture
def given(tmp_path, monkeypatch):
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv(starts.FOLDER_VARIABLE, str(folder))
    return folder


def build(name="ResNet34-pretrained", offline=True, weights_dir=""):
    model = next(model for model in deep_models() if model.name == name)
    return model.build(Context(n_classes=3, offline=offline, weights_dir=str(weights_dir)))


def save_body(path, architecture="ResNet34", n_classes=1000):
    torch.manual_seed(0)
    state = ARCHITECTURES[architecture](n_classes).state_dict()
    torch.save(state, path)
    return state


def reason(name="ResNet34-pretrained", **how):
    with pytest.raises(Unavailable) as caught:
        build(name, **how)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_status_lists_every_model_that_starts_from_weights(empty_cache):
    listed = {entry.model: entry for entry in files.weights_status()}
    assert set(listed) == {m.name for m in deep_models() if m.training == "pretrained"}
    assert not any(entry.present for entry in listed.values())
    assert {entry.path.parent for entry in listed.values()} == {empty_cache}
    downloaded = listed["ResNet34-pretrained"]
    assert downloaded.file == "resnet34-b627a593.pth"
    assert downloaded.source == f"https://download.pytorch.org/models/{downloaded.file}"
    assert listed["ResNet9-modelled"].file == "resnet9-modelled-v2.pth"
    assert "--build ResNet9-modelled" in listed["ResNet9-modelled"].source


def test_torch_s_cache_is_where_torch_says(tmp_path, monkeypatch):
    assert starts.torch_cache() == Path(torch.hub.get_dir()) / "checkpoints"
    monkeypatch.delenv("TORCH_HOME")
    assert starts.torch_cache() == Path(torch.hub.get_dir()) / "checkpoints"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert starts.torch_cache() == Path(torch.hub.get_dir()) / "checkpoints"


def test_the_given_folder_comes_first_then_the_variable_s_then_torch_s(
    tmp_path, given, empty_cache
):
    chosen, file = tmp_path / "chosen", "resnet9-modelled-v2.pth"
    for folder in (empty_cache, given, chosen):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
        assert starts.find_weights(file, chosen) == folder / file
    assert starts.find_weights(file) == given / file
    assert files.weights_file(STARTS["ResNet9-modelled"], chosen).path == chosen / file


def test_names_are_those_that_the_rows_declare():
    by_name = {model.name: model for model in deep_models()}
    for row, start in STARTS.items():
        assert by_name[row].parameters(CONTEXT)["weights"] == start.weights
        assert by_name[row].parameters(CONTEXT)["architecture"] == start.architecture


@pytest.mark.parametrize("row", IMAGENET)
def test_torchvision_knows_the_downloaded_ones_by_name(row):
    from models.vision import import_torchvision

    known = import_torchvision().models.get_weight(STARTS[row].weights)
    assert known.meta["num_params"] > 20_000_000
    assert known.url.endswith(f"/{STARTS[row].file}")


def test_a_file_s_content_is_told_by_its_digits(given):
    """The same for torchvision's own before and after it is downloaded, another for any other."""
    start = STARTS["ResNet34-pretrained"]
    assert starts.content_digits(start) == "b627a593"
    (given / start.file).write_bytes(b"own")
    assert starts.content_digits(start) == hashlib.sha256(b"own").hexdigest()[:16]
    digits = hashlib.sha256(b"own").hexdigest()[:8]
    own = dataclasses.replace(start, file=f"resnet34-{digits}.pth")
    assert starts.content_digits(own) == digits
    (given / own.file).write_bytes(b"own")
    assert starts.content_digits(own) == digits
    assert starts.content_digits(STARTS[MODELLED]) is None


def test_an_unknown_start_suggests_what_is_close():
    with pytest.raises(ModelError, match="did you mean ResNet9-modelled"):
        start_of("resnet9-modeled")


def test_modelled_weights_that_are_not_built_name_the_command():
    message = reason("ResNet9-modelled", offline=False)
    assert "`python -m benchmark weights --build ResNet9-modelled`" in message


def test_offline_without_weights_is_unavailable_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr(files, "_download", lambda *_: pytest.fail("tried to download"))
    message = reason()
    assert "resnet34-b627a593.pth" in message
    assert "--offline" in message
    assert starts.FOLDER_VARIABLE in message


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

    monkeypatch.setattr(files, "_PATIENCE", 0.1)
    monkeypatch.setattr("urllib.request.urlopen", wait)
    assert "no answer" in reason(offline=False)
    never.set()


@pytest.mark.parametrize("where", ["given", "empty_cache"])
def test_weights_at_hand_are_what_training_starts_from(request, where):
    folder = request.getfixturevalue(where)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "resnet34-b627a593.pth"
    saved = save_body(path)
    assert [entry.model for entry in files.weights_status() if entry.present] == [
        "ResNet34-pretrained"
    ]
    state = build().network(3).state_dict()
    assert state["fc.weight"].shape == (3, 512)
    assert len(state) == len(saved)
    for name, values in saved.items():
        assert name.startswith("fc.") or torch.equal(state[name], values), name


def test_modelled_weights_in_the_given_folder_are_what_training_starts_from(tmp_path):
    saved = save_body(tmp_path / "resnet9-modelled-v2.pth", "ResNet9", n_classes=108)
    state = build("ResNet9-modelled", weights_dir=tmp_path).network(3).state_dict()
    assert state["head.weight"].shape == (3, 256)
    assert torch.equal(state["stem.0.0.weight"], saved["stem.0.0.weight"])
    assert set(body("ResNet9", tmp_path / "resnet9-modelled-v2.pth").tensors) == {
        name for name in saved if not name.startswith("head.")
    }


def test_in_quick_the_modelled_resnet9_differs_by_its_start_alone(given):
    save_body(given / "resnet9-modelled-v2.pth", "ResNet9")
    rows = {model.name: model for model in deep_models()}
    recorded = {name: dict(rows[name].parameters(CONTEXT)) for name in ("ResNet9", MODELLED)}
    assert recorded["ResNet9"]["width"] == 32
    own = ("weights", "body_rate", "weights_digest")
    start = {name: recorded[MODELLED].pop(name) for name in own}
    assert start["weights"] == STARTS[MODELLED].weights
    assert recorded["ResNet9"] == recorded[MODELLED]
    random, modelled = (build(name) for name in ("ResNet9", MODELLED))
    assert random.recipe == modelled.recipe
    shapes = [
        {name: values.shape for name, values in made.network(3).state_dict().items()}
        for made in (random, modelled)
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("preset", ["published", "thorough"])
def test_the_modelled_resnet9_has_its_width_under_every_preset(given, preset):
    save_body(given / "resnet9-modelled-v2.pth", "ResNet9")
    model = next(model for model in deep_models() if model.name == MODELLED)
    context = Context(n_classes=3, preset=preset)
    network = model.build(context).network(3)
    assert network.stem[0][0].out_channels == model.parameters(context)["width"] == 32


def test_a_pretrained_estimator_trains(given):
    save_body(given / "resnet34-b627a593.pth", n_classes=7)
    pictures = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    probabilities = build().fit(pictures, np.arange(6) % 3).predict_proba(pictures)
    assert probabilities.shape == (6, 3)


def test_a_modelled_row_that_has_its_weights_keeps_the_contract(given):
    save_body(given / "resnet9-modelled-v2.pth", "ResNet9")
    model = next(model for model in deep_models() if model.name == "ResNet9-modelled")
    assert [(str(f), f.passed) for f in check_model(model) if not f.passed or f.reason] == []


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


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="no /proc/self/mem, whose first byte can't be read"
)
def test_a_file_that_can_t_be_read_is_unavailable_and_stops_no_plan(given):
    start = STARTS["ResNet34-pretrained"]
    (given / start.file).symlink_to("/proc/self/mem")  # an error of the disk, even for root
    assert "cannot be read" in reason()
    assert starts.content_digits(start) == "b627a593"


def test_another_architecture_is_unavailable(given):
    path = given / "resnet34-b627a593.pth"
    save_body(path, "ResNet50")
    message = reason()
    assert str(path) in message
    assert "another network" in message


@pytest.mark.parametrize("content", [[1, 2], {"state": 3}, {3: 4}, {"conv1.weight": "text"}])
def test_tensors_of_something_else_are_unavailable(given, content):
    path = given / "resnet34-b627a593.pth"
    torch.save(content, path)
    assert str(path) in reason()


def damaged(state, values):
    return {**state, "layer1.0.conv1.weight": values(state["layer1.0.conv1.weight"])}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (lambda v: torch.full_like(v, torch.nan), "not finite"),
        (lambda v: v.masked_fill(v == v.max(), torch.inf), "not finite"),
        (lambda v: v.double() * 1e300, "not finite"),  # in the network's own type
        (lambda v: v.long(), "torch.int64"),
        (lambda v: v.to(torch.complex64), "torch.complex64"),
        (lambda v: v.to_sparse(), "no dense tensor"),
        (lambda v: v.to("meta"), "no dense tensor"),
    ],
)
def test_tensors_without_usable_numbers_are_named(given, values, said):
    path = given / "resnet34-b627a593.pth"
    torch.save(damaged(save_body(path), values), path)
    message = reason()
    assert str(path) in message
    assert "layer1.0.conv1.weight" in message
    assert said in message


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_other_floating_types_are_read(given, dtype):
    path = given / "resnet34-b627a593.pth"
    torch.save(damaged(save_body(path), lambda v: v.to(dtype)), path)
    build().network(3)


def test_which_of_two_bodies_was_taken_is_noted(given):
    path = given / "resnet9-modelled-v2.pth"
    one = save_body(path, "ResNet9")
    torch.save({"model": one, "ema": {name: each + 1 for name, each in one.items()}}, path)
    estimator = build("ResNet9-modelled")
    assert torch.equal(
        estimator.network(3).state_dict()["stem.0.0.weight"], one["stem.0.0.weight"] + 1
    )
    pictures = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    note = estimator.fit(pictures, np.arange(6) % 3).notes_[0]
    assert note == f"started from the weights under ema in {path.name}, not those under model"


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


def download(server, tmp_path, content, digits):
    file = f"body-{digits}.pth"
    (tmp_path / "served" / file).write_bytes(content)
    return files.WeightsFile("Some", "Some.V1", f"{server}/{file}", tmp_path / "cache" / file)


def test_a_download_arrives_where_torch_caches(server, tmp_path):
    content = b"weights"
    file = download(server, tmp_path, content, hashlib.sha256(content).hexdigest()[:8])
    assert files.obtain(file, offline=False).read_bytes() == content


def test_a_download_with_a_wrong_hash_is_unavailable_and_leaves_nothing(server, tmp_path):
    file = download(server, tmp_path, b"weights", "00000000")
    with pytest.raises(Unavailable, match="hash"):
        files.obtain(file, offline=False)
    assert list(file.path.parent.iterdir()) == []


def test_a_mirror_that_forbids_head_is_downloaded_from(server, tmp_path, monkeypatch):
    def forbidden(handler):
        handler.send_error(405)

    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "do_HEAD", forbidden)
    file = download(server, tmp_path, b"weights", hashlib.sha256(b"weights").hexdigest()[:8])
    assert files.obtain(file, offline=False).read_bytes() == b"weights"


@pytest.mark.parametrize("method", ["do_HEAD", "do_GET"])
def test_a_server_that_speaks_no_http_is_unavailable(server, tmp_path, monkeypatch, method):
    def talk(handler):
        handler.wfile.write(b"not http at all\r\n\r\n")

    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, method, talk)
    with pytest.raises(Unavailable, match="the download failed"):
        files.obtain(download(server, tmp_path, b"weights", "00000000"), offline=False)


def test_a_missing_page_is_unavailable(server, tmp_path):
    file = download(server, tmp_path, b"", "00000000")
    (tmp_path / "served" / file.file).unlink()
    with pytest.raises(Unavailable, match="404"):
        files.obtain(file, offline=False)
