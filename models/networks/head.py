"""The head of a network is its last child, a linear layer; the body is everything else."""

from __future__ import annotations

from typing import Any

from torch import nn


def head_name(network: nn.Module) -> str:
    """Name of a network's last layer."""
    return list(dict(network.named_children()))[-1]


def rate_groups(network: nn.Module, rate: float, body_rate: float) -> list[dict[str, Any]]:
    """Parameter groups of an optimiser: the head at ``rate``, the body at that times ``body_rate``.

    Discriminative rates (Howard and Ruder, 2018, arXiv:1801.06146), with two groups. Without a
    difference it is one group.
    """
    learning = [(n, values) for n, values in network.named_parameters() if values.requires_grad]
    if body_rate == 1:
        return [{"params": [values for _, values in learning], "lr": rate}]
    head = f"{head_name(network)}."
    of_head = [values for name, values in learning if name.startswith(head)]
    of_body = [values for name, values in learning if not name.startswith(head)]
    return [{"params": of_head, "lr": rate}, {"params": of_body, "lr": rate * body_rate}]
