"""The ten deep rows: ResNet9 in grey and in colour, and torchvision's ResNets.

Declared here without importing torch; a model imports what it needs when it is built.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from models.recipe import RECIPES
from models.registry import Builder, Context, Model

DEPTHS = (34, 50, 101, 152)


def declared() -> list[Model]:
    """Return the ten models, in the order of the study's table."""
    models = [
        _model("ResNet9-grey", "random", partial(_build_resnet9, grey=True), channels=1),
        _model("ResNet9", "random", partial(_build_resnet9, grey=False), channels=3),
    ]
    for depth in DEPTHS:
        name = f"ResNet{depth}"
        random = partial(_build_resnet, depth=depth)
        pretrained = partial(_build_pretrained, depth=depth)
        weights = f"{name}_Weights.IMAGENET1K_V1"
        models.append(_model(name, "random", random))
        models.append(_model(f"{name}-pretrained", "pretrained", pretrained, weights=weights))
    return models


def _model(name: str, training: str, build: Builder, **details: Any) -> Model:
    def parameters(preset: str) -> dict[str, Any]:
        architecture = {"architecture": name.split("-")[0], **details}
        return {**architecture, **RECIPES[preset].parameters()}

    return Model(
        name=name,
        family="deep",
        inputs="images",
        build=build,
        training=training,
        origin="built in",
        parameters=parameters,
    )


def _build_resnet9(context: Context, grey: bool) -> Any:
    from models.resnet9 import ResNet9

    return _classifier(context, partial(ResNet9, grey=grey))


def _build_resnet(context: Context, depth: int) -> Any:
    from models.imagenet import resnet

    return _classifier(context, partial(resnet, depth=depth))


def _build_pretrained(context: Context, depth: int) -> Any:
    """Raise `Unavailable` here, before any training, if the weights are not at hand or bad."""
    from models import weights
    from models.imagenet import body_shapes, resnet

    path = weights.obtain(weights.describe(depth), context.offline)
    weights.load(path, body_shapes(depth))
    return _classifier(context, partial(resnet, depth=depth, weights_file=path))


def _classifier(context: Context, network: Callable[[int], Any]) -> Any:
    from models.training import TorchClassifier

    return TorchClassifier(
        network,
        recipe=RECIPES[context.preset],
        random_state=context.seed,
        threads=context.threads,
        device=context.device,
    )
