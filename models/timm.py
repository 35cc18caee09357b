"""timm's networks as models, by name: ``timm/resnet18``, ``timm/resnet18.a1_in1k``.

timm (https://github.com/huggingface/pytorch-image-models) is no requirement of ours; whoever has it
installed can name its networks. It imports torchvision, which therefore comes first, through the
cure in `models.vision`; so does it when a pickled estimator loads, which names this
module first.
"""

from __future__ import annotations

import difflib
import importlib.util
from functools import partial
from importlib import metadata
from typing import Any

from models.contract import Context, Estimator, Model
from models.errors import ModelError
from models.training.recipe import RECIPES
from models.training.trained import classifier
from models.vision import import_torchvision

import_torchvision()

_PREFIX = "timm/"


def timm_model(name: str) -> Model:
    """The model that trains timm's network of this name from scratch.

    A tag, as in ``resnet18.a1_in1k``, names the settings that timm has for a network beside its
    weights, which are not taken.

    Raises
    ------
    ModelError
        If timm is not installed or has no such network.
    """
    if importlib.util.find_spec("timm") is None:
        raise ModelError(f"{name!r} needs timm, which is not installed; `pip install timm` does it")
    import timm

    network = name.removeprefix(_PREFIX)
    known = [*timm.list_models(), *timm.list_models(pretrained=True)]  # the latter with their tags
    if network not in known:
        close = [_PREFIX + other for other in difflib.get_close_matches(network, known, n=3)]
        hint = f"did you mean {' or '.join(close)}?" if close else "`timm.list_models()` lists them"
        raise ModelError(f"timm has no network for {name!r}; {hint}")

    def build(context: Context) -> Estimator:
        return classifier(context, partial(_network, name=network, side=context.image_size))

    def details(context: Context) -> dict[str, Any]:
        version = metadata.version("timm")
        return {"architecture": network, "timm": version, **RECIPES[context.preset].parameters()}

    return Model(name, "deep", "images", build, "random", "built in", details)


def _network(n_classes: int, name: str, side: int) -> Any:
    import timm

    # Transformers are made for one size; it can be asked for.
    fixed = getattr(timm.get_pretrained_cfg(name), "fixed_input_size", False)
    options: dict[str, Any] = {"img_size": side} if fixed else {}
    return timm.create_model(name, num_classes=n_classes, **options)
