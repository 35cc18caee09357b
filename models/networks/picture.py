"""Pictures as networks take them: numbers in 0 .. 1, normalised as ImageNet's.

What is constant about them is here too: ImageNet's colours, and what grey has of each channel.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor

# Mean and deviation of ImageNet's training pictures, as torchvision's pages give them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)

# Weights of red, green and blue in grey (ITU-R BT.601).
GREY = (0.299, 0.587, 0.114)


@functools.cache
def constant(values: tuple[Any, ...], device: torch.device) -> Tensor:
    """Numbers as a tensor on the device, brought there once: each time would wait for it."""
    with torch.inference_mode(False):  # made while predicting, it still serves in training
        return torch.tensor(values, dtype=torch.float32, device=device)


def to_float(pictures: Tensor) -> Tensor:
    """Return uint8 pictures as float32 in 0 .. 1."""
    return pictures.float().div_(255)


def normalise(pictures: Tensor) -> Tensor:
    """Return pictures (n, 3, side, side) in 0 .. 1 less ImageNet's mean, over its deviation."""
    mean = constant(IMAGENET_MEAN, pictures.device).view(3, 1, 1)
    deviation = constant(IMAGENET_DEVIATION, pictures.device).view(3, 1, 1)
    return (pictures - mean) / deviation
