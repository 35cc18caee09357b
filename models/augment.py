"""Augmentation of a whole batch at once: one warp and one colour matrix per picture.

The chain of a recipe (torchvision's RandomCrop with reflected padding, both flips, Pad,
RandomAffine's translation, RandomRotation and ColorJitter, one after the other) moves a pixel by
affine steps only. So one affine map per picture says where each pixel of the answer comes from,
and the picture is sampled once. Two things are no part of the map and are kept exact:

- The crop's reflected border: reading beyond the source's edge reflects.
- What a step pushes over an edge is gone, and what it uncovers is black: a pixel is kept by the
  share of it that lies inside the crop and, before the turn, inside the padded canvas.

The padded canvas (34 x 42 for a picture of 32 x 32) comes back to the picture's own size by the
same map, as a resize at the end of the chain would do, so that a network sees the same size when
it learns and when it is asked.

What is approximated, with the tests comparing the outcome to torchvision's in distribution:
sampling is bilinear, once, where torchvision takes the nearest pixel in every step and averages
in the resize; hue turns about the grey axis of RGB instead of around the HSV cone; brightness,
contrast, saturation and hue come in this order instead of a random one; and values are clipped
to the range of a picture once.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from models.recipe import Augmentation

# Mean and deviation of ImageNet's training pictures, as torchvision's pages give them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)

# Weights of red, green and blue in grey (ITU-R BT.601).
GREY = (0.299, 0.587, 0.114)

# The side at which an Augmentation's pixels count as they stand.
_REFERENCE_SIDE = 32


class Draw(NamedTuple):
    """The random numbers of a batch of n pictures; lengths are pixels of these pictures.

    ``crop`` (n, 2) moves the window, ``flip`` (n, 2) says where an axis is mirrored, ``shift``
    (n, 2) translates, ``angle`` (n,) turns in radians; axes are x, y. ``colour`` (n, 4) holds
    the factors of brightness, contrast and saturation and the turn of the hue in radians.
    """

    crop: Tensor
    flip: Tensor
    shift: Tensor
    angle: Tensor
    colour: Tensor


def augment(pictures: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Change each picture at random.

    Parameters
    ----------
    pictures : uint8 (n, 3, side, side), RGB, on any device.
    augmentation : which changes, and how far they go.
    generator : source of the random numbers, on the processor whatever the device, so that a
        seed means the same everywhere.

    Returns
    -------
    float32 (n, 3, side, side) in 0 .. 1 on the same device.
    """
    draw = draw_parameters(augmentation, len(pictures), pictures.shape[-1], generator)
    draw = Draw(*(values.to(pictures.device, non_blocking=True) for values in draw))
    return recolour(warp(to_float(pictures), augmentation, draw), draw)


def to_float(pictures: Tensor) -> Tensor:
    """Return uint8 pictures as float32 in 0 .. 1."""
    return pictures.float().div_(255)


def normalise(pictures: Tensor) -> Tensor:
    """Return pictures (n, 3, side, side) in 0 .. 1 less ImageNet's mean, over its deviation."""
    mean = pictures.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    deviation = pictures.new_tensor(IMAGENET_DEVIATION).view(3, 1, 1)
    return (pictures - mean) / deviation


def draw_parameters(
    augmentation: Augmentation, n: int, side: int, generator: torch.Generator
) -> Draw:
    """Draw the random numbers for n pictures of a side."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(n, *shape, generator=generator) * 2 - 1

    reach = torch.tensor(augmentation.translate) * torch.tensor(_canvas(augmentation, side))
    border = round(augmentation.crop_padding * side / _REFERENCE_SIDE)
    crop = torch.randint(-border, border + 1, (n, 2), generator=generator).float()
    flip = (torch.rand(n, 2, generator=generator) < 0.5) & augmentation.flip
    # Whole pixels, as torchvision's RandomAffine draws them.
    shift = (uniform(2) * reach).round()
    angle = uniform() * math.radians(augmentation.rotate)
    colour = uniform(4) * augmentation.jitter
    return Draw(crop, flip, shift, angle, colour * _COLOUR_SPAN + _COLOUR_CENTRE)


_COLOUR_CENTRE = torch.tensor([1.0, 1.0, 1.0, 0.0])
_COLOUR_SPAN = torch.tensor([1.0, 1.0, 1.0, 2 * math.pi])


def warp(pictures: Tensor, augmentation: Augmentation, draw: Draw) -> Tensor:
    """Crop, flip, pad, translate and turn float pictures (n, c, side, side), sampled once."""
    side = pictures.shape[-1]
    canvas = pictures.new_tensor(_canvas(augmentation, side))
    corner = pictures.new_tensor(augmentation.pad[:2]) * (side / _REFERENCE_SIDE)

    # From the answer back to the source: on the canvas before the turn, then in the crop, then
    # in the source.
    on_canvas = _turn(_pixels(side, canvas), (canvas - 1) / 2, draw.angle)
    in_crop = on_canvas - (draw.shift + corner)[:, None, None]
    footprint = canvas / side
    kept = torch.minimum(
        _coverage(on_canvas, canvas, footprint),
        _coverage(in_crop, torch.full_like(canvas, side), footprint),
    )
    mirrored = torch.where(draw.flip[:, None, None], side - 1 - in_crop, in_crop)
    in_source = mirrored + draw.crop[:, None, None]

    sampled = functional.grid_sample(
        pictures,
        in_source * (2 / (side - 1)) - 1,
        mode="bilinear",
        padding_mode="reflection",
        align_corners=True,
    )
    return sampled * kept[:, None]


def _canvas(augmentation: Augmentation, side: int) -> tuple[float, float]:
    """Width and height of a padded picture, in pixels."""
    left, top, right, bottom = augmentation.pad
    unit = side / _REFERENCE_SIDE
    return side + (left + right) * unit, side + (top + bottom) * unit


def _pixels(side: int, canvas: Tensor) -> Tensor:
    """Where the centres of the answer's pixels lie on the canvas: (side, side, 2), x then y."""
    steps = (torch.arange(side, device=canvas.device) + 0.5) / side
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([x, y], dim=-1) * canvas - 0.5


def _turn(points: Tensor, centre: Tensor, angle: Tensor) -> Tensor:
    """Turn the points about the centre, by each of n angles: (n, side, side, 2)."""
    cosine, sine = angle.cos(), angle.sin()
    matrix = torch.stack([cosine, sine, -sine, cosine], dim=-1).view(-1, 1, 2, 2)
    return (points - centre) @ matrix + centre


def _coverage(points: Tensor, size: Tensor, footprint: Tensor) -> Tensor:
    """Share of a pixel of this footprint about each point that lies inside a picture."""
    depth = torch.minimum(points + 0.5, size - 0.5 - points)
    return (depth / footprint + 0.5).clamp_(0, 1).prod(dim=-1)


def recolour(pictures: Tensor, draw: Draw) -> Tensor:
    """Change brightness, contrast, saturation and hue of float pictures (n, 3, side, side).

    All four are linear in a pixel's colour, but for contrast's pull towards the picture's mean
    grey, which is the same for all its pixels: a matrix and an offset per picture.
    """
    brightness, contrast, saturation, hue = draw.colour.unbind(dim=1)
    grey = pictures.new_tensor(GREY)
    mean_grey = pictures.mean(dim=(2, 3)) @ grey
    matrix = _hue_matrix(hue) @ _saturation_matrix(saturation, grey)
    matrix = matrix * (brightness * contrast)[:, None, None]
    offset = (1 - contrast) * brightness * mean_grey
    changed = torch.baddbmm(offset[:, None, None], matrix, pictures.flatten(2))
    return changed.view_as(pictures).clamp_(0, 1)


def _saturation_matrix(saturation: Tensor, grey: Tensor) -> Tensor:
    """Blend of each colour with its own grey: (n, 3, 3)."""
    factor = saturation[:, None, None]
    return factor * torch.eye(3, device=grey.device) + (1 - factor) * grey.expand(3, 3)


def _hue_matrix(hue: Tensor) -> Tensor:
    """Rotation by an angle about the axis on which red, green and blue are equal: (n, 3, 3)."""
    cosine, sine = hue.cos()[:, None, None], hue.sin()[:, None, None] / math.sqrt(3)
    across = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=hue.device)
    along = torch.full((3, 3), 1 / 3, device=hue.device)
    return cosine * torch.eye(3, device=hue.device) + sine * across + (1 - cosine) * along
