"""Drafts: whose they are, and which are removed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark import drafts
from benchmark.drafts import disown, new_draft, remove_abandoned

ROOT = Path(drafts.__file__).parents[1]


@pytest.fixture
def killed(tmp_path):
    """The draft of a process that was killed."""
    script = (
        "import os, sys; from pathlib import Path; from benchmark.drafts import new_draft;"
        "print(new_draft(Path(sys.argv[1]), 'x-'), flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return Path(done.stdout.strip())


def test_only_what_a_killed_process_left_is_removed(tmp_path, killed):
    mine = new_draft(tmp_path, "x-")
    assert killed.is_dir()
    remove_abandoned(tmp_path.glob("x-*"))
    assert not killed.exists()
    assert mine.is_dir()


@pytest.mark.parametrize("change", [lambda words: ["elsewhere", *words[1:]], lambda words: []])
def test_what_another_host_or_version_may_own_is_left_for_a_week(killed, change):
    owner = killed / ".owner"
    owner.write_text(" ".join(change(owner.read_text().split())))
    remove_abandoned([killed])
    assert killed.is_dir()
    week_ago = time.time() - 8 * 24 * 3600
    for path in (owner, killed):
        os.utime(path, (week_ago, week_ago))
    remove_abandoned([killed])
    assert not killed.exists()


def test_a_process_that_has_the_number_of_the_owner_is_not_the_owner(tmp_path):
    mine = new_draft(tmp_path, "x-")
    place, pid, start = (mine / ".owner").read_text().split()
    (mine / ".owner").write_text(f"{place} {pid} {float(start) - 3600}")
    remove_abandoned([mine])
    assert not mine.exists()


def test_what_was_a_draft_is_a_folder_like_any_other(tmp_path):
    mine = new_draft(tmp_path, "x-")
    disown(mine)
    assert list(mine.iterdir()) == []
