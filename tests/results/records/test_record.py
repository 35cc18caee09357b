from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.errors import ResultsError
from results.records.predictions import Predictions
from results.records.record import STATUSES, Record, moment

SECONDS = st.none() | st.floats(0, 1e9, allow_nan=False)
PLAIN = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, width=32)
PLAIN = PLAIN.filter(lambda value: not isinstance(value, float) or np.isfinite(value))
RECORDS = st.builds(
    Record,
    trial=st.text("0123456789abcdef", min_size=16, max_size=16),
    model=st.text(),
    family=st.sampled_from(["classical", "deep"]),
    training=st.sampled_from(["", "random", "pretrained"]),
    inputs=st.sampled_from(["features", "images"]),
    seed=st.integers(0, 2**32),
    preset=st.text(),
    status=st.sampled_from(STATUSES),
    reason=st.text(),
    notes=st.lists(st.text(), max_size=2).map(tuple),
    parameters=st.dictionaries(st.text(), PLAIN | st.lists(PLAIN, max_size=2), max_size=3),
    source=st.text(),
    dataset=st.text(),
    fingerprint=st.text(),
    classes=st.lists(st.text(), max_size=3).map(tuple),
    splits=st.dictionaries(st.text(), st.integers(0, 10**6), min_size=1, max_size=3),
    feature_set=st.text(),
    image_size=st.none() | st.integers(1, 512),
    fit_seconds=SECONDS,
    predict_seconds=st.dictionaries(st.text(), st.floats(0, 1e6), max_size=2),
    feature_seconds=SECONDS,
    device=st.text(),
    threads=st.none() | st.integers(1, 64),
    peak_memory_mb=SECONDS,
    parameter_count=st.none() | st.integers(0, 10**9),
    started=st.datetimes().map(lambda when: when.isoformat() + "Z"),
    finished=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    provenance=st.dictionaries(st.text(), PLAIN, max_size=2),
)


@settings(deadline=None, max_examples=60)
@given(RECORDS)
def test_a_record_reads_back_equal(record):
    again = Record.from_json(record.to_json())
    assert again == record
    assert list(again.splits) == list(record.splits)
    assert again.to_json() == record.to_json()


def test_names_of_odd_bytes_survive(record):
    odd = record(source=b"photos/\xff".decode("utf-8", "surrogateescape"))
    assert Record.from_json(odd.to_json()) == odd


def test_what_json_cannot_hold_is_written_as_its_repr(record):
    odd = record(
        parameters={"missing": np.nan, "seed": np.int64(3), "flag": np.bool_(True), "f": len}
    )
    written = json.loads(odd.to_json())["parameters"]
    assert written == {"missing": "nan", "seed": 3, "flag": True, "f": "<built-in function len>"}


def test_numbers_of_numpy_are_numbers(record):
    made = record(
        seed=np.int64(3),
        splits={"test": np.int32(6)},
        fit_seconds=np.float32(1.5),
        predict_seconds={"test": np.float64(0.5)},
        threads=np.uint8(2),
    )
    assert (made.seed, made.splits, made.fit_seconds, made.threads) == (3, {"test": 6}, 1.5, 2)
    assert Record.from_json(made.to_json()) == made


def test_keys_of_a_newer_version_are_ignored(record):
    values = json.loads(record().to_json()) | {"carbon_grams": 3}
    assert Record.from_json(json.dumps(values)) == record()


@pytest.mark.parametrize("name", ["trial", "status", "splits", "finished"])
def test_a_missing_key_is_named(record, name):
    values = json.loads(record().to_json())
    del values[name]
    with pytest.raises(ResultsError, match=f"{name} missing"):
        Record.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", b"\xff\xfe", "[" * 100_000])
def test_what_is_not_a_record_is_refused(text):
    with pytest.raises(ResultsError, match="not a record"):
        Record.from_json(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "great"),
        ("family", "shallow"),
        ("training", None),
        ("seed", "0"),
        ("seed", True),
        ("classes", "abc"),
        ("fit_seconds", float("nan")),
        ("predict_seconds", {"val": "soon"}),
        ("splits", {}),
        ("trial", "../../etc/passwd"),
        ("trial", "ABCDEF0123456789"),
        ("finished", "yesterday"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(record, name, value):
    with pytest.raises(ResultsError) as caught:
        replace(record(), **{name: value})
    assert "\n" not in str(caught.value)


def test_a_record_is_immutable(record):
    with pytest.raises(FrozenInstanceError):
        record().status = "failed"


def test_moments_of_either_spelling_are_the_same():
    assert moment("2025-01-01T00:00:00Z") == moment("2025-01-01T00:00:00+00:00")
    assert moment("2025-01-01T00:00:00") == moment("2025-01-01T01:00:00+01:00")


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": [0, 1]},
        {"predicted": [0.5, 1.0, 0.0]},
        {"scores": np.zeros((3,)), "kind": "decision"},
        {"scores": np.zeros((2, 2)), "kind": "decision"},
        {"scores": np.zeros((3, 2))},
        {"kind": "probability"},
        {"scores": np.zeros((3, 2)), "kind": "logits"},
    ],
)
def test_predictions_of_unequal_shapes_are_refused(changes):
    values = {"ids": ["a", "b", "c"], "labels": [0, 1, 0], "predicted": [0, 0, 0]}
    with pytest.raises(ResultsError):
        Predictions(**(values | changes))


def test_predictions_know_what_is_correct():
    answer = Predictions(["a", "b"], [0, 1], [0, 0])
    assert answer.correct.tolist() == [True, False]
    assert len(answer) == 2
