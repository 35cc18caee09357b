"""Networks as models: whatever makes an ``nn.Module`` becomes a classifier that trains it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from models.contract import Builder, Context, Estimator
from models.training.recipe import RECIPES, Recipe


def classifier(
    context: Context,
    network: Callable[[int], Any],
    body_rate: float = 1.0,
    recipe: Recipe | None = None,
    notes: tuple[str, ...] = (),
) -> Estimator:
    """An unfitted `TorchClassifier` for a trial, trained by default as the preset says."""
    from models.training.classifier import TorchClassifier

    return TorchClassifier(
        network,
        recipe=recipe or RECIPES[context.preset],
        body_rate=body_rate,
        random_state=context.seed,
        threads=context.threads,
        device=context.device,
        precision=None if context.precision == "auto" else context.precision,
        checkpoint=context.checkpoint,
        validation=context.validation,
        notes=notes,
    )


def estimator(context: Context, build: Builder) -> Estimator:
    """What ``build`` makes of the context: an estimator, or a network made into one.

    The network is made again when it is trained, so that its first weights follow from the seed.
    """
    made = build(context)
    torch = sys.modules.get("torch")  # without it there can be no network
    if torch is None or not isinstance(made, torch.nn.Module):
        return made
    return classifier(context, partial(_again, build=build, context=context))


def _again(n_classes: int, build: Builder, context: Context) -> Any:
    return build(context)
