"""The optimiser of a recipe and its schedule."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from models.networks.head import rate_groups
from models.training.recipe import Recipe


def optimise(
    network: nn.Module, recipe: Recipe, body_rate: float, steps: int
) -> tuple[Optimizer, LRScheduler]:
    """The optimiser of a network's parameters, and the one cycle, of so many steps, of its rate.

    ``body_rate`` is the rate of all layers but the last, as a share of the last one's.
    """
    groups = rate_groups(network, recipe.max_rate, body_rate)
    kind = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}[recipe.optimiser]
    optimiser = kind(groups, weight_decay=recipe.weight_decay, fused=True)
    # The state that Adam's first step would begin with, so that all the memory that is needed is
    # taken now: no step runs out of it half way.
    for group in groups:
        for values in group["params"]:
            optimiser.state[values] = {
                "step": torch.zeros((), device=values.device),
                "exp_avg": torch.zeros_like(values, memory_format=torch.preserve_format),
                "exp_avg_sq": torch.zeros_like(values, memory_format=torch.preserve_format),
            }
    return optimiser, OneCycleLR(optimiser, [group["lr"] for group in groups], total_steps=steps)
