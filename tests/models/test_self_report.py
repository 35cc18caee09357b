"""What a fitted estimator says of itself, as plain values."""

import datetime
import decimal
import fractions
import json
import math
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.self_report import SelfReport, plain

LOOP: dict = {}
LOOP["again"] = LOOP


class Says:
    """An estimator with these attributes."""

    def __init__(self, **attributes):
        self.__dict__ |= attributes

    def fit(self, X, y):
        return self


def test_an_estimator_that_says_nothing():
    assert SelfReport.of(Says()) == SelfReport()


def test_the_last_step_of_a_pipeline_is_asked():
    pipeline = make_pipeline(StandardScaler(), Says(notes_=["chose 5"], n_parameters_=7))
    assert SelfReport.of(pipeline) == SelfReport(notes=("chose 5",), parameter_count=7)


def test_an_error_may_bring_the_history_of_the_training_that_it_ended():
    error = ValueError("diverged")
    error.history = [{"epoch": np.int64(1), "loss": np.float32("nan")}]
    ((epoch,), notes) = (SelfReport.of(error).history, SelfReport.of(error).notes)
    assert epoch["epoch"] == 1
    assert math.isnan(epoch["loss"])
    assert notes == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5), (np.int8(3), 3), (np.bool_(True), True), (np.str_("a"), "a"),
        (np.array(0.25), 0.25), (np.array([1, 2], np.uint8), [1, 2]), (np.eye(2), [[1, 0], [0, 1]]),
        (np.array([np.int8(1), None, "a"], dtype=object), [1, None, "a"]),
        (fractions.Fraction(1, 4), 0.25), (decimal.Decimal("0.5"), 0.5),
        (pd.Series([1.5, 2.5]), [1.5, 2.5]), (pd.Timestamp("2026-01-01"), "2026-01-01 00:00:00"),
        (datetime.date(2026, 1, 1), "2026-01-01"), (2j, "2j"), (np.complex64(2j), "2j"),
        ({np.int64(1): {2.5: (np.int8(1), [])}, "b": {3}}, {"1": {"2.5": [1, []]}, "b": [3]}),
        (np.ndarray, "<class 'numpy.ndarray'>"), (int, "<class 'int'>"), (b"x", "b'x'"),
        (10**400, 10**400), (None, None), (True, True), ("text", "text"),
    ],
)  # fmt: skip
def test_values_are_what_json_can_hold(value, expected):
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("kind", ["float32", "bfloat16", "float64", "int64", "bool"])
@pytest.mark.parametrize("shape", [(), (1,), (2, 2)])
def test_tensors_are_numbers_and_lists_of_them(kind, shape):
    torch = pytest.importorskip("torch")
    tensor = torch.ones(shape, dtype=getattr(torch, kind))
    expected = np.ones(shape).tolist()
    assert plain(tensor) == expected
    if tensor.is_floating_point():
        assert plain(tensor.requires_grad_() * 1) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text()
        | hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_side=3)),
        lambda each: st.lists(each) | st.dictionaries(st.text() | st.integers(), each),
    )
)  # fmt: skip
def test_anything_made_of_plain_things_and_arrays_is_read_again_from_json(value):
    found = plain(value)
    again = json.loads(json.dumps(found))
    # As text, since NaN is not equal to itself.
    assert json.dumps(again) == json.dumps(found)


def test_numbers_of_numpy_s_and_torch_s_are_numbers_everywhere():
    torch = pytest.importorskip("torch")
    said = SelfReport.of(
        Says(
            history_=[{"epoch": np.int64(k), "loss": torch.tensor(1 / k)} for k in (1, 2)],
            clock_={"aside_seconds": torch.tensor(0.5), "earlier_seconds": np.float32(2.0)},
            n_parameters_=np.array(12),
            notes_=np.array(["one", "two"]),
            precision_=np.str_("float32"),
        )
    )
    assert said == SelfReport(
        notes=("one", "two"),
        history=[{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 0.5}],
        clock={"aside_seconds": 0.5, "earlier_seconds": 2.0},
        precision="float32",
        parameter_count=12,
    )
    assert b"torch" not in pickle.dumps(said)  # the runner's process reads it without


@pytest.mark.parametrize(
    ("notes", "expected"),
    [("one", ("one",)), (["one", 2], ("one", "2")), (None, ()), ((), ()), (np.array("x"), ("x",))],
)
def test_notes_are_a_sentence_or_several(notes, expected):
    assert SelfReport.of(Says(notes_=notes)).notes == expected


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("n_parameters_", "many"), ("n_parameters_", float("nan")), ("n_parameters_", [1, 2]),
        ("clock_", {"aside_seconds": float("inf")}), ("clock_", {"earlier_seconds": "long"}),
        ("clock_", 3.0), ("history_", LOOP),
    ],
)  # fmt: skip
def test_what_can_t_be_understood_is_left_out_and_said(attribute, value):
    said = SelfReport.of(Says(**{attribute: value}))
    (note,) = said.notes
    assert note.startswith(f"its {attribute} can't be understood and is left out (")
    assert (said.parameter_count, said.clock, said.history) == (None, {}, None)


def test_a_property_that_raises_is_said_and_one_that_is_not_there_is_not():
    class Moody(Says):
        @property
        def history_(self):
            raise RuntimeError("not\nyet")

        @property
        def notes_(self):
            raise AttributeError("none")

    assert SelfReport.of(Moody()).notes == (
        "its history_ can't be understood and is left out (RuntimeError: not yet)",
    )
