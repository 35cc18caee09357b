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
    """Return the optimiser of a network's parameters, and the one cycle of its rate.

    All the memory that the optimiser needs is taken here: no step runs out of it half way.

    Parameters
    ----------
    network : what learns.
    recipe : how.
    body_rate : learning rate of all layers but the last, as a share of the last one's.
    steps : length of the cycle.
    """
    groups = rate_groups(network, recipe.max_rate, body_rate)
    kind = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}[recipe.optimiser]
    optimiser = kind(groups, weight_decay=recipe.weight_decay, fused=True)
    _allocate(optimiser)
    top = [group["lr"] for group in groups]
    schedule = OneCycleLR(optimiser, top, total_steps=steps)
    return optimiser, schedule


def _allocate(optimiser: Optimizer) -> None:
    """Give each parameter the state that Adam's first step would begin with."""
    for group in optimiser.param_groups:
        for values in group["params"]:
            optimiser.state[values] = {
                "step": torch.zeros((), device=values.device),
                "exp_avg": torch.zeros_like(values, memory_format=torch.preserve_format),
                "exp_avg_sq": torch.zeros_like(values, memory_format=torch.preserve_format),
            }
