"""What a record's provenance says of the training, the explanation and the machine."""

from __future__ import annotations

import pytest

from results.records.provenance import GradCam, PermutationImportance

CAM = {"method": "gradcam", "split": "test", "layer": "body.3", "ids": ["a"], "maps": [[[0, 9]]]}
NEEDS = {
    "method": "permutation",
    **{"split": "val", "rows": 4, "accuracy": 1, "groups": 2, "columns": 3},
    "losses": [["f1", 0.1, 0], ["f2", -0.1, 0.2]],
}


def explained(record, content):
    return record(provenance={"explanation": content}).explanation


def test_where_a_network_looks(record):
    found = explained(record, CAM)
    assert isinstance(found, GradCam)
    assert (found.split, found.layer, found.ids, found.maps) == (
        *("test", "body.3", ("a",)),
        ([[0, 9]],),
    )


def test_what_a_model_needs(record):
    found = explained(record, NEEDS)
    assert isinstance(found, PermutationImportance)
    assert (found.pictures, found.groups, found.columns) == (4, 2, 3)
    assert found.by_group == [("f1", [0.1, 0.0]), ("f2", [-0.1, 0.2])]


def test_an_explanation_that_failed_says_why(record):
    failed = record(provenance={"explanation": {"error": "MemoryError: no"}})
    assert failed.explanation is None
    assert failed.explanation_error == "MemoryError: no"
    for content in (None, CAM, {"error": 3}):
        assert record(provenance={"explanation": content}).explanation_error == ""


@pytest.mark.parametrize(
    "content",
    [None, {}, "?", 3, {"method": "lime"}, {**CAM, "maps": "?"}, {**NEEDS, "losses": [3]}],
)
def test_an_explanation_that_is_not_known_is_none(record, content):
    assert explained(record, content) is None
    assert record().explanation is None


def test_a_history_has_the_numbers_that_every_epoch_has(record):
    epochs = [
        {"epoch": 1, "loss": 0.5, "first": 1.0, "note": "x", "late": float("nan"), "flag": True},
        {"epoch": 2, "loss": 0.25, "late": 1.0},
    ]
    history = record(provenance={"history": [*epochs, "?"]}).history
    assert history == {"epoch": [1.0, 2.0], "loss": [0.5, 0.25]}
    assert record().history == {}


def test_a_machine_is_what_is_known_of_it(record):
    whole = {"processor": "Node CPU", "cores": 64, "gpus": ["H200"]}
    assert record(provenance=whole).machine == "Node CPU, 64 cores, H200"
    assert record(provenance={**whole, "gpus": "?", "cores": None}).machine == "Node CPU"
    assert record(provenance={"versions": {"numpy": "2"}}).versions == {"numpy": "2"}
    assert record(provenance={"versions": "2"}).versions == {}
