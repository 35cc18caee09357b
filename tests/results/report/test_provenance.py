from results.records.run import Run
from results.records.selection import Selection
from results.report.provenance import provenance_facts

LAPTOP = {"processor": "Laptop CPU", "cores": 4, "command": "run --models SVC"}
NODE = {"processor": "Node CPU", "cores": 64, "gpus": ["H200"], "command": "run --models deep"}


def facts(records, **run):
    return dict(provenance_facts(Selection(tuple(records), 0), Run(**run)))


def test_every_machine_version_and_command_is_there_with_its_trials(record):
    old, new = (
        {"versions": {"numpy": "1", "torch": "2"}},
        {"versions": {"numpy": "1", "torch": "3"}},
    )
    records = [
        record("A", provenance=LAPTOP | old, finished="2025-03-01T10:00:00Z"),
        record("B", provenance=LAPTOP | old, finished="2025-03-01T10:01:00Z", seed=1),
        record("C", provenance=NODE | new, finished="2025-03-01T10:02:00Z"),
    ]
    found = facts(records)
    assert found["machine"] == [
        "a: Laptop CPU, 4 cores (2 trials)",
        "b: Node CPU, 64 cores, H200 (1 trial)",
    ]
    assert found["command"] == ["run --models SVC (2 trials)", "run --models deep (1 trial)"]
    assert found["versions torch"] == ["2 (2 trials)", "3 (1 trial)"]
    assert found["versions numpy"] == ["1"]
    assert found["seed"] == ["0 (2 trials)", "1 (1 trial)"]
    assert "processor" not in found


def test_one_machine_is_named_without_a_mark_or_a_count(record):
    found = facts([record("A", provenance=LAPTOP), record("B", provenance=LAPTOP)])
    assert found["machine"] == ["Laptop CPU, 4 cores"]
    assert found["command"] == ["run --models SVC"]
    assert "machine" not in facts([record()])


def test_what_only_some_records_say_has_its_count(record):
    found = facts([record("A", provenance={"clock": 1, "system": "cold"}), record("B")])
    assert found["system"] == ["cold (1 trial)"]
    assert "clock" not in found


def test_train_is_counted_where_the_run_knows_it(record):
    found = facts([record()], splits={"train": 1480, "val": 4, "test": 6}, merged=["x", "y"])
    assert found["pictures"] == ["train 1,480, val 4, test 6"]
    assert found["merged from"] == ["x", "y"]
    assert facts([record()])["pictures"] == ["val 4, test 6"]


def test_what_was_left_out_of_the_source_is_said(record):
    found = facts([record()], left_out=2, remarks=("cat and Cat are two classes",))
    assert found["left out"] == ["2 files or columns"]
    assert found["remarks"] == ["cat and Cat are two classes"]
    found = facts([record()], unreadable={"a.png": "no picture"})
    assert found["left out"] == ["1 picture that can't be read"]
    assert not {"left out", "remarks"} & facts([record()]).keys()
