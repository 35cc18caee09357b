"""The deep models: ResNet9 in grey and in colour, and torchvision's ResNets, from every start.

Declared here without importing torch; a model imports what it needs when it is built.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from models.contract import Context, Estimator, Model
from models.training.recipe import RECIPES, RESNET9_RECIPES, RESNET9_WIDTHS, SMALL_STEMS, Recipe
from models.training.trained import classifier
from models.weights.starts import MODELLED_RESNET9_WIDTH, STARTS, Start, content_digits

# Up to this side in pixels, ImageNet's stem leaves too little of a picture.
_SMALL_SIDE = 64

# The learning rate of what starts from weights, as a share of the new last layer's.
_BODY_RATE = 0.3


def deep_models() -> list[Model]:
    """The study's ten models in the order of its table, each network's starts together."""
    models = [_from_scratch("ResNet9-grey")]
    for name in ("ResNet9", "ResNet34", "ResNet50", "ResNet101", "ResNet152"):
        models.append(_from_scratch(name))
        models += [_started(start) for start in STARTS.values() if start.architecture == name]
    return models


def _from_scratch(name: str) -> Model:
    build, details = partial(_build, name=name), partial(_details, name=name)
    return Model(name, "deep", "images", build, "random", "built in", details)


def _details(context: Context, name: str) -> dict[str, Any]:
    architecture = name.removesuffix("-grey")
    shape: dict[str, Any] = {"small_stem": _has_small_stem(context)}
    if architecture == "ResNet9":
        shape = {"width": RESNET9_WIDTHS[context.preset], "channels": 3 if name == "ResNet9" else 1}
    recipe = _recipe(architecture, context)
    return {"architecture": architecture, **shape, **recipe.parameters()}


def _has_small_stem(context: Context) -> bool:
    return SMALL_STEMS[context.preset] and context.image_size <= _SMALL_SIDE


def _recipe(architecture: str, context: Context) -> Recipe:
    return (RESNET9_RECIPES if architecture == "ResNet9" else RECIPES)[context.preset]


def _build(context: Context, name: str) -> Estimator:
    if name.startswith("ResNet9"):
        from models.networks.resnet9 import ResNet9

        width = RESNET9_WIDTHS[context.preset]
        network = partial(ResNet9, grey=name == "ResNet9-grey", width=width)
        return classifier(context, network, recipe=_recipe("ResNet9", context))
    from models.networks.resnet import resnet

    depth = int(name.removeprefix("ResNet"))
    return classifier(context, partial(resnet, depth=depth, small_stem=_has_small_stem(context)))


def _started(start: Start) -> Model:
    build, details = partial(_build_started, start=start), partial(_started_details, start=start)
    return Model(start.model, "deep", "images", build, "pretrained", "built in", details)


def _started_details(context: Context, start: Start) -> dict[str, Any]:
    is_nine = start.architecture == "ResNet9"
    shape = {"width": MODELLED_RESNET9_WIDTH, "channels": 3} if is_nine else {"small_stem": False}
    return {
        "architecture": start.architecture,
        "weights": start.weights,
        "body_rate": _BODY_RATE,
        **shape,
        **_recipe(start.architecture, context).parameters(),
        # Another file of weights is another trial.
        "weights_digest": content_digits(start, context.weights_dir),
    }


def _build_started(context: Context, start: Start) -> Estimator:
    """Raise `Unavailable` here, before any training, if the weights are not at hand or bad."""
    from models.weights.files import obtain, weights_file
    from models.weights.transfer import body, started

    path = obtain(weights_file(start, context.weights_dir or None), context.offline)
    note = body(start.architecture, path).note
    network = partial(started, architecture=start.architecture, weights_path=path)
    recipe = _recipe(start.architecture, context)
    notes = (note,) if note else ()
    return classifier(context, network, body_rate=_BODY_RATE, recipe=recipe, notes=notes)
