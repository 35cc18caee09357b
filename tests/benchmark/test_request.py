"""Every option written once: commands, calls and contexts have it from there."""

import inspect
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

import benchmark
from benchmark.cli import runs
from benchmark.request import CurveRequest, Request, RunRequest, options_of, takes
from models import Context

RUNS = [
    (benchmark.run, runs.run_command, RunRequest),
    (benchmark.curve, runs.curve_command, CurveRequest),
]


@pytest.mark.parametrize(("call", "command", "request_type"), RUNS)
def test_a_call_and_its_command_have_the_options_and_defaults_of_the_request(
    call, command, request_type
):
    expected = {
        field.name: inspect.Parameter.empty if field.default is MISSING else field.default
        for field in fields(request_type)
    }
    for function in (call, command):
        parameters = inspect.signature(function).parameters
        assert {name: p.default for name, p in parameters.items()} == expected


def test_all_has_every_option_of_run_but_the_models():
    every = set(inspect.signature(runs.run_command).parameters)
    assert set(inspect.signature(runs.all_command).parameters) == every - {"models"}


@pytest.mark.parametrize(("call", "command", "request_type"), RUNS)
def test_a_call_s_docstring_has_every_option_with_its_help(call, command, request_type):
    text = " ".join(inspect.getdoc(call).split())
    for name, about in options_of(request_type).items():
        assert f"{name} : {about.help}" in text
        assert about.unset is None or f"By default {about.unset}." in text
    assert text.index("Parameters") < text.index("Raises")


def test_a_call_refuses_what_is_no_option_and_takes_data_alone_by_place():
    with pytest.raises(TypeError, match="epochs"):
        benchmark.run("digits", epochs=3)
    with pytest.raises(TypeError, match="positional"):
        benchmark.run("digits", "ResNet9")
    with pytest.raises(TypeError, match="models"):
        benchmark.curve("digits")


def test_what_models_are_told_of_a_request_bears_the_request_s_name():
    own = {"n_classes", "checkpoint", "validation"}
    assert {field.name for field in fields(Context)} - own <= {
        field.name for field in fields(Request)
    }


def test_a_request_can_t_be_changed():
    with pytest.raises(AttributeError):
        RunRequest().seed = 1


def test_another_call_is_one_decorator():
    @takes(RunRequest)
    def where(request: RunRequest) -> Path:
        """Where a run writes."""
        return Path(request.out or "runs")

    assert where("digits", out="x") == Path("x")
    assert inspect.signature(where).parameters["seed"].annotation is int
