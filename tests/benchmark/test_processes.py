"""How children are started, and what they are held to."""

import contextlib
import importlib
import os
import subprocess
import sys
import time
import types
from pathlib import Path

import psutil
import pytest

from benchmark import processes

ROOT = Path(processes.__file__).parents[1]


REPORTING = """
import os, signal, sys
from benchmark import processes

def report(threads, connection):
    processes.enter_child(threads)
    import numpy as np
    import threadpoolctl

    np.ones((9, 9)) @ np.ones((9, 9))
    connection.send({
        "main": getattr(sys.modules["__main__"], "__file__", None),
        "leads its group": os.getpgid(0) == os.getpid(),
        "threads": {pool["num_threads"] for pool in threadpoolctl.threadpool_info()},
        "variable": os.environ["OMP_NUM_THREADS"],
        "hears Ctrl-C": signal.getsignal(signal.SIGINT) != signal.SIG_IGN,
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
    })
    connection.close()
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_a_child_has_its_own_group_its_threads_and_nothing_of_the_main_script(
    tmp_path, monkeypatch, threads
):
    (tmp_path / "reporting_child.py").write_text(REPORTING)
    monkeypatch.syspath_prepend(tmp_path)
    reporting = importlib.import_module("reporting_child")
    child = processes.Child(reporting.report, (threads,), "reporting")
    report = child.connection.recv()
    del sys.modules["reporting_child"]
    assert child.exit_code() == 0
    child.kill()
    assert report == {
        "main": None, "leads its group": True, "threads": {threads}, "variable": str(threads),
        "hears Ctrl-C": False, "blocked": set(),
    }  # fmt: skip


def wait_for_ever(connection):
    time.sleep(600)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no forkserver")
def test_a_start_is_tried_again_while_a_killed_starter_dies(monkeypatch):
    """It counts as there for a moment, and takes no one in."""
    from multiprocessing import forkserver

    connect, dead = forkserver.connect_to_new_process, time.monotonic() + 0.5

    def dying(fds):
        if time.monotonic() < dead:
            raise ConnectionRefusedError(111, "Connection refused")
        return connect(fds)

    monkeypatch.setattr(forkserver, "connect_to_new_process", dying)
    child = processes.Child(wait_for_ever, (), "waiting")
    assert child.is_alive
    child.kill()


def test_the_main_script_is_back_when_children_have_been_started():
    before = sys.modules["__main__"]
    with contextlib.suppress(ValueError), processes._starting():
        hidden = sys.modules["__main__"]
        raise ValueError("on the way")
    assert isinstance(hidden, types.ModuleType)
    assert hidden is not before
    assert sys.modules["__main__"] is before


def test_linux_has_a_forkserver_and_the_others_spawn(monkeypatch):
    for platform, method in (("linux", "forkserver"), ("darwin", "spawn"), ("win32", "spawn")):
        monkeypatch.setattr(sys, "platform", platform)
        assert processes.context.__wrapped__().get_start_method() == method


def test_cores_are_those_that_this_process_may_use():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("no affinity on this system")
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert processes.cores() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert processes.cores() == len(before)


def test_every_module_that_is_loaded_ahead_exists():
    script = (
        "from benchmark.trials.libraries import LIBRARIES; from importlib import import_module\n"
        "for name in LIBRARIES: import_module(name)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_child_is_gone_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, time\n"
        "from benchmark import processes\n"
        "import hanging_child\n"
        "child = processes.Child(hanging_child.wait, (), 'hanging')\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    (tmp_path / "hanging_child.py").write_text(
        "import ctypes, subprocess\n"
        "from benchmark.processes import enter_child\n"
        "def wait(connection):\n"
        "    enter_child(1)\n"
        "    sleeper = subprocess.Popen(['sleep', '600'])\n"
        "    open('sleeper', 'w').write(str(sleeper.pid))\n"
        "    ctypes.PyDLL(None).sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, str(script)], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )  # fmt: skip
    try:
        pids = [int(parent.stdout.readline())]
        deadline = time.monotonic() + 20
        sleeper = tmp_path / "sleeper"
        while not (sleeper.exists() and sleeper.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        pids.append(int(sleeper.read_text()))
        assert all(psutil.pid_exists(pid) for pid in pids)
    finally:
        parent.kill()
        parent.communicate()
    deadline = time.monotonic() + 5
    while any(map(_lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_lives, pids))


def _lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
