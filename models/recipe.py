"""Recipes: how a deep model is trained, as plain numbers.

``published`` is the recipe of the study (Abdallah, Butler and Bond, 2021). ``quick`` is the same
recipe cut down until it ends soon on two processor cores: few steps, too few for the deeper
networks. ``thorough`` is ``published`` with more epochs.

What all of them share: the optimiser is Adam with L2 weight decay; the rate follows one cycle
(Smith and Topin, 2019, arXiv:1708.07120) with the defaults of torch's ``OneCycleLR``; each
gradient's value is clipped; pictures are normalised with ImageNet's mean and deviation; the
network of the last epoch is the one that is asked.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Augmentation:
    """Random changes to a training picture, in the order in which they happen.

    Lengths are pixels of a picture whose side is 32; at another side they grow in proportion.

    Attributes
    ----------
    crop_padding : a crop of the picture's own size out of the picture with this much reflected
        border.
    flip : whether half of the pictures are mirrored left to right, and half top to bottom.
    pad : black border added on the left, top, right and bottom.
    translate : largest shift to either side, as a share of the padded width and height.
    rotate : largest turn in degrees, either way, about the centre.
    jitter : brightness, contrast and saturation change by up to this share, and hue by up to
        this share of the colour circle.
    """

    crop_padding: int = 0
    flip: bool = False
    pad: tuple[int, int, int, int] = (0, 0, 0, 0)
    translate: tuple[float, float] = (0.0, 0.0)
    rotate: float = 0.0
    jitter: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training besides network, pictures and seed.

    Attributes
    ----------
    epochs : passes over the training pictures.
    batch_size : pictures a step.
    max_rate : top of the learning rate's one cycle.
    weight_decay : L2 penalty that Adam adds to the gradient.
    clip_value : bound on the magnitude of each gradient value.
    augmentation : random changes to the pictures of each step.
    """

    epochs: int
    batch_size: int
    max_rate: float
    weight_decay: float
    clip_value: float
    augmentation: Augmentation

    def parameters(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values."""
        values = dataclasses.asdict(self)
        values["augmentation"] = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values["augmentation"].items()
        }
        return {"optimiser": "Adam", "schedule": "one-cycle", **values}


_PUBLISHED = Recipe(
    epochs=80,
    batch_size=400,
    max_rate=0.0007,
    weight_decay=1e-4,
    clip_value=0.1,
    augmentation=Augmentation(
        crop_padding=4,
        flip=True,
        pad=(2, 5, 0, 5),
        translate=(0.4, 0.5),
        rotate=10.0,
        jitter=0.1,
    ),
)

# What is seen three times cannot be learned half pushed out of the picture: quick leaves out the
# padding, the translation and the turn. Batches of 64 make enough steps of three epochs, and the
# rate goes with them. Chosen on the validation split of small photographs.
_QUICK = dataclasses.replace(
    _PUBLISHED,
    epochs=3,
    batch_size=64,
    max_rate=0.002,
    augmentation=Augmentation(crop_padding=4, flip=True, jitter=0.1),
)

RECIPES = {
    "quick": _QUICK,
    "published": _PUBLISHED,
    "thorough": dataclasses.replace(_PUBLISHED, epochs=200),
}
