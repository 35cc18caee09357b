"""Checkpoints as training codes write them: the body is found, or what is there is named."""

import argparse
import re
from collections import OrderedDict

import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from models import Unavailable  # noqa: E402
from models.weights.checkpoint import load_body  # noqa: E402


class Net(nn.Module):
    def __init__(self, n_classes=4, stages=2):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3)
        self.layer1 = nn.Sequential(*(nn.Conv2d(4, 4, 1) for _ in range(stages)))
        self.bn1 = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, n_classes)


def state(number=0, **how):
    torch.manual_seed(number)
    return Net(**how).state_dict()


def body():
    return {name: each for name, each in state().items() if not name.startswith("fc.")}


def within(prefix, tensors):
    return {f"{prefix}{name}": each for name, each in tensors.items()}


def loaded(tmp_path, content):
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    return load_body(path, body())


def check_is(found, number=0):
    expected = state(number)
    assert set(found.tensors) == set(body())
    assert all(torch.equal(each, expected[name]) for name, each in found.tensors.items())


def refusal(tmp_path, content):
    with pytest.raises(Unavailable) as raised:
        loaded(tmp_path, content)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def optimised():
    """A checkpoint with all that torch's own tutorial keeps."""
    torch.manual_seed(0)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    net.fc(net.bn1(net.layer1(net.conv1(torch.ones(2, 3, 8, 8)))).mean((2, 3))).sum().backward()
    optimizer.step()
    kept = {name: each.clone() for name, each in net.state_dict().items()}
    return kept, {"epoch": 3, "best_acc1": 0.5, "optimizer": optimizer.state_dict(), "model": kept}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: s,
        lambda s: OrderedDict(s),
        lambda s: {"state_dict": within("module.", s), "arch": "resnet"},
        lambda s: {"checkpoint": {"net": within("_orig_mod.", s)}},
        lambda s: {"model_state": within("model.encoder.", s) | {"model.decoder.0": s["bn1.bias"]}},
        lambda s: within("backbone.", s) | {"neck.conv.weight": s["conv1.weight"]},
        lambda s: {"hyper_parameters": {"lr": 0.1}, "state_dict": s, "loops": {"fit": {"n": 1}}},
        lambda s: {"args": argparse.Namespace(lr=0.1), "model": s},
        lambda s: {**s, "epoch": 3},
        lambda s: {n: s[n] for n in body()} | {"projector.0.bias": s["bn1.bias"]},
        lambda s: {0: {1: s}},
    ],
)  # fmt: skip
def test_wherever_it_lies_it_is_found(tmp_path, wrap):
    found = loaded(tmp_path, wrap(state()))
    check_is(found)
    assert found.note == ""


key = st.text(st.characters(codec="utf-8", exclude_characters="."), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@drawn_from(keys=st.lists(key, max_size=4), parts=st.lists(key, max_size=3))
def test_any_mapping_and_any_prefix(tmp_path_factory, keys, parts):
    content = within("".join(f"{part}." for part in parts), state())
    for each in keys:
        content = {each: content, "step": torch.tensor(7)}
    check_is(loaded(tmp_path_factory.mktemp("any"), content))


def test_what_an_optimiser_keeps_is_passed_over(tmp_path):
    kept, content = optimised()
    found = loaded(tmp_path, content)
    assert all(torch.equal(each, kept[name]) for name, each in found.tensors.items())
    assert found.note == ""


@pytest.mark.parametrize(
    ("content", "taken", "said"),
    [
        (lambda: {"model": state(0), "ema": state(1)}, 1, "under ema in .*not those under model"),
        (lambda: {"model_ema": state(1), "model": state(0)}, 1, "under model_ema"),
        (lambda: {"student": state(0), "teacher": within("backbone.", state(1))}, 1, "teacher"),
        (
            lambda: {"net": state(0), "last": {"net": state(1)}},
            0,
            "under net in .*under last / net",
        ),
        (
            lambda: within("module.encoder_q.", state(0)) | within("module.encoder_k.", state(1)),
            0,
            r"under module.encoder_q\. in .*under module.encoder_k\.",
        ),
        (lambda: {"schema": state(0), "b": state(1)}, 0, "under schema"),  # no "ema" in it
    ],
)
def test_of_several_one_is_taken_by_rule_and_a_note_says_which(tmp_path, content, taken, said):
    found = loaded(tmp_path, content())
    check_is(found, taken)
    assert re.search(said, found.note), found.note


def test_what_does_not_fit_is_no_choice(tmp_path):
    found = loaded(tmp_path, {"ema": {"conv1.weight": torch.zeros(1)}, "model": state()})
    check_is(found)
    assert found.note == ""


def test_a_mapping_that_holds_itself_ends(tmp_path):
    content = {"model": state()}
    content["again"] = content
    check_is(loaded(tmp_path, content))


def test_names_that_are_wanted_and_those_that_are_there_the_closest_first(tmp_path):
    renamed = {
        "zzz": torch.zeros(1),
        **{name.replace("conv1", "convolution1"): each for name, each in state().items()},
    }
    said = refusal(tmp_path, {"model": renamed})
    assert "2 tensors are missing (conv1.weight, conv1.bias)" in said
    assert "what is there: convolution1.weight, convolution1.bias, " in said


def test_nothing_alike_shows_what_is_there(tmp_path):
    said = refusal(tmp_path, {"a": torch.zeros(2), "b": {"c": torch.zeros(1)}})
    assert "another network" in said
    assert "what is there: " in said
    for content in ({"epoch": 3}, [1, 2], {3: torch.zeros(2)}, torch.zeros(3)):
        assert "no tensors with names" in refusal(tmp_path, content)


def test_more_of_a_stage_is_another_network(tmp_path):
    assert "layer1.2.weight has no place" in refusal(tmp_path, {"model": state(stages=3)})
    assert "1 tensor" not in refusal(tmp_path, state(stages=1))


def test_another_shape_is_named(tmp_path):
    wide = state() | {"conv1.weight": torch.zeros(8, 3, 3, 3)}
    said = refusal(tmp_path, within("module.", wide))
    assert "conv1.weight has the shape (8, 3, 3, 3), not (4, 3, 3, 3)" in said
