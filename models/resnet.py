"""The deep rows: ResNet9 in grey and in colour, and torchvision's ResNets, from every start.

Declared here without importing torch; a model imports what it needs when it is built.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from models.network import classifier
from models.recipe import RECIPES
from models.registry import Builder, Context, Model
from models.starts import STARTS

DEPTHS = (34, 50, 101, 152)

# The learning rate of what starts from weights, as a share of the new last layer's.
BODY_RATE = 0.3


def declared() -> list[Model]:
    """Return the study's ten models in the order of its table, each network's starts together."""
    models = [_model("ResNet9-grey", "random", partial(_build_resnet9, grey=True), channels=1)]
    models.append(_model("ResNet9", "random", partial(_build_resnet9, grey=False), channels=3))
    models += _started("ResNet9", channels=3)
    for depth in DEPTHS:
        models.append(_model(f"ResNet{depth}", "random", partial(_build_resnet, depth=depth)))
        models += _started(f"ResNet{depth}")
    return models


def _started(architecture: str, **details: Any) -> list[Model]:
    """The models that start this network from weights."""
    return [
        _model(
            start.row,
            "pretrained",
            partial(_build_started, row=start.row),
            weights=start.weights,
            body_rate=BODY_RATE,
            **details,
        )
        for start in STARTS.values()
        if start.architecture == architecture
    ]


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

    return classifier(context, partial(ResNet9, grey=grey))


def _build_resnet(context: Context, depth: int) -> Any:
    from models.imagenet import resnet

    return classifier(context, partial(resnet, depth=depth))


def _build_started(context: Context, row: str) -> Any:
    """Raise `Unavailable` here, before any training, if the weights are not at hand or bad."""
    from models import weights
    from models.transfer import body, started

    start = STARTS[row]
    path = weights.obtain(weights.describe(start, context.weights_dir or None), context.offline)
    body(start.architecture, path)
    network = partial(started, architecture=start.architecture, weights_file=path)
    return classifier(context, network, body_rate=BODY_RATE)
