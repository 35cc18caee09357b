"""The deep models: ResNet9 in grey and in colour, and torchvision's ResNets, from every start.

Declared here without importing torch; a model imports what it needs when it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from models.contract import Context, Estimator, Model
from models.training.recipe import RECIPES, RESNET9_RECIPES, RESNET9_WIDTHS, SMALL_STEMS, Recipe
from models.training.trained import classifier
from models.weights.starts import MODELLED_RESNET9_WIDTH, STARTS, Start, content_digits

_DEPTHS = (34, 50, 101, 152)

# Up to this side in pixels, ImageNet's stem leaves too little of a picture.
_SMALL_SIDE = 64

# The learning rate of what starts from weights, as a share of the new last layer's.
_BODY_RATE = 0.3


def deep_models() -> list[Model]:
    """The study's ten models in the order of its table, each network's starts together."""
    models = [_resnet9("ResNet9-grey", grey=True), _resnet9("ResNet9", grey=False)]
    models += _started("ResNet9")
    for depth in _DEPTHS:
        models.append(_resnet(depth))
        models += _started(f"ResNet{depth}")
    return models


def _resnet9(name: str, grey: bool) -> Model:
    def shape(context: Context) -> dict[str, Any]:
        return {"width": RESNET9_WIDTHS[context.preset], "channels": 1 if grey else 3}

    return _model(name, partial(_build_resnet9, grey=grey), shape)


def _resnet(depth: int) -> Model:
    def shape(context: Context) -> dict[str, Any]:
        return {"small_stem": _has_small_stem(context)}

    return _model(f"ResNet{depth}", partial(_build_resnet, depth=depth), shape)


def _has_small_stem(context: Context) -> bool:
    return SMALL_STEMS[context.preset] and context.image_size <= _SMALL_SIDE


def _started(architecture: str) -> list[Model]:
    """The models that start this network from weights."""
    return [
        _model(start.model, partial(_build_started, start=start), partial(_of_start, start), start)
        for start in STARTS.values()
        if start.architecture == architecture
    ]


def _of_start(start: Start, context: Context) -> dict[str, Any]:
    is_nine = start.architecture == "ResNet9"
    shape = {"width": MODELLED_RESNET9_WIDTH, "channels": 3} if is_nine else {"small_stem": False}
    return {"weights": start.weights, "body_rate": _BODY_RATE, **shape}


def _model(
    name: str,
    build: Callable[[Context], Estimator],
    shape: Callable[[Context], Mapping[str, Any]],
    start: Start | None = None,
) -> Model:
    architecture = name.split("-")[0]

    def details(context: Context) -> dict[str, Any]:
        recipe = _recipe(architecture, context.preset)
        own = {"architecture": architecture, **shape(context), **recipe.parameters()}
        if start:  # another file of weights is another trial
            own["weights_digest"] = content_digits(start, context.weights_dir)
        return own

    training = "pretrained" if start else "random"
    return Model(name, "deep", "images", build, training, "built in", details)


def _recipe(architecture: str, preset: str) -> Recipe:
    return (RESNET9_RECIPES if architecture == "ResNet9" else RECIPES)[preset]


def _build_resnet9(context: Context, grey: bool) -> Estimator:
    from models.networks.resnet9 import ResNet9

    network = partial(ResNet9, grey=grey, width=RESNET9_WIDTHS[context.preset])
    return classifier(context, network, recipe=_recipe("ResNet9", context.preset))


def _build_resnet(context: Context, depth: int) -> Estimator:
    from models.networks.resnet import resnet

    network = partial(resnet, depth=depth, small_stem=_has_small_stem(context))
    return classifier(context, network)


def _build_started(context: Context, start: Start) -> Estimator:
    """Raise `Unavailable` here, before any training, if the weights are not at hand or bad."""
    from models.weights.files import obtain, weights_file
    from models.weights.transfer import body, started

    path = obtain(weights_file(start, context.weights_dir or None), context.offline)
    body(start.architecture, path)
    network = partial(started, architecture=start.architecture, weights_path=path)
    recipe = _recipe(start.architecture, context.preset)
    return classifier(context, network, body_rate=_BODY_RATE, recipe=recipe)
