"""torchvision's ResNets, with random weights or with ImageNet's.

This module imports torchvision when it is imported, through the cure in `models.vision`. A
pickled estimator names this module before it names torchvision's classes, so it loads wherever
it was saved.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from models import weights
from models.vision import import_torchvision

_torchvision = import_torchvision()


def resnet(n_classes: int, depth: int, weights_file: Path | None = None) -> nn.Module:
    """Return a ResNet (He et al., 2015, arXiv:1512.03385) for pictures (n, 3, side, side).

    Parameters
    ----------
    n_classes : number of classes; the last layer is new for them, and random.
    depth : 34, 50, 101 or 152 layers.
    weights_file : state dict to start the other layers from; random without one.

    Raises
    ------
    Unavailable
        If the file is not what this network can start from.
    """
    network = getattr(_torchvision.models, f"resnet{depth}")(weights=None, num_classes=n_classes)
    if weights_file is not None:
        body = weights.load(weights_file, body_shapes(depth))
        network.load_state_dict({**network.state_dict(), **body})
    return network


def body_shapes(depth: int) -> dict[str, torch.Size]:
    """Names and shapes of all the tensors of a ResNet but its last layer's."""
    with torch.device("meta"):
        network = getattr(_torchvision.models, f"resnet{depth}")(weights=None)
    return {
        name: values.shape
        for name, values in network.state_dict().items()
        if not name.startswith("fc.")
    }
