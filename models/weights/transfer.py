"""Transfer: a network whose body starts from a file of weights and whose head is new."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import nn

from models.networks.head import head_name
from models.networks.resnet import resnet
from models.networks.resnet9 import ResNet9
from models.weights.checkpoint import Body, load_body
from models.weights.starts import MODELLED_RESNET9_WIDTH

ARCHITECTURES: dict[str, Callable[[int], nn.Module]] = {
    "ResNet9": partial(ResNet9, width=MODELLED_RESNET9_WIDTH),
    **{f"ResNet{depth}": partial(resnet, depth=depth) for depth in (34, 50, 101, 152)},
}


def started(n_classes: int, architecture: str, weights_path: Path) -> nn.Module:
    """A network of `ARCHITECTURES` with the body of a file and a new, random head.

    The file has that network's tensors, for any number of classes; `Unavailable` is raised if
    it is not what this network can start from.
    """
    network = ARCHITECTURES[architecture](n_classes)
    network.load_state_dict({**network.state_dict(), **body(architecture, weights_path).tensors})
    return network


def body(architecture: str, weights_path: Path) -> Body:
    """Read the tensors of a network's body from a file; raise `Unavailable` if it has others."""
    with torch.device("meta"):
        network = ARCHITECTURES[architecture](2)
    head = head_name(network)
    tensors = network.state_dict().items()
    of_body = {name: values for name, values in tensors if not name.startswith(f"{head}.")}
    return load_body(weights_path, of_body)
