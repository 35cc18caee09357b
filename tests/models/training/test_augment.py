"""Augmentation: exact where it says so, and torchvision's own chain in distribution."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models.networks.picture import constant, normalise, to_float  # noqa: E402
from models.training.augment import (  # noqa: E402
    _cut_out,
    _Draw,
    _draw,
    _recolour,
    _warp,
    augment,
    draw_batch,
)
from models.training.recipe import RECIPES, Augmentation  # noqa: E402
from models.vision import import_torchvision  # noqa: E402

PUBLISHED = RECIPES["published"].augmentation
MOVING = Augmentation(translate=(1.0, 1.0), rotate=10.0)
GEOMETRY = dataclasses.replace(PUBLISHED, jitter=0.0)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def augmented(pictures, augmentation, generator):
    n, side = len(pictures), pictures.shape[-1]
    drawn = draw_batch(augmentation, n, side, generator, pictures.device)
    return augment(pictures, augmentation, drawn)


def pictures(n, side=32, seed=0):
    """Smooth pictures, brighter at the left and redder at the top; none of their pixels black."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.rand(n, 3, 4, 4, generator=random) * 120 + 60
    smooth = torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")
    smooth[:, :, :, : side // 2] += 60
    smooth[:, 0, : side // 2] += 15
    return smooth.clamp(1, 255).byte()


def still(n):
    """A draw that changes nothing."""
    zeros = torch.zeros(n, 2)
    colour = torch.tensor([1.0, 1.0, 1.0, 0.0]).expand(n, 4)
    return _Draw(zeros, zeros.bool(), zeros, torch.zeros(n), colour, zeros)


def test_nothing_to_change_changes_nothing():
    before = pictures(5)
    after = augmented(before, Augmentation(), generator())
    assert torch.allclose(after, to_float(before), atol=1e-5)


def test_normalise_is_torchvisions():
    transforms = import_torchvision().transforms
    batch = to_float(pictures(3))
    expected = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))(batch)
    assert torch.allclose(normalise(batch), expected, atol=1e-6)


def test_constants_made_while_predicting_serve_in_training():
    constant.cache_clear()
    with torch.inference_mode():
        normalise(to_float(pictures(1)))
    inputs = to_float(pictures(1)).requires_grad_()
    normalise(inputs).sum().backward()
    assert inputs.grad[0, 0, 0, 0] == pytest.approx(1 / 0.229)


@pytest.mark.parametrize("crop", [(0, 0), (-4, 3), (4, -4)])
def test_crop_is_that_of_a_reflected_border(crop):
    batch = to_float(pictures(1))
    draw = still(1)._replace(crop=torch.tensor([crop]).float())
    padded = torch.nn.functional.pad(batch, (4, 4, 4, 4), mode="reflect")
    x, y = crop[0] + 4, crop[1] + 4
    expected = padded[:, :, y : y + 32, x : x + 32]
    assert torch.allclose(_warp(batch, Augmentation(crop_padding=4), draw), expected, atol=1e-4)


@pytest.mark.parametrize(("flip", "axes"), [((True, False), [3]), ((False, True), [2])])
def test_flip_mirrors_one_axis(flip, axes):
    batch = to_float(pictures(1))
    draw = still(1)._replace(flip=torch.tensor([flip]))
    assert torch.allclose(
        _warp(batch, Augmentation(flip=(True, True)), draw), batch.flip(axes), atol=1e-4
    )


@pytest.mark.parametrize("shift", [(5, 0), (-3, 7)])
def test_translation_uncovers_black(shift):
    batch = to_float(pictures(1))
    draw = still(1)._replace(shift=torch.tensor([shift]).float())
    functional = import_torchvision().transforms.functional
    expected = functional.affine(batch, angle=0, translate=list(shift), scale=1, shear=[0, 0])
    assert torch.allclose(_warp(batch, MOVING, draw), expected, atol=1e-4)


def test_rotation_is_torchvisions_about_the_centre():
    batch = to_float(pictures(1, side=64))
    draw = still(1)._replace(angle=torch.tensor([np.radians(10.0)]).float())
    functional = import_torchvision().transforms.functional
    bilinear = import_torchvision().transforms.InterpolationMode.BILINEAR
    both = [functional.rotate(batch, angle, interpolation=bilinear) for angle in (10, -10)]
    after = _warp(batch, Augmentation(), draw)
    inner = (..., slice(8, -8), slice(8, -8))
    assert min((after[inner] - one[inner]).abs().max() for one in both) < 1e-3


def test_what_translation_pushed_out_does_not_come_back_with_the_turn():
    white = torch.ones(1, 3, 32, 32)
    draw = still(1)._replace(
        shift=torch.tensor([[20.0, 0.0]]), angle=torch.tensor([np.radians(10.0)]).float()
    )
    shifted = _warp(white, MOVING, still(1)._replace(shift=torch.tensor([[20.0, 0.0]])))
    functional = import_torchvision().transforms.functional
    shares = [functional.rotate(shifted, angle).mean() for angle in (10, -10)]
    assert float(_warp(white, MOVING, draw).mean()) == pytest.approx(
        float(sum(shares) / 2), abs=0.01
    )


@pytest.mark.parametrize(
    ("index", "adjust", "factor"),
    [
        (0, "adjust_brightness", 0.9),
        (1, "adjust_contrast", 1.1),
        (2, "adjust_saturation", 0.9),
    ],
)
def test_colour_factors_are_torchvisions(index, adjust, factor):
    batch = to_float(pictures(3))
    colour = still(3).colour.clone()
    colour[:, index] = factor
    functional = import_torchvision().transforms.functional
    expected = getattr(functional, adjust)(batch, factor)
    assert torch.allclose(_recolour(batch, still(3)._replace(colour=colour)), expected, atol=2e-3)


def test_hue_turns_a_colour_and_leaves_grey():
    grey = torch.full((1, 3, 4, 4), 0.4)
    red = torch.zeros(1, 3, 4, 4)
    red[:, 0] = 0.6
    colour = still(1).colour.clone()
    colour[:, 3] = 2 * np.pi / 3
    turn = still(1)._replace(colour=colour)
    assert torch.allclose(_recolour(grey, turn), grey, atol=1e-6)
    # A third of the circle: red becomes green.
    assert torch.allclose(_recolour(red, turn), red[:, [2, 0, 1]], atol=1e-6)


def test_cutout_is_a_grey_square_where_it_was_drawn():
    batch = to_float(pictures(2))
    draw = still(2)._replace(cutout=torch.tensor([[10.0, 20.0], [0.0, 32.0]]))
    after = _cut_out(batch, Augmentation(cutout=8), draw)
    expected = batch.clone()
    grey = torch.tensor((0.485, 0.456, 0.406)).view(3, 1, 1)
    expected[0, :, 16:24, 6:14] = grey  # rows about y = 20, columns about x = 10
    expected[1, :, 28:, :4] = grey
    assert torch.equal(after, expected)
    drawn = augmented(pictures(400), Augmentation(cutout=8), generator())
    share = (drawn == grey).all(dim=1).float().mean()
    # 8 pixels of 32 along each axis; over an edge, a quarter of the time, half of them are lost.
    assert float(share) == pytest.approx((8 * (1 - 0.25 * 0.25) / 32) ** 2, rel=0.05)


def test_many_pictures_are_changed_as_few_are():
    """A batch that is worked on a part at a time, and by one draw."""
    batch = pictures(150)
    draw = _draw(PUBLISHED, 150, 32, generator(3))
    whole = _recolour(_warp(to_float(batch), PUBLISHED, draw), draw)
    assert torch.allclose(augmented(batch, PUBLISHED, generator(3)), whole, atol=1e-6)


def test_only_the_axes_that_are_asked_for_are_flipped():
    draw = _draw(Augmentation(flip=(True, False)), 1000, 32, generator())
    assert 0.4 < float(draw.flip[:, 0].float().mean()) < 0.6
    assert not draw.flip[:, 1].any()


def test_a_seed_decides_everything_and_torchs_own_state_nothing():
    batch = pictures(8)
    torch.manual_seed(1)
    first = augmented(batch, PUBLISHED, generator(3))
    torch.manual_seed(2)
    assert torch.equal(first, augmented(batch, PUBLISHED, generator(3)))
    assert not torch.equal(first, augmented(batch, PUBLISHED, generator(4)))


def test_draws_stay_in_their_ranges():
    draw = _draw(PUBLISHED, 5000, 32, generator())
    assert draw.crop.abs().max() == 4
    # 0.4 of 34 pixels is 13.6, and 0.5 of 42 is 21.
    assert draw.shift.abs().amax(dim=0).tolist() == [14, 21]
    assert draw.angle.abs().max() <= np.radians(10)
    assert (draw.colour[:, :3] - 1).abs().max() <= 0.1 + 1e-6
    assert draw.colour[:, 3].abs().max() <= 0.2 * np.pi + 1e-6
    assert draw.flip.float().mean(dim=0).tolist() == pytest.approx([0.5, 0.5], abs=0.03)


def test_larger_pictures_change_in_proportion():
    draw = _draw(PUBLISHED, 5000, 64, generator())
    assert draw.crop.abs().max() == 8
    assert draw.shift.abs().amax(dim=0).tolist() == [27, 42]
    small = augmented(pictures(600), GEOMETRY, generator())
    large = augmented(pictures(600, side=64), GEOMETRY, generator())
    assert float(large.mean()) == pytest.approx(float(small.mean()), abs=0.02)


def torchvision_chain(augmentation):
    """The study's chain, on PIL pictures as there, from and to tensors."""
    transforms = import_torchvision().transforms
    return transforms.Compose(
        [
            transforms.ToPILImage(),
            transforms.RandomCrop(32, padding=4, padding_mode="reflect"),
            transforms.RandomHorizontalFlip(),
            transforms.RandomVerticalFlip(),
            transforms.Pad((2, 5, 0, 5)),
            transforms.RandomAffine(degrees=0, translate=(0.4, 0.5)),
            transforms.RandomRotation(10),
            transforms.Resize((32, 32)),
            transforms.ColorJitter(*[augmentation.jitter] * 4),
            transforms.ToTensor(),
        ]
    )


@pytest.mark.parametrize("augmentation", [GEOMETRY, PUBLISHED], ids=["geometry", "all"])
def test_published_chain_is_torchvisions_in_distribution(augmentation):
    n = 1500
    before = pictures(n)
    ours = augmented(before, augmentation, generator())
    with torch.random.fork_rng():
        torch.manual_seed(0)
        chain = torchvision_chain(augmentation)
        theirs = torch.stack([chain(picture) for picture in before])
    # The standard error of these means over 1,500 pictures is about 0.004.
    assert ours.mean(dim=(0, 2, 3)).tolist() == pytest.approx(
        theirs.mean(dim=(0, 2, 3)).tolist(), abs=0.015
    )
    assert float(ours.var()) == pytest.approx(float(theirs.var()), rel=0.05)
    assert float((ours < 0.1).float().mean()) == pytest.approx(
        float((theirs < 0.1).float().mean()), abs=0.02
    )
    # Where the black is, row by row and column by column: the padding is not symmetrical.
    for axes in [(0, 1, 2), (0, 1, 3)]:
        assert torch.allclose(
            (ours < 0.1).float().mean(dim=axes), (theirs < 0.1).float().mean(dim=axes), atol=0.05
        )
    # Mirrored pictures: brighter at the right than at the left half, redder below than above.
    for gradient in (brighter_right, redder_below):
        assert gradient(ours) == pytest.approx(gradient(theirs), abs=0.05)


def brighter_right(batch):
    return halves(batch.mean(dim=1), batch.mean(dim=1) > 0.1, axis=2)


def redder_below(batch):
    return halves(batch[:, 0] - batch[:, 1:].mean(dim=1), batch.mean(dim=1) > 0.1, axis=1)


def halves(values, seen, axis):
    """Share of pictures whose second half along an axis has the higher mean of what is seen."""
    first, second = (
        (value * mask).sum(dim=(1, 2)) / mask.sum(dim=(1, 2)).clamp(min=1)
        for value, mask in zip(values.chunk(2, axis), seen.chunk(2, axis), strict=True)
    )
    return float((second > first).float().mean())
