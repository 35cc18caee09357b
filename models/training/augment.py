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

from models.networks.picture import GREY, IMAGENET_MEAN, constant, to_float
from models.training.recipe import Augmentation

# The side at which an Augmentation's pixels count as they stand.
_REFERENCE_SIDE = 32

# Pictures of the reference side that a processor changes at a time: what it makes on the way stays
# in its cache.
_AT_A_TIME = 64

# Numbers a picture that each field of a draw has.
_WIDTHS = (2, 2, 2, 1, 4, 2)

# What brightness, contrast and saturation are multiplied by and hue is turned by, without a change
# and for a jitter of 1.
_COLOUR_CENTRE = torch.tensor([1.0, 1.0, 1.0, 0.0])
_COLOUR_SPAN = torch.tensor([1.0, 1.0, 1.0, 2 * math.pi])


class _Draw(NamedTuple):
    """The random numbers of a batch of n pictures; axes are x, y, lengths their pixels."""

    crop: Tensor  # (n, 2), how far the window moves
    flip: Tensor  # bool (n, 2), whether an axis is mirrored
    shift: Tensor  # (n, 2), the translation
    angle: Tensor  # (n,), the turn in radians
    colour: Tensor  # (n, 4), factors of brightness, contrast, saturation; radians of hue
    cutout: Tensor  # (n, 2), the middle of the grey square


def draw_batch(
    augmentation: Augmentation,
    n: int,
    side: int,
    generator: torch.Generator,
    device: torch.device,
) -> Tensor:
    """Draw the random numbers of n pictures of a side in pixels, for `augment`: (n, 13).

    The generator is on the processor whatever the device, so that a seed means the same everywhere.
    """
    draw = _draw(augmentation, n, side, generator)
    # As one tensor, which goes to a device at once.
    drawn = torch.cat([values.view(n, -1).float() for values in draw], dim=1)
    if device.type == "cuda":
        drawn = drawn.pin_memory()  # so that nobody waits until they are there
    return drawn.to(device, non_blocking=True)


def augment(pictures: Tensor, augmentation: Augmentation, drawn: Tensor) -> Tensor:
    """Change each picture at random, by the numbers that `draw_batch` has drawn.

    Parameters
    ----------
    pictures : uint8 (n, 3, side, side), RGB, on any device.

    Returns
    -------
    float32 (n, 3, side, side) in 0 .. 1 on the same device.
    """
    n, side = len(pictures), pictures.shape[-1]
    size = max(1, _AT_A_TIME * _REFERENCE_SIDE**2 // side**2)
    if pictures.device.type != "cpu" or n <= size:
        return _change(pictures, augmentation, drawn)
    parts = zip(pictures.split(size), drawn.split(size), strict=True)
    return torch.cat([_change(some, augmentation, its) for some, its in parts])


def _change(pictures: Tensor, augmentation: Augmentation, drawn: Tensor) -> Tensor:
    crop, flip, shift, angle, colour, cutout = drawn.split(_WIDTHS, dim=1)
    draw = _Draw(crop, flip.bool(), shift, angle[:, 0], colour, cutout)
    changed = _recolour(_warp(to_float(pictures), augmentation, draw), draw)
    return _cut_out(changed, augmentation, draw) if augmentation.cutout else changed


def _draw(augmentation: Augmentation, n: int, side: int, generator: torch.Generator) -> _Draw:
    def uniform(*shape: int) -> Tensor:
        return torch.rand(n, *shape, generator=generator) * 2 - 1

    reach = torch.tensor(augmentation.translate) * torch.tensor(_canvas(augmentation, side))
    border = round(augmentation.crop_padding * side / _REFERENCE_SIDE)
    crop = torch.randint(-border, border + 1, (n, 2), generator=generator).float()
    flip = (torch.rand(n, 2, generator=generator) < 0.5) & torch.tensor(augmentation.flip)
    # Whole pixels, as torchvision's RandomAffine draws them.
    shift = (uniform(2) * reach).round()
    angle = uniform() * math.radians(augmentation.rotate)
    colour = uniform(4) * augmentation.jitter * _COLOUR_SPAN + _COLOUR_CENTRE
    cutout = torch.rand(n, 2, generator=generator) * side if augmentation.cutout else shift
    return _Draw(crop, flip, shift, angle, colour, cutout)


def _warp(pictures: Tensor, augmentation: Augmentation, draw: _Draw) -> Tensor:
    """Crop, flip, pad, translate and turn float pictures (n, c, side, side), sampled once."""
    n, _, side, _ = pictures.shape
    canvas = constant(_canvas(augmentation, side), pictures.device)
    source, insets = _maps(augmentation, draw, canvas, side)
    points = _points(side, pictures.device)
    sampled = functional.grid_sample(
        pictures,
        (source @ points).view(n, 2, side, side).permute(0, 2, 3, 1),
        mode="bilinear",
        padding_mode="reflection",
        align_corners=True,
    )
    if not (any(augmentation.pad) or any(augmentation.translate) or augmentation.rotate):
        return sampled  # nothing can come from outside of the crop
    # Share of a pixel's footprint that lies on the canvas and in the crop, axis by axis.
    reach = torch.cat([canvas, torch.full_like(canvas, side)]) * (side / canvas / 2).repeat(2)
    inside = (insets @ points).abs_().neg_().add_(reach[:, None] + 0.5).clamp_(0, 1)
    kept = torch.minimum(inside[:, 0] * inside[:, 1], inside[:, 2] * inside[:, 3])
    return sampled.mul_(kept.view(n, 1, side, side))


def _maps(
    augmentation: Augmentation, draw: _Draw, canvas: Tensor, side: int
) -> tuple[Tensor, Tensor]:
    """Affine maps of the answer's points (x, y, 1), one per picture: (n, 2, 3) and (n, 4, 3)."""
    # The first leads to the source, in the units of ``grid_sample``. The second leads to the
    # distances from the middle of the canvas before the turn and of the crop, in footprints of the
    # answer's pixels.
    #
    # From the answer back to the source: on the canvas before the turn, then in the crop, then
    # in the source.
    cosine, sine = draw.angle.cos(), draw.angle.sin()
    turn = torch.stack([cosine, -sine, sine, cosine], dim=-1).view(-1, 2, 2)
    on_canvas = turn * canvas
    # Its middle is the middle of the turn, and of the points.
    corner = constant(augmentation.pad[:2], canvas.device) * (side / _REFERENCE_SIDE)
    to_crop = (canvas - side) / 2 - draw.shift - corner
    still = torch.zeros_like(to_crop)
    footprint = (canvas / side)[:, None]
    insets = torch.cat(
        [
            torch.cat([on_canvas, still[:, :, None]], dim=2) / footprint,
            torch.cat([on_canvas, to_crop[:, :, None]], dim=2) / footprint,
        ],
        dim=1,
    )
    sign = 1 - 2 * draw.flip.to(canvas.dtype)
    shifted = sign * to_crop + draw.crop
    source = torch.cat([on_canvas * sign[:, :, None], shifted[:, :, None]], dim=2)
    return source * (2 / (side - 1)), insets


def _canvas(augmentation: Augmentation, side: int) -> tuple[float, float]:
    """Width and height of a padded picture, in pixels."""
    left, top, right, bottom = augmentation.pad
    unit = side / _REFERENCE_SIDE
    return side + (left + right) * unit, side + (top + bottom) * unit


def _points(side: int, device: torch.device) -> Tensor:
    """Centres of the answer's pixels, from the middle, in sides: (3, side * side), x, y and 1."""
    steps = (torch.arange(side, device=device) + 0.5) / side - 0.5
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([x, y, torch.ones_like(x)]).flatten(1)


def _recolour(pictures: Tensor, draw: _Draw) -> Tensor:
    """Change brightness, contrast, saturation and hue of float pictures (n, 3, side, side)."""
    # All four are linear in a pixel's colour, but for contrast's pull towards the picture's mean
    # grey, which is the same for all its pixels: a matrix and an offset per picture.
    brightness, contrast, saturation, hue = draw.colour.unbind(dim=1)
    grey = constant(GREY, pictures.device)
    mean_grey = pictures.mean(dim=(2, 3)) @ grey
    # Saturation blends each colour with its own grey.
    share = saturation[:, None, None]
    blend = share * torch.eye(3, device=grey.device) + (1 - share) * grey.expand(3, 3)
    matrix = _hue_matrix(hue) @ blend * (brightness * contrast)[:, None, None]
    offset = (1 - contrast) * brightness * mean_grey
    changed = torch.baddbmm(offset[:, None, None], matrix, pictures.flatten(2))
    return changed.view_as(pictures).clamp_(0, 1)


def _cut_out(pictures: Tensor, augmentation: Augmentation, draw: _Draw) -> Tensor:
    """Make a square of each picture ImageNet's mean colour; it may reach over the edge."""
    side = pictures.shape[-1]
    half = augmentation.cutout * side / _REFERENCE_SIDE / 2
    steps = torch.arange(side, device=pictures.device) + 0.5
    across, down = ((draw.cutout[:, axis, None] - steps).abs() < half for axis in (0, 1))
    square = down[:, None, :, None] & across[:, None, None, :]
    return torch.where(square, constant(IMAGENET_MEAN, pictures.device).view(3, 1, 1), pictures)


def _hue_matrix(hue: Tensor) -> Tensor:
    """Rotation by an angle about the axis on which red, green and blue are equal: (n, 3, 3)."""
    cosine, sine = hue.cos()[:, None, None], hue.sin()[:, None, None] / math.sqrt(3)
    across = constant(((0, -1, 1), (1, 0, -1), (-1, 1, 0)), hue.device)
    along = torch.full((3, 3), 1 / 3, device=hue.device)
    return cosine * torch.eye(3, device=hue.device) + sine * across + (1 - cosine) * along
