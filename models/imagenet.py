"""torchvision's ResNets.

This module imports torchvision when it is imported, through the cure in `models.vision`. A
pickled estimator names this module before it names torchvision's classes, so it loads wherever
it was saved.
"""

from __future__ import annotations

from torch import nn

from models.vision import import_torchvision

_torchvision = import_torchvision()


def resnet(n_classes: int, depth: int) -> nn.Module:
    """Return a ResNet (He et al., 2015, arXiv:1512.03385) for pictures (n, 3, side, side).

    Parameters
    ----------
    n_classes : number of classes.
    depth : 34, 50, 101 or 152 layers.
    """
    return getattr(_torchvision.models, f"resnet{depth}")(weights=None, num_classes=n_classes)
