"""A convolution that takes the quickest of three ways to the same numbers.

As one product of matrices where maps are tiny (`small_maps`), by tiles where there is much to
multiply on a processor in float32 (`winograd`), by torch everywhere else.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models import small_maps, winograd


class QuickConv2d(nn.Conv2d):
    """A convolution of 1 x 1, or of 3 x 3 with a border of zeros, with stride 1 or 2.

    Parameters, their names and their order are those of ``nn.Conv2d``.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Return the convolution of maps (n, channels, height, width)."""
        stride = self.stride[0]
        if maps.dim() != 4:  # a single picture's
            return super().forward(maps)
        if small_maps.are_small(maps, self.weight, stride):
            return small_maps.convolve(maps, self.weight, self.bias, stride)
        if stride == 1 and winograd.pays(maps, self.weight):
            answer = winograd.convolve(maps, self.weight)
            return answer if self.bias is None else answer + self.bias.view(-1, 1, 1)
        return super().forward(maps)


def quicken(network: nn.Module) -> nn.Module:
    """Exchange, in place, each convolution that a `QuickConv2d` can stand for."""
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


def _exchanged(old: nn.Conv2d) -> QuickConv2d:
    with torch.device("meta"):  # no memory, no random numbers: the parameters are the old ones
        new = QuickConv2d(
            old.in_channels,
            old.out_channels,
            old.kernel_size[0],
            stride=old.stride[0],
            padding=0 if old.kernel_size == (1, 1) else 1,
            bias=False,
        )
    new.weight, new.bias = old.weight, old.bias
    return new.train(old.training)
