"""Recipes: how a deep model is trained, as plain numbers.

``published`` is the recipe of the study (Abdallah, Butler and Bond, 2021): Adam with L2 weight
decay, each gradient's value clipped. ``quick`` and ``thorough`` train as one would today: AdamW
(Loshchilov and Hutter, 2019, arXiv:1711.05101), smoothed labels, crops, mirror images and cutout,
and predictions that are the mean over a picture and its mirror image. ``quick`` ends soon on two
processor cores.

What all of them share: the rate follows one cycle (Smith and Topin, 2019, arXiv:1708.07120) with
the defaults of torch's ``OneCycleLR``; pictures are normalised with ImageNet's mean and deviation;
the network of the last epoch is the one that is asked.
"""

from __future__ import annotations

import dataclasses
import json
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
    flip : whether half of the pictures are mirrored left to right, and whether half are top to
        bottom.
    pad : black border added on the left, top, right and bottom.
    translate : largest shift to either side, as a share of the padded width and height.
    rotate : largest turn in degrees, either way, about the centre.
    jitter : brightness, contrast and saturation change by up to this share, and hue by up to
        this share of the colour circle.
    cutout : side of a square, anywhere on the picture, that becomes grey (DeVries and Taylor, 2017,
        arXiv:1708.04552).
    """

    crop_padding: int = 0
    flip: tuple[bool, bool] = (False, False)
    pad: tuple[int, int, int, int] = (0, 0, 0, 0)
    translate: tuple[float, float] = (0.0, 0.0)
    rotate: float = 0.0
    jitter: float = 0.0
    cutout: int = 0


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training besides network, pictures and seed.

    Attributes
    ----------
    epochs : passes over the training pictures.
    batch_size : pictures a step.
    max_rate : top of the learning rate's one cycle.
    weight_decay : of Adam an L2 penalty that is added to the gradient, of AdamW the share of the
        rate by which each weight shrinks in a step.
    clip_value : bound on the magnitude of each gradient value, 0 for none.
    augmentation : random changes to the pictures of each step.
    optimiser : ``Adam`` or ``AdamW``.
    label_smoothing : share of each label that is spread over all classes.
    mirror_test : whether predictions are the mean over a picture and its mirror image.
    """

    epochs: int
    batch_size: int
    max_rate: float
    weight_decay: float
    clip_value: float
    augmentation: Augmentation
    optimiser: str = "Adam"
    label_smoothing: float = 0.0
    mirror_test: bool = False

    def parameters(self) -> dict[str, Any]:
        """The recipe as plain JSON values."""
        return {"schedule": "one-cycle", **json.loads(json.dumps(dataclasses.asdict(self)))}


_PUBLISHED = Recipe(
    epochs=80,
    batch_size=400,
    max_rate=0.0007,
    weight_decay=1e-4,
    clip_value=0.1,
    augmentation=Augmentation(
        crop_padding=4,
        flip=(True, True),
        pad=(2, 5, 0, 5),
        translate=(0.4, 0.5),
        rotate=10.0,
        jitter=0.1,
    ),
)

# Chosen on the val splits of textures, digits and modelled folds; docs/speed.md says how.
_MODERN = Recipe(
    epochs=100,
    batch_size=64,
    max_rate=0.002,
    weight_decay=0.05,
    clip_value=0.0,
    augmentation=Augmentation(crop_padding=4, flip=(True, False), jitter=0.1, cutout=8),
    optimiser="AdamW",
    label_smoothing=0.1,
    mirror_test=True,
)

RECIPES = {
    "quick": dataclasses.replace(_MODERN, epochs=4),
    "published": _PUBLISHED,
    "thorough": _MODERN,
}

# Whether torchvision's ResNets from scratch begin, on pictures of up to 64 pixels, with a 3 x 3
# convolution at full resolution instead of two halvings. It makes them 15.5 times as dear (counted
# by torch's FlopCounterMode for ResNet34 and 50, at 32 and at 64 pixels), too much for quick.
SMALL_STEMS = {"quick": False, "published": False, "thorough": True}

# ResNet9 is small enough for more epochs and more steps; for quick it has half its width.
_MODERN_RESNET9 = dataclasses.replace(_MODERN, batch_size=32, max_rate=0.004)

RESNET9_RECIPES = {
    "quick": dataclasses.replace(_MODERN_RESNET9, epochs=16),
    "published": _PUBLISHED,
    "thorough": _MODERN_RESNET9,
}

RESNET9_WIDTHS = {"quick": 32, "published": 64, "thorough": 64}
