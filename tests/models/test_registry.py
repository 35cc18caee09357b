"""Declaring, finding and forgetting models."""

import functools
import importlib.util
from pathlib import Path

import pytest

from models import Context, ModelError, forget_models, model, registered, select

HERE = str(Path(__file__).resolve())


@pytest.fixture(autouse=True)
def _only_the_built_in_ones():
    before = registered()
    yield
    forget_models(HERE)
    assert registered() == before


def declare(name="Mine", family="classical", inputs="features", **more):
    return model(name, family=family, inputs=inputs, **more)(lambda context: context)


def names(patterns):
    return [known.name for known in select(patterns)]


def test_a_declared_model_is_found_and_builds_from_a_context():
    declare()
    (mine,) = select(["Mine"])
    assert (mine.family, mine.inputs, mine.training, mine.origin) == (
        "classical", "features", "", HERE,
    )  # fmt: skip
    assert mine.build(Context(n_classes=2, seed=9)).seed == 9
    assert mine.parameters(Context(n_classes=2)) == {}


def test_the_decorator_leaves_the_function_as_it_is():
    def build(context):
        return 1

    assert model("Mine", family="classical", inputs="images")(build) is build


def test_a_class_or_a_partial_can_be_a_builder_and_knows_its_file():
    class Estimator:
        def __init__(self, context):
            self.context = context

    model("Class", family="classical", inputs="features")(Estimator)
    partial = functools.partial(lambda depth, context: depth, 3)
    model("Partial", family="classical", inputs="features")(partial)
    assert {known.origin for known in select(["Class", "Partial"])} == {HERE}


@pytest.mark.parametrize("file", ["<stdin>", "<string>", "/tmp/ipykernel_7/1234.py"])
def test_a_model_without_a_file_is_told_to_go_into_one(file):
    """As a notebook's cell, `python -c` and a prompt compile theirs."""
    cell = "from models import model\nmodel('Cell', family='classical', inputs='features')(list)"
    with pytest.raises(
        ModelError, match=r"'Cell' is declared in .* put the model into a file"
    ) as e:
        exec(compile(cell, file, "exec"), {"__name__": "__main__"})
    assert "\n" not in str(e.value)
    assert "Cell" not in [known.name for known in registered()]


def test_a_deep_model_is_trained_from_scratch_unless_it_says_otherwise():
    declare("Scratch", family="deep", inputs="images")
    declare("Tuned", family="deep", inputs="images", training="pretrained")
    assert [known.training for known in select(["Scratch", "Tuned"])] == ["random", "pretrained"]


def test_names_and_globs_select_in_the_registry_s_order_and_once():
    assert names(["SVC", "*NB", "GaussianNB"]) == ["BernoulliNB", "GaussianNB", "SVC"]
    assert names(["ResNet9*"]) == ["ResNet9-grey", "ResNet9", "ResNet9-modelled"]
    assert names(["resnet34?pre*", "[ln]*svc"]) == ["LinearSVC", "NuSVC", "ResNet34-pretrained"]
    assert names(["gaussiannb"]) == ["GaussianNB"]


@pytest.mark.parametrize("name", ["Net [v2]", "Net*", "svc"])
def test_a_model_is_found_by_its_own_name_alone_whatever_it_looks_like(name):
    declare(name)
    declare("NetOther")
    assert names([name]) == [name]
    assert names(["SVC"]) == ["SVC"]


@pytest.mark.parametrize(
    ("mistake", "hint"),
    [
        ("RandomForrest", "did you mean RandomForestClassifier"),
        ("resnet43", "ResNet34"),
        ("GausianNB", "did you mean GaussianNB"),
        ("qqq", "`python -m benchmark models` lists them"),
        ("Zzz*", "`python -m benchmark models` lists them"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_names_that_are_close(mistake, hint):
    with pytest.raises(ModelError) as raised:
        select(["SVC", mistake])
    assert repr(mistake) in str(raised.value)
    assert hint in str(raised.value)


def test_a_name_used_twice_names_both_files_and_keeps_the_first(tmp_path):
    other = tmp_path / "other.py"
    other.write_text(
        "from models import model\n"
        "model('Mine', family='classical', inputs='features')(lambda context: 2)\n"
    )
    declare("Mine")
    spec = importlib.util.spec_from_file_location("other", other)
    with pytest.raises(ModelError, match="'Mine' is used twice") as raised:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert HERE in str(raised.value)
    assert str(other) in str(raised.value)
    assert select(["Mine"])[0].origin == HERE


def test_a_built_in_name_is_taken():
    with pytest.raises(ModelError, match="'SVC' is used twice: in built in and in"):
        declare("SVC")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": ""}, "a model's name is a text that is not empty"),
        ({"name": 3}, "a model's name is a text that is not empty"),
        ({"family": "shallow"}, "family is 'shallow'; choose one of 'classical', 'deep'"),
        ({"inputs": "pixels"}, "inputs is 'pixels'; choose one of 'features', 'images'"),
        ({"training": "lazy"}, "training is 'lazy'"),
    ],
)
def test_a_wrong_declaration_says_what_is_allowed_and_is_not_kept(wrong, reason):
    before = registered()
    with pytest.raises(ModelError, match=reason):
        declare(**wrong)
    assert registered() == before


def test_forgetting_a_file_leaves_the_models_of_others():
    before = registered()
    declare("One")
    declare("Two")
    forget_models("/elsewhere.py")
    assert len(registered()) == len(before) + 2
    forget_models(HERE)
    assert registered() == before
