"""The deep rows and their networks."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.contract import Context
from models.deep import deep_models

ROOT = Path(__file__).resolve().parents[2]

NAMES = [
    "ResNet9-grey",
    "ResNet9",
    "ResNet9-modelled",
    "ResNet34",
    "ResNet34-modelled",
    "ResNet34-pretrained",
    "ResNet50",
    "ResNet50-modelled",
    "ResNet50-pretrained",
    "ResNet101",
    "ResNet101-pretrained",
    "ResNet152",
    "ResNet152-pretrained",
]

# torchvision's pages give these counts with the last layer for 1,000 classes.
IMAGENET_PARAMETERS = {34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
LAST_WIDTH = {34: 512, 50: 2048, 101: 2048, 152: 2048}


def parameters(model, preset="quick", side=32):
    return model.parameters(Context(n_classes=3, preset=preset, image_size=side))


def count(network):
    return sum(values.numel() for values in network.parameters())


def test_rows_in_order():
    models = deep_models()
    assert [model.name for model in models] == NAMES
    assert {(model.family, model.inputs, model.origin) for model in models} == {
        ("deep", "images", "built in")
    }
    for model in models:
        expected = "pretrained" if model.name.endswith(("-pretrained", "-modelled")) else "random"
        assert model.training == expected


def test_parameters_name_architecture_weights_and_recipe():
    by_name = {model.name: model for model in deep_models()}
    pretrained = parameters(by_name["ResNet50-pretrained"], "published")
    assert pretrained["architecture"] == "ResNet50"
    assert pretrained["weights"] == "ResNet50_Weights.IMAGENET1K_V1"
    assert pretrained["epochs"] == 80
    assert "weights" not in parameters(by_name["ResNet50"], "published")
    assert parameters(by_name["ResNet9-grey"]) != parameters(by_name["ResNet9"])


def test_declaring_imports_no_torch():
    code = (
        "import sys; from models.deep import deep_models\n"
        "deep_models(); assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("grey", [False, True])
def test_resnet9_has_the_closed_form_count(grey):
    from models.networks.resnet9 import ResNet9

    channels, n_classes = (1 if grey else 3), 5
    pairs = [(channels, 64), (64, 128), (128, 128), (128, 128)]
    pairs += [(128, 256), (256, 512), (512, 512), (512, 512)]
    expected = sum(9 * a * b + 2 * b for a, b in pairs) + 512 * n_classes + n_classes
    assert count(ResNet9(n_classes, grey=grey)) == expected


@pytest.mark.parametrize("side", [8, 9, 16, 17, 32, 45])
def test_resnet9_takes_any_side(side):
    import torch

    from models.networks.resnet9 import ResNet9

    pictures = torch.randn(2, 3, side, side)
    for grey in (False, True):
        with torch.no_grad():
            assert ResNet9(4, grey=grey).eval()(pictures).shape == (2, 4)


def test_pictures_that_are_too_small_for_resnet9_are_one_clear_sentence():
    model = next(model for model in deep_models() if model.name == "ResNet9")
    pictures = np.zeros((4, 7, 7, 3), np.uint8)
    with pytest.raises(ValueError, match=r"8 pixels a side or more; these have 7: .*--image-size"):
        model.build(Context(n_classes=2, image_size=7)).fit(pictures, np.arange(4) % 2)


def test_resnet9_learns_from_the_smallest_pictures():
    model = next(model for model in deep_models() if model.name == "ResNet9")
    pictures = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3), dtype=np.uint8)
    fitted = model.build(Context(n_classes=2, image_size=8)).fit(pictures, np.arange(8) % 2)
    assert fitted.predict_proba(pictures).shape == (8, 2)


def test_grey_resnet9_sees_only_the_weighted_sum_of_the_channels():
    import torch

    from models.networks.picture import GREY
    from models.networks.resnet9 import ResNet9

    pictures = torch.rand(2, 3, 16, 16)
    grey = (pictures * torch.tensor(GREY).view(3, 1, 1)).sum(1, keepdim=True).expand(2, 3, 16, 16)
    network = ResNet9(3, grey=True).eval()
    with torch.no_grad():
        assert torch.allclose(network(pictures), network(grey), atol=1e-5)


def test_width_scales_every_layer_of_resnet9():
    from models.networks.resnet9 import ResNet9

    pairs = [(3, 32), (32, 64), (64, 64), (64, 64), (64, 128), (128, 256), (256, 256), (256, 256)]
    expected = sum(9 * a * b + 2 * b for a, b in pairs) + 256 * 5 + 5
    assert count(ResNet9(5, width=32)) == expected


def test_a_small_stem_keeps_a_pictures_size_until_the_second_stage():
    import torch

    from models.networks.resnet import resnet

    sides = {}
    for small in (False, True):
        network = resnet(3, 34, small_stem=small).eval()
        network.layer1.register_forward_hook(
            lambda _, given, answer, small=small: sides.update({small: answer.shape[-1]})
        )
        with torch.no_grad():
            assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 3)
    assert sides == {False: 8, True: 32}


@pytest.mark.parametrize(
    ("preset", "side", "small"),
    [
        ("thorough", 32, True),
        ("thorough", 64, True),
        ("thorough", 65, False),
        ("quick", 32, False),
        ("published", 32, False),
    ],
)
def test_the_small_stem_is_for_small_pictures_and_much_time(preset, side, small):
    model = next(model for model in deep_models() if model.name == "ResNet34")
    network = model.build(Context(n_classes=3, preset=preset, image_size=side)).network(3)
    assert (network.conv1.stride == (1, 1)) == small
    assert parameters(model, preset, side)["small_stem"] == small


def test_thorough_s_own_pictures_get_the_small_stem():
    from benchmark.presets import PRESETS

    side = PRESETS["thorough"].image_size
    by_name = {model.name: model for model in deep_models()}
    assert parameters(by_name["ResNet50"], "thorough", side)["small_stem"]
    # Weights come with the stem that they were trained with.
    assert not parameters(by_name["ResNet50-pretrained"], "thorough", side)["small_stem"]
    assert "small_stem" not in parameters(by_name["ResNet9"], "thorough", side)


@pytest.mark.parametrize("depth", [34, 50, 101, 152])
def test_resnets_have_torchvisions_count_with_a_new_head(depth):
    import torch

    from models.networks.resnet import resnet

    with torch.device("meta"):
        network = resnet(3, depth)
    width = LAST_WIDTH[depth]
    assert count(network) == IMAGENET_PARAMETERS[depth] - (1000 - 3) * (width + 1)


@pytest.mark.parametrize("name", ["ResNet9-grey", "ResNet9", "ResNet34", "ResNet152"])
def test_build_gives_an_unfitted_estimator_of_the_context(name):
    from sklearn.base import clone

    model = next(model for model in deep_models() if model.name == name)
    context = Context(n_classes=3, seed=7, threads=2, preset="published")
    estimator = model.build(context)
    assert estimator.random_state == 7
    assert estimator.threads == 2
    assert estimator.recipe.epochs == 80
    assert not hasattr(estimator, "classes_")
    assert clone(estimator).get_params().keys() == estimator.get_params().keys()


def test_a_fitted_torchvision_network_loads_in_a_new_process(tmp_path):
    import dataclasses

    from models.training.recipe import RECIPES

    model = next(model for model in deep_models() if model.name == "ResNet34")
    estimator = model.build(Context(n_classes=2))
    estimator.recipe = dataclasses.replace(RECIPES["quick"], epochs=1)
    pictures = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
    estimator.fit(pictures, np.arange(8) % 2)
    saved = tmp_path / "fitted.pickle"
    saved.write_bytes(pickle.dumps((estimator, pictures, estimator.predict_proba(pictures))))
    code = (
        "import pickle, sys, numpy as np\n"
        "estimator, pictures, expected = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert np.array_equal(estimator.predict_proba(pictures), expected)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(saved)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
