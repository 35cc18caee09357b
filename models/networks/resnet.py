"""torchvision's ResNets.

This module imports torchvision when it is imported, through the cure in
`models.vision`. A pickled estimator names this module before it names torchvision's
classes, so it loads wherever it was saved.
"""

from __future__ import annotations

from torch import nn

from models.vision import import_torchvision

_torchvision = import_torchvision()


def resnet(n_classes: int, depth: int, small_stem: bool = False) -> nn.Module:
    """Return a ResNet (He et al., 2015, arXiv:1512.03385) for pictures (n, 3, side, side).

    It has 34, 50, 101 or 152 layers. With a small stem the first convolution is one of 3 x 3 that
    keeps the picture's size, and the pooling after it is left out, as He et al. have it for
    pictures of 32 x 32.
    """
    network = getattr(_torchvision.models, f"resnet{depth}")(weights=None, num_classes=n_classes)
    if small_stem:
        channels = network.conv1.out_channels
        network.conv1 = nn.Conv2d(3, channels, kernel_size=3, padding=1, bias=False)
        nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
        network.maxpool = nn.Identity()
    return network
