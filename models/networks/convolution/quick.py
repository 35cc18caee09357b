"""A convolution that takes the quickest of three ways to the same numbers.

As one product of matrices where maps are tiny, by tiles where there is much to multiply on a
processor in float32 (`winograd`), by torch everywhere else.

Maps are tiny at the end of ImageNet's networks, which halve a picture of 32 x 32 five times: their
last stages see maps of 2 x 2 and 1 x 1 values, where a padded 3 x 3 convolution multiplies mostly
zeros and the libraries' kernels have nothing to work along. There the convolution is one product,
whose entries are the kernel's own: the same sum without its zeros, 5 to 50 times as fast on a
processor.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.networks.convolution import winograd

# Side up to which maps are tiny.
_TINY = 2


def quicken(network: nn.Module) -> nn.Module:
    """Exchange, in place, each convolution that goes quicker by another way."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Conv2d) and _is_plain(child):
                setattr(module, name, _exchanged(child))
    return network


def _is_plain(module: nn.Conv2d) -> bool:
    # Exactly this class and its own forward: what somebody has changed stays as it is.
    return (
        type(module) is nn.Conv2d
        and "forward" not in vars(module)
        and not module._forward_hooks
        and not module._forward_pre_hooks
        and (module.kernel_size, module.padding) in (((1, 1), (0, 0)), ((3, 3), (1, 1)))
        and module.padding_mode == "zeros"
        and module.stride in ((1, 1), (2, 2))
        and module.dilation == (1, 1)
        and module.groups == 1
    )


class _QuickConv2d(nn.Conv2d):
    """A convolution of 1 x 1, or of 3 x 3 with a border of zeros, with stride 1 or 2."""

    def forward(self, maps: Tensor) -> Tensor:
        stride = self.stride[0]
        if maps.dim() != 4:  # a single picture's
            return super().forward(maps)
        if _are_tiny(maps, self.weight, stride):
            return _convolve_tiny(maps, self.weight, self.bias, stride)
        if stride == 1 and winograd.pays(maps, self.weight):
            answer = winograd.convolve(maps, self.weight)
            return answer if self.bias is None else answer + self.bias.view(-1, 1, 1)
        return super().forward(maps)


def _exchanged(old: nn.Conv2d) -> _QuickConv2d:
    with torch.device("meta"):  # no memory, no random numbers: the parameters are the old ones
        new = _QuickConv2d(
            old.in_channels,
            old.out_channels,
            old.kernel_size[0],
            stride=old.stride[0],
            padding=0 if old.kernel_size == (1, 1) else 1,
            bias=False,
        )
    new.weight, new.bias = old.weight, old.bias
    return new.train(old.training)


def _are_tiny(maps: Tensor, kernel: Tensor, stride: int) -> bool:
    """Whether one product of matrices is the better convolution of maps (n, channels, h, w)."""
    single = kernel.shape[2:] == (1, 1)
    return max(maps.shape[2:]) <= (_TINY * stride if single else _TINY)


def _convolve_tiny(maps: Tensor, kernel: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """Convolve tiny maps as one product; the answer's memory is channels-last."""
    if kernel.shape[2:] == (1, 1):  # each place's channels times one matrix
        places = maps[:, :, ::stride, ::stride].permute(0, 2, 3, 1)
        return functional.linear(places, kernel.flatten(1), bias).permute(0, 3, 1, 2)
    n, channels, height, width = maps.shape
    rows, columns = (range((side - 1) // stride + 1) for side in (height, width))
    # For each place of the answer, the part of the kernel that lies on the map.
    parts = [
        kernel[:, :, 1 - stride * i :, 1 - stride * j :][:, :, :height, :width]
        for i in rows
        for j in columns
    ]
    matrix = torch.stack(parts).permute(0, 1, 3, 4, 2).reshape(-1, height * width * channels)
    flat = maps.permute(0, 2, 3, 1).reshape(n, -1)
    offset = None if bias is None else bias.repeat(len(parts))
    answer = functional.linear(flat, matrix, offset)
    return answer.view(n, len(rows), len(columns), -1).permute(0, 3, 1, 2)
