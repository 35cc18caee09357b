"""A model's parameters: all that decides its result, as trials were always named by."""

import json

import pytest

from models import Context, Model, forget_models, model, select

MODERN = {
    "batch_size": 64,
    "max_rate": 0.002,
    "weight_decay": 0.05,
    "clip_value": 0.0,
    "augmentation": {
        "crop_padding": 4,
        "flip": [True, False],
        "pad": [0, 0, 0, 0],
        "translate": [0.0, 0.0],
        "rotate": 0.0,
        "jitter": 0.1,
        "cutout": 8,
    },
    "optimiser": "AdamW",
    "label_smoothing": 0.1,
    "mirror_test": True,
}

PUBLISHED = {
    "schedule": "one-cycle",
    "epochs": 80,
    "batch_size": 400,
    "max_rate": 0.0007,
    "weight_decay": 0.0001,
    "clip_value": 0.1,
    "augmentation": {
        "crop_padding": 4,
        "flip": [True, True],
        "pad": [2, 5, 0, 5],
        "translate": [0.4, 0.5],
        "rotate": 10.0,
        "jitter": 0.1,
        "cutout": 0,
    },
    "optimiser": "Adam",
    "label_smoothing": 0.0,
    "mirror_test": False,
}


@pytest.fixture(autouse=True)
def no_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("BENCHMARK_WEIGHTS_DIR", raising=False)


def parameters(name, **settings):
    (chosen,) = select([name])
    return chosen.parameters(Context(n_classes=3, **settings))


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        (
            "SVC",
            {"precision": "float32"},
            {"classifier": "sklearn.svm.SVC", "imputation": "mean", "scaling": "standard"},
        ),
        (
            "ResNet9-grey",
            {},
            {"architecture": "ResNet9", "width": 32, "channels": 1, "schedule": "one-cycle",
             "epochs": 16, **MODERN, "batch_size": 32, "max_rate": 0.004},
        ),
        (
            "ResNet50",
            {"preset": "thorough", "image_size": 64, "precision": "float32"},
            {"architecture": "ResNet50", "small_stem": True, "schedule": "one-cycle",
             "epochs": 100, **MODERN, "precision": "float32"},
        ),
        (
            "ResNet34-pretrained",
            {"preset": "published", "precision": "float32"},
            {"architecture": "ResNet34", "weights": "ResNet34_Weights.IMAGENET1K_V1",
             "body_rate": 0.3, "small_stem": False, **PUBLISHED,
             "weights_digest": "b627a593", "precision": "float32"},
        ),
        (
            "ResNet9-modelled",
            {},
            {"architecture": "ResNet9", "weights": "ResNet9_Weights.MODELLED_V2",
             "body_rate": 0.3, "width": 32, "channels": 3, "schedule": "one-cycle", "epochs": 16,
             **MODERN, "batch_size": 32, "max_rate": 0.004, "weights_digest": None},
        ),
    ],
)  # fmt: skip
def test_parameters_are_those_that_trials_were_always_named_by(name, settings, expected):
    # In their order too: it is that of a record's file.
    assert json.dumps(parameters(name, **settings)) == json.dumps(expected)


def test_another_file_of_weights_is_another_trial(tmp_path):
    name = "ResNet9-modelled"
    (tmp_path / "resnet9-modelled-v2.pth").write_bytes(b"own")
    # The first digits of the SHA-256 of these three letters.
    assert parameters(name, weights_dir=str(tmp_path))["weights_digest"] == "5b3975651c3cab92"
    assert parameters(name)["weights_digest"] is None


@pytest.mark.parametrize("inputs", ["images", "features"])
def test_a_plugin_s_deep_model_has_its_precision_where_it_is_held_to_one(inputs):
    model("Mine", family="deep", inputs=inputs)(lambda context: None)
    try:
        free, held = parameters("Mine"), parameters("Mine", precision="float32")
    finally:
        forget_models(__file__)
    assert "precision" not in free
    assert held == {**free, "precision": "float32"}


def test_so_has_one_that_is_no_decorated_function_and_no_classical_one_has():
    deep = Model("Own", "deep", "images", None, "random", "here", lambda context: {"depth": 3})
    classical = Model("Own", "classical", "images", None, "", "here", lambda context: {"depth": 3})
    context = Context(n_classes=2, precision="bfloat16")
    assert deep.parameters(context) == {"depth": 3, "precision": "bfloat16"}
    assert classical.parameters(context) == {"depth": 3}


def test_so_has_timm_s():
    held = parameters("timm/resnet18", precision="float32")
    assert list(held)[:2] == ["architecture", "timm"]
    assert list(held)[-1] == "precision"
    assert held["precision"] == "float32"
    assert "precision" not in parameters("timm/resnet18")
