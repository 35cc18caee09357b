from __future__ import annotations

import pytest

from results.board.naming import machine_key, machine_letters
from results.leaderboard import Leaderboard

LAPTOP = {"processor": "Laptop CPU", "cores": 4}
NODE = {"processor": "Node CPU", "cores": 64, "gpus": ["H200", "H200"]}


def test_a_machine_is_its_processor_cores_and_gpus(record):
    assert record(provenance=NODE).machine == "Node CPU, 64 cores, H200, H200"
    assert record(provenance=LAPTOP).machine == "Laptop CPU, 4 cores"
    assert record().machine == ""


def test_one_machine_needs_no_mark(record):
    assert machine_letters([record("A", provenance=LAPTOP), record("B", provenance=LAPTOP)]) == {}
    failed = record("C", provenance=NODE, status="failed")
    assert machine_letters([record(provenance=LAPTOP), failed]) == {}, "it has no times"


def test_each_of_several_machines_has_a_letter(record):
    records = [record("A", provenance=LAPTOP), record("B", provenance=NODE), record("C")]
    found = machine_letters(records)
    assert sorted(found.values()) == ["a", "b", "c"]
    assert "machine unknown" in dict(machine_key(found)).values()
    many = [record(f"M{k}", provenance={"processor": f"P{k:02d}"}) for k in range(28)]
    assert len(set(machine_letters(many).values())) == 28


@pytest.fixture
def board(keep, store):
    """Classical rows and a network from a laptop, the network on a node's GPU too."""
    keep("SVC", provenance=LAPTOP, finished="2025-03-01T10:00:00+00:00")
    deep = {"family": "deep", "training": "random"}
    keep("ResNet9", {"test": [0]}, **deep, provenance=LAPTOP, fit_seconds=60.0)
    keep("ResNet9", {"test": [0, 1]}, **deep, provenance=NODE, device="cuda")
    keep("ResNet34", **deep, provenance=NODE, device="cuda")
    return Leaderboard.from_store(store)


def test_times_of_two_machines_are_marked_and_explained(board):
    page = board.to_markdown()
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    lines = [[cell.strip() for cell in cells] for cells in lines]
    network = next(cells for cells in lines if cells[1::2][:2] == ["ResNet9", "test"])
    assert network[4:] == ["0.833 / 0.667", "60.50 (a)", "2.50 (b)"]
    svc = next(cells for cells in lines if cells[1::2][:2] == ["SVC", "test"])
    assert svc[5] == "3.50 (a)"
    assert "Times come from 2 machines" in page
    assert "a: Laptop CPU, 4 cores; b: Node CPU, 64 cores, H200, H200" in page
    assert "Times come from 2 machines" in str(board)


def test_seeds_of_two_machines_have_no_mean_time(keep, store):
    keep("SVC", seed=1, provenance=LAPTOP, finished="2025-03-01T10:00:00+00:00")
    keep("SVC", seed=2, provenance=LAPTOP, fit_seconds=4.0)
    keep("SVC", seed=3, provenance=NODE, fit_seconds=40.0)
    assert " 4.50 (a) / 41.50 (b) |" in Leaderboard.from_store(store).to_markdown()


def test_a_network_that_failed_on_one_device_keeps_that_row(keep, store):
    keep("SVC")
    keep("ResNet9", family="deep", status="timeout", reason="killed", device="cpu")
    keep("ResNet9", family="deep", device="cuda")
    page = Leaderboard.from_store(store).to_markdown()
    summary = page.split("## val")[0]
    assert summary.count("ResNet9") >= 2
    assert "timeout" in summary
