"""The recipes: the study's numbers, and what the others share with them."""

import json

import pytest

from models.training.recipe import RECIPES


def test_published_is_the_studys_recipe():
    assert RECIPES["published"].parameters() == {
        "optimiser": "Adam",
        "schedule": "one-cycle",
        "epochs": 80,
        "batch_size": 400,
        "max_rate": 0.0007,
        "weight_decay": 1e-4,
        "clip_value": 0.1,
        "label_smoothing": 0.0,
        "mirror_test": False,
        "augmentation": {
            "crop_padding": 4,
            "flip": [True, True],
            "pad": [2, 5, 0, 5],
            "translate": [0.4, 0.5],
            "rotate": 10.0,
            "jitter": 0.1,
            "cutout": 0,
        },
    }


@pytest.mark.parametrize("preset", ["quick", "published", "thorough"])
def test_parameters_are_plain_json(preset):
    parameters = RECIPES[preset].parameters()
    assert json.loads(json.dumps(parameters)) == parameters


def test_presets_are_ordered_by_effort():
    epochs = [RECIPES[preset].epochs for preset in ("quick", "published", "thorough")]
    assert epochs == sorted(epochs)
