"""Frozen bodies."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models.errors import Unavailable  # noqa: E402
from models.networks.picture import IMAGENET_DEVIATION, IMAGENET_MEAN  # noqa: E402
from models.weights.frozen import FrozenBody  # noqa: E402
from models.weights.starts import STARTS  # noqa: E402
from models.weights.transfer import ARCHITECTURES  # noqa: E402

FILE = "resnet9-modelled-v2.pth"
MODELLED = STARTS["ResNet9-modelled"]


@pytest.fixture
def network(tmp_path):
    """A network whose state dict is the file of modelled weights."""
    torch.manual_seed(0)
    made = ARCHITECTURES["ResNet9"](7).eval()
    torch.save(made.state_dict(), tmp_path / FILE)
    return made


def pictures(n, side=32):
    return np.random.default_rng(n).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def test_the_head_of_the_same_network_on_the_table_gives_its_logits(tmp_path, network):
    given = pictures(3)
    table = FrozenBody(MODELLED, tmp_path).table(given)
    assert table.shape == (3, 256)
    assert table.dtype == np.float64
    scaled = (given / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION
    with torch.no_grad():
        logits = network(torch.tensor(scaled.transpose(0, 3, 1, 2), dtype=torch.float32))
    head = network.head
    expected = table @ head.weight.detach().double().numpy().T + head.bias.detach().numpy()
    np.testing.assert_allclose(logits.numpy(), expected, rtol=1e-3, atol=1e-4)


def test_a_picture_s_row_does_not_depend_on_the_others(tmp_path, network):
    body, given = FrozenBody(MODELLED, tmp_path), pictures(5)
    together = body.table(given)
    assert np.array_equal(together[3], body.table(given[3:4])[0])
    assert body.table(given[:0]).shape == (0, body.width)


def test_an_imagenet_body_takes_its_own_size(tmp_path):
    torch.manual_seed(0)
    state = ARCHITECTURES["ResNet34"](1000).state_dict()
    torch.save(state, tmp_path / "resnet34-b627a593.pth")
    body = FrozenBody(STARTS["ResNet34-pretrained"], tmp_path, offline=True)
    assert (body.side, body.width) == (224, 512)


def test_the_definition_follows_the_file_s_content(tmp_path, network):
    before = FrozenBody(MODELLED, tmp_path).definition
    assert FrozenBody(MODELLED, tmp_path).definition == before
    state = network.state_dict()
    state["stem.0.0.weight"] = state["stem.0.0.weight"] + 1
    torch.save(state, tmp_path / FILE)
    assert FrozenBody(MODELLED, tmp_path).definition != before


def test_weights_that_are_not_there_are_unavailable(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(Unavailable, match="--build ResNet9-modelled"):
        FrozenBody(MODELLED)
