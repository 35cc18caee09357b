"""The optimiser of a recipe and its schedule."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from models.head import rate_groups
from models.recipe import Recipe


def optimise(
    network: nn.Module, recipe: Recipe, body_rate: float, steps: int
) -> tuple[Optimizer, LRScheduler]:
    """Return the optimiser of a network's parameters, and the one cycle of its rate over ``steps``.

    ``body_rate`` is the rate of all layers but the last, as a share of the last one's.
    """
    groups = rate_groups(network, recipe.max_rate, body_rate)
    kind = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}[recipe.optimiser]
    optimiser = kind(groups, weight_decay=recipe.weight_decay, fused=True)
    top = [group["lr"] for group in groups]
    schedule = OneCycleLR(optimiser, top, total_steps=steps)
    return optimiser, schedule
