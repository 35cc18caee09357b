from __future__ import annotations

import pytest

from results.errors import ResultsError
from results.records.run import Run
from results.records.selection import select_records

OLD, NEW = "2025-03-01T09:00:00+00:00", "2025-03-02T09:00:00+00:00"


def names(selection):
    return [record.model for record in selection.records]


def test_no_record_is_a_clear_error():
    with pytest.raises(ResultsError, match="no finished trial"):
        select_records([], Run())


def test_without_a_run_file_the_newest_record_names_the_board(record):
    old = record("Old", fingerprint="beef", finished=OLD)
    found = select_records([record("New", finished=NEW), old], Run())
    assert names(found) == ["New"]
    assert found.left_out == 1


def test_the_run_file_names_the_board(record):
    records = [record("Old", fingerprint="beef", finished=OLD), record("New", finished=NEW)]
    run = Run(fingerprint="beef", preset="quick", feature_set="published", image_size=32)
    assert names(select_records(records, run)) == ["Old"]


def test_a_run_without_any_record_is_a_clear_error(record):
    with pytest.raises(ResultsError, match="last run"):
        select_records([record()], Run(fingerprint="beef", preset="quick"))


def test_feature_set_is_for_those_who_eat_features_and_size_for_images(record):
    run = Run(fingerprint="f00d", preset="quick", feature_set="published", image_size=32)
    records = [
        record("A"),
        record("B", feature_set="other"),
        record("C", family="deep"),
        record("D", family="deep", image_size=64),
        record("E", preset="thorough"),
    ]
    found = select_records(records, run)
    assert sorted(names(found)) == ["A", "C"]
    assert found.left_out == 3


def test_what_is_not_known_rules_nothing_out(record):
    run = Run(fingerprint="f00d", preset="quick", feature_set="", image_size=32)
    skipped = record("D", family="deep", status="skipped", image_size=None)
    assert len(select_records([record("A"), skipped], run).records) == 2


def test_without_a_run_file_sets_and_sizes_follow_the_newest(record):
    records = [
        record("A", feature_set="other", finished=OLD),
        record("B", finished=NEW),
        record("C", family="deep", image_size=64, finished=OLD),
    ]
    assert sorted(names(select_records(records, Run()))) == ["B", "C"]


def test_the_newest_of_the_same_model_stands(record):
    old = record("A", trial="0" * 16, finished=OLD, parameters={"C": 1})
    new = record("A", trial="1" * 16, finished=NEW, parameters={"C": 2})
    found = select_records([new, old], Run())
    assert found.records == (new,)
    assert found.left_out == 0
    assert found.newest == new


def test_seeds_and_devices_stand_beside_one_another(record):
    records = [record("A"), record("A", seed=1), record("A", device="cuda")]
    assert len(select_records(records, Run()).records) == 3


def test_weights_that_arrive_later_replace_the_unavailable_row(record):
    without = record("A", family="deep", status="unavailable", finished=OLD)
    found = select_records([without, record("A", family="deep", finished=NEW)], Run())
    assert [r.status for r in found.records] == ["ok"]
