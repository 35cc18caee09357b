"""Prediction: what a network says about pictures that are on its device."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.augment import normalise, to_float

# Pictures that are asked about at a time. Large enough to keep the processor busy.
_BATCH = 256


def logits(network: nn.Module, pictures: Tensor, n_classes: int) -> Tensor:
    """Ask the network about pictures (n, 3, side, side) in 0 .. 1; float32 (n, n_classes)."""
    answers = network(normalise(pictures).contiguous(memory_format=torch.channels_last))
    if answers.shape != (len(pictures), n_classes):
        raise ValueError(
            f"the network answers {len(pictures)} pictures of {n_classes} classes with the shape "
            f"{tuple(answers.shape)}, not {(len(pictures), n_classes)}"
        )
    return answers.float()


@torch.inference_mode()
def probabilities(network: nn.Module, pictures: Tensor, n_classes: int, mirror: bool) -> Tensor:
    """Return float64 (n, n_classes) for uint8 pictures (n, 3, side, side); rows sum to 1.

    With ``mirror`` it is the mean of what the network, which this leaves in evaluation, says of a
    picture and of its mirror image.
    """
    network.eval()
    parts = []
    for part in pictures.split(_BATCH):
        views = [to_float(part), to_float(part.flip(3))] if mirror else [to_float(part)]
        said = [logits(network, view, n_classes).double().softmax(dim=1) for view in views]
        parts.append(torch.stack(said).mean(dim=0))
    return torch.cat(parts)
