"""A convolution as a matrix is the convolution: the same numbers, gradients and parameters."""

import copy

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from models.networks.convolution.quick import _QuickConv2d, quicken  # noqa: E402
from models.networks.resnet import resnet  # noqa: E402


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("kernel", "border"), [(1, 0), (3, 1)])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 2), (2, 1), (3, 3), (4, 4), (2, 5)])
def test_numbers_and_gradients_are_torchs(shape, kernel, border, bias, stride):
    torch.manual_seed(0)
    settings = {"padding": border, "stride": stride, "bias": bias}
    plain = nn.Conv2d(4, 6, kernel, **settings).double()
    ours = _QuickConv2d(4, 6, kernel, **settings).double()
    ours.load_state_dict(plain.state_dict())
    answers = []
    for convolution in (plain, ours):
        maps = torch.linspace(-1, 1, 3 * 4 * shape[0] * shape[1]).double().view(3, 4, *shape)
        maps.requires_grad_()
        answer = convolution(maps)
        answer.square().sum().backward()
        answers.append((answer, maps.grad, *[values.grad for values in convolution.parameters()]))
    for expected, seen in zip(*answers, strict=True):
        assert seen.shape == expected.shape
        assert torch.allclose(seen, expected, atol=1e-12)


def test_a_quickened_network_answers_and_is_named_as_before():
    torch.manual_seed(0)
    plain = resnet(3, 34)
    ours = quicken(copy.deepcopy(plain))
    assert any(isinstance(module, _QuickConv2d) for module in ours.modules())
    assert list(ours.state_dict()) == list(plain.state_dict())
    assert [name for name, _ in ours.named_parameters()] == [n for n, _ in plain.named_parameters()]
    pictures = torch.randn(8, 3, 32, 32)
    assert torch.allclose(ours(pictures), plain(pictures), atol=1e-4)


def test_what_is_no_plain_convolution_stays():
    class Own(nn.Conv2d):
        pass

    kept = nn.Sequential(
        Own(2, 2, 3, padding=1),
        nn.Conv2d(2, 2, 3),
        nn.Conv2d(2, 2, 5, padding=2),
        nn.Conv2d(2, 2, 3, padding=1, groups=2),
        nn.Conv2d(2, 2, 3, padding=2, dilation=2),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),
    )
    before = list(kept)
    assert all(one is other for one, other in zip(quicken(kept), before, strict=True))
