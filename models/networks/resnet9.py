"""ResNet9: a residual network of nine layers for small pictures.

Eight convolutions of 3 x 3, each followed by batch normalisation and ReLU, and one linear layer.
The form that won DAWNBench's CIFAR-10 contest in 2018 (Page, "How to train your ResNet",
myrtle.ai), with the widths 64, 128, 256, 512 that the study used.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.networks.picture import GREY

# What three halvings leave one pixel of.
_SMALLEST_SIDE = 8


class ResNet9(nn.Module):
    """Logits (n, n_classes) for pictures (n, 3, side, side) of any side from 8 pixels on.

    Parameters
    ----------
    grey : whether pictures become one grey channel before the first convolution.
    width : maps after the first convolution; deeper ones have 2, 4 and 8 times as many.
    """

    grey: Tensor | None  # what a grey value has of red, green and blue

    def __init__(self, n_classes: int, grey: bool = False, width: int = 64):
        super().__init__()
        grey_shares = torch.tensor(GREY).view(3, 1, 1) if grey else None
        self.register_buffer("grey", grey_shares, persistent=False)
        twice, four, eight = 2 * width, 4 * width, 8 * width
        self.stem = nn.Sequential(_block(1 if grey else 3, width), _block(width, twice, pool=True))
        self.first_residual = nn.Sequential(_block(twice, twice), _block(twice, twice))
        self.middle = nn.Sequential(_block(twice, four, pool=True), _block(four, eight, pool=True))
        self.second_residual = nn.Sequential(_block(eight, eight), _block(eight, eight))
        self.head = nn.Linear(eight, n_classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """The logits of normalised pictures."""
        side = min(pictures.shape[2:])
        if side < _SMALLEST_SIDE:
            raise ValueError(
                f"ResNet9 halves pictures three times and takes {_SMALLEST_SIDE} pixels a side or "
                f"more; these have {side}: give a larger --image-size"
            )
        if self.grey is not None:
            pictures = (pictures * self.grey).sum(dim=1, keepdim=True)
        maps = self.stem(pictures)
        maps = maps + self.first_residual(maps)
        maps = self.middle(maps)
        maps = maps + self.second_residual(maps)
        # The largest value of each map. Unlike max pooling's, the gradient of amax is
        # deterministic on every device.
        return self.head(maps.amax(dim=(2, 3)))


def _block(channels_in: int, channels_out: int, pool: bool = False) -> nn.Sequential:
    # No bias: the normalisation that follows would take it away again.
    layers: list[nn.Module] = [
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    ]
    return nn.Sequential(*layers, *([nn.MaxPool2d(2)] if pool else []))
