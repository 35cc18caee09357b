"""Networks as models: a function's, and timm's."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models import Context, ModelError, check_model, forget_models, model, select  # noqa: E402
from models.networks.head import head_name, rate_groups  # noqa: E402
from models.training.recipe import RECIPES  # noqa: E402
from models.weights.transfer import ARCHITECTURES  # noqa: E402


def tiny(context):
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, stride=2),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, context.n_classes),
    )


@pytest.fixture
def declared():
    model("Tiny", family="deep", inputs="images")(tiny)
    yield select(["Tiny"])[0]
    forget_models(str(Path(__file__).resolve()))


def test_a_function_that_returns_a_network_is_a_model(declared):
    assert [str(finding) for finding in check_model(declared) if not finding.passed] == []


def test_its_network_is_trained_by_the_preset_s_recipe_from_the_seed(declared):
    context = Context(n_classes=2, seed=5, threads=1, preset="published")
    estimator = declared.build(context)
    assert estimator.recipe == RECIPES["published"]
    assert estimator.random_state == 5
    pictures = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
    answers = []
    for noise in range(2):
        torch.manual_seed(noise)  # of no effect: a network drawn before the fit is not used
        again = declared.build(Context(n_classes=2, seed=5)).fit(pictures, np.arange(8) % 2)
        answers.append(again.predict_proba(pictures))
    assert np.array_equal(*answers)


def test_its_record_has_the_recipe_that_trains_it(declared):
    context = Context(n_classes=2, preset="thorough")
    parameters = declared.parameters(context)
    assert parameters == declared.build(context).recipe.parameters()
    assert parameters["epochs"] == 100
    assert "small_stem" not in parameters


def test_its_precision_is_the_context_s(declared):
    pictures = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    estimator = declared.build(Context(n_classes=2, precision="float32"))
    assert estimator.fit(pictures, np.arange(4) % 2).precision_ == "float32"
    assert declared.build(Context(n_classes=2)).precision is None


@pytest.mark.parametrize(("architecture", "head"), [("ResNet9", "head"), ("ResNet34", "fc")])
def test_the_body_learns_at_a_lower_rate_than_the_head(architecture, head):
    network = ARCHITECTURES[architecture](3)
    assert head_name(network) == head
    groups = rate_groups(network, 0.01, body_rate=0.3)
    rates = {id(v): group["lr"] for group in groups for v in group["params"]}
    for name, values in network.named_parameters():
        assert rates.pop(id(values)) == pytest.approx(0.01 if name.startswith(head) else 0.003)
    assert rates == {}
    assert len(rate_groups(network, 0.01, body_rate=1.0)) == 1


def test_a_body_rate_of_nothing_leaves_the_body_as_it_was():
    from models.training.classifier import TorchClassifier

    torch.manual_seed(0)
    network = ARCHITECTURES["ResNet9"](2)
    before = {name: v.clone() for name, v in network.named_parameters()}
    pictures = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
    estimator = TorchClassifier(lambda n_classes: network, body_rate=0.0, random_state=0)
    estimator.fit(pictures, np.arange(8) % 2)
    for name, values in estimator.network_.named_parameters():
        assert torch.equal(values, before[name]) == (not name.startswith("head.")), name


def test_timm_s_networks_without_timm_are_one_line_that_says_how(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda n: None if n == "timm" else find(n))
    with pytest.raises(ModelError, match="`pip install timm`"):
        select(["timm/resnet18"])


class TestTimm:
    @pytest.mark.parametrize("name", ["timm/resnet10t", "timm/test_vit"])
    def test_a_network_is_a_model_by_its_name(self, name):
        (found,) = select([name])
        assert (found.name, found.family, found.inputs) == (name, "deep", "images")
        assert found.parameters(Context(n_classes=2))["architecture"] == name.removeprefix("timm/")
        pictures = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
        estimator = found.build(Context(n_classes=2)).fit(pictures, np.arange(6) % 2)
        assert estimator.predict_proba(pictures).shape == (6, 2)

    def test_a_tagged_name_is_the_network_with_random_weights(self):
        (found,) = select(["timm/resnet18.a1_in1k"])
        assert found.training == "random"
        (plain,) = select(["timm/resnet18"])
        weights = []
        for model_ in (found, plain):
            torch.manual_seed(0)
            weights.append(model_.build(Context(n_classes=2)).network(2).state_dict())
        for name, values in weights[0].items():
            assert torch.equal(values, weights[1][name]), name

    def test_an_unknown_tag_suggests_those_that_there_are(self):
        with pytest.raises(ModelError, match=r"timm/resnet18\.\w+"):
            select(["timm/resnet18.nope_in1k"])

    def test_stands_beside_others_and_after_them(self):
        names = [known.name for known in select(["timm/resnet18", "GaussianNB"])]
        assert names == ["GaussianNB", "timm/resnet18"]

    def test_an_unknown_one_suggests_what_is_close(self):
        with pytest.raises(ModelError, match="timm/resnet18"):
            select(["timm/resnet1"])
