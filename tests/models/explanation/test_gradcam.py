import numpy as np
import pytest
import torch
from torch import nn

from models.explanation.gradcam import gradcam
from models.networks.picture import normalise


def pictures(n=3, side=16):
    return np.random.default_rng(0).integers(0, 255, (n, side, side, 3), dtype=np.uint8)


class Pooled(nn.Module):
    """A convolution, the mean of each map, a linear layer: Grad-CAM has a closed form here."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Conv2d(3, 5, 3, padding=1)
        self.head = nn.Linear(5, 4)

    def forward(self, x):
        return self.head(self.body(x).mean(dim=(2, 3)))


def test_it_is_the_class_activation_map_where_that_is_defined():
    network, shown, targets = Pooled(), pictures(), np.array([0, 3, 1])
    maps, layer = gradcam(network, shown, targets)
    batch = normalise(torch.from_numpy(shown).permute(0, 3, 1, 2).float() / 255)
    with torch.no_grad():
        # Zhou et al. 2016: the class's weights of the linear layer over the maps.
        cam = torch.einsum("nchw,nc->nhw", network.body(batch), network.head.weight[targets])
    cam = cam.clamp_min(0)
    expected = (cam / cam.amax(dim=(1, 2), keepdim=True) * 255).round().numpy()
    assert layer == "body"
    assert maps.dtype == np.uint8
    assert np.abs(maps - expected).max() <= 1


def test_it_finds_the_quarter_that_a_network_looks_at():
    class Corner(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Conv2d(3, 1, 1)
            nn.init.ones_(self.body.weight)

        def forward(self, x):
            # What its last map shows of the upper left quarter is all that it answers by.
            seen = torch.relu(self.body(x))
            mask = torch.zeros_like(seen)
            mask[:, :, :8, :8] = 1
            return torch.cat([(seen * mask).sum(dim=(1, 2, 3))[:, None], -seen.mean((2, 3))], dim=1)

    shown = np.zeros((1, 16, 16, 3), np.uint8)
    shown[:, :8, :8] = 255
    maps, _ = gradcam(Corner(), shown, np.array([0]))
    assert maps[0, :8, :8].min() > 200
    assert maps[0, 8:].max() == maps[0, :, 8:].max() == 0


def test_it_asks_the_deepest_convolution_with_16_places_and_changes_nothing():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 4, 3, stride=2, padding=1),
        nn.Conv2d(4, 4, 3, stride=2, padding=1),
        nn.Flatten(),
        nn.LazyLinear(2),
    )
    network(torch.zeros(2, 3, 16, 16))
    for values in network.parameters():
        values.requires_grad_(False)
    before = {name: values.clone() for name, values in network.state_dict().items()}
    maps, layer = gradcam(network, pictures(), np.array([0, 1, 0]))
    assert layer == "3"
    assert maps.shape == (3, 4, 4)
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


def test_a_network_without_a_convolution_is_an_error():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2))
    with pytest.raises(ValueError, match="without a convolution"):
        gradcam(network, pictures(), np.array([0, 0, 0]))
