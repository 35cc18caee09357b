"""The deep rows: ResNet9 in grey and in colour, and torchvision's ResNets, from every start.

Declared here without importing torch; a model imports what it needs when it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from models.network import classifier
from models.recipe import RECIPES, RESNET9_RECIPES, RESNET9_WIDTHS, SMALL_STEMS, Recipe
from models.registry import Builder, Context, Model
from models.starts import MODELLED_RESNET9_WIDTH, STARTS, Start

DEPTHS = (34, 50, 101, 152)

# Up to this side in pixels, ImageNet's stem leaves too little of a picture.
SMALL_SIDE = 64

# The learning rate of what starts from weights, as a share of the new last layer's.
BODY_RATE = 0.3


def declared() -> list[Model]:
    """Return the study's ten models in the order of its table, each network's starts together."""
    models = [_resnet9("ResNet9-grey", grey=True), _resnet9("ResNet9", grey=False)]
    models += _started("ResNet9")
    for depth in DEPTHS:
        models.append(_resnet(depth))
        models += _started(f"ResNet{depth}")
    return models


def _resnet9(name: str, grey: bool) -> Model:
    def details(context: Context) -> dict[str, Any]:
        return {"width": RESNET9_WIDTHS[context.preset], "channels": 1 if grey else 3}

    return _model(name, "random", partial(_build_resnet9, grey=grey), details)


def _resnet(depth: int) -> Model:
    def details(context: Context) -> dict[str, Any]:
        return {"small_stem": _has_small_stem(context)}

    return _model(f"ResNet{depth}", "random", partial(_build_resnet, depth=depth), details)


def _has_small_stem(context: Context) -> bool:
    return SMALL_STEMS[context.preset] and context.image_size <= SMALL_SIDE


def _started(architecture: str) -> list[Model]:
    """The models that start this network from weights."""
    starts = [start for start in STARTS.values() if start.architecture == architecture]
    return [
        _model(s.row, "pretrained", partial(_build_started, start=s), partial(_of_start, start=s))
        for s in starts
    ]


def _of_start(context: Context, start: Start) -> dict[str, Any]:
    is_nine = start.architecture == "ResNet9"
    shape = {"width": MODELLED_RESNET9_WIDTH, "channels": 3} if is_nine else {"small_stem": False}
    return {"weights": start.weights, "body_rate": BODY_RATE, **shape}


def _model(
    name: str, training: str, build: Builder, details: Callable[[Context], Mapping[str, Any]]
) -> Model:
    architecture = name.split("-")[0]

    def parameters(context: Context) -> dict[str, Any]:
        recipe = _recipe(architecture, context.preset)
        return {"architecture": architecture, **details(context), **recipe.parameters()}

    return Model(
        name=name,
        family="deep",
        inputs="images",
        build=build,
        training=training,
        origin="built in",
        parameters=parameters,
    )


def _recipe(architecture: str, preset: str) -> Recipe:
    return (RESNET9_RECIPES if architecture == "ResNet9" else RECIPES)[preset]


def _build_resnet9(context: Context, grey: bool) -> Any:
    from models.resnet9 import ResNet9

    network = partial(ResNet9, grey=grey, width=RESNET9_WIDTHS[context.preset])
    return classifier(context, network, recipe=_recipe("ResNet9", context.preset))


def _build_resnet(context: Context, depth: int) -> Any:
    from models.imagenet import resnet

    network = partial(resnet, depth=depth, small_stem=_has_small_stem(context))
    return classifier(context, network)


def _build_started(context: Context, start: Start) -> Any:
    """Raise `Unavailable` here, before any training, if the weights are not at hand or bad."""
    from models import weights
    from models.transfer import body, started

    path = weights.obtain(weights.describe(start, context.weights_dir or None), context.offline)
    body(start.architecture, path)
    network = partial(started, architecture=start.architecture, weights_file=path)
    recipe = _recipe(start.architecture, context.preset)
    return classifier(context, network, body_rate=BODY_RATE, recipe=recipe)
