"""The device: deterministic where torch can, a sentence where it can't, and a kept heap."""

import platform
import resource
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from models.training.device import _deterministic, _kept_heap, isolated  # noqa: E402

ROOT = Path(__file__).parents[3]

glibc = pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="glibc's heap"
)


def overwrite():
    """A place written to twice, which torch does not promise to do in one order."""
    torch.zeros(3).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))


def test_what_is_not_deterministic_is_told_once(monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    notes = []
    with _deterministic(notes):
        assert torch.are_deterministic_algorithms_enabled()
        for _ in range(3):
            overwrite()
    assert notes == ["another fit may differ: put_ does not have a deterministic implementation"]
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.utils.deterministic.fill_uninitialized_memory


def test_other_warnings_are_passed_on(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    notes = []
    with pytest.warns(UserWarning, match="something else"), _deterministic(notes):
        warnings.warn("something else", stacklevel=1)
    assert notes == []


def test_float32_is_float32_and_all_settings_come_back():
    before = torch.backends.cudnn.allow_tf32
    with isolated(torch.device("cpu"), threads=1, seed=0) as notes:
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.deterministic
    assert torch.backends.cudnn.allow_tf32 == before
    assert notes == []


# --- the heap: freed blocks are kept inside, and given back at the end ------------------------


def training_step():
    """A step of training whose maps are blocks of 39 MB each."""
    network = nn.Sequential(
        *(nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU()),
    )
    pictures = torch.randn(300, 3, 32, 32)

    def take():
        network(pictures).sum().backward()

    take()  # what the first one builds up stays
    return take


@pytest.fixture(scope="module")
def step():
    return training_step()


def pages_given(step):
    """Pages that the system gives this process during a step."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def pages_usual_and_kept():
    """Pages given in a step, usually and with the heap kept: the least of three."""
    step = training_step()
    usual = min(pages_given(step) for _ in range(3))
    with _kept_heap():
        for _ in range(3):
            step()
        return usual, min(pages_given(step) for _ in range(3))


def resident():
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@glibc
def test_a_step_takes_again_what_the_one_before_freed():
    # In a process of its own: among what other tests left in the heap, a block need not find the
    # hole again that it left.
    program = f"import runpy; print(*runpy.run_path({__file__!r})['pages_usual_and_kept']())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    usual, kept = map(int, done.stdout.split())
    assert kept < usual / 10


@glibc
def test_what_was_kept_is_given_back(step):
    before = resident()
    with _kept_heap():
        step()
        step()
        kept = resident() - before
    assert kept > 100 * 2**20
    assert resident() - before < kept / 4


@glibc
def test_given_back_after_an_error_too(step):
    def fail():
        with _kept_heap():
            step()
            raise ValueError("in the block")

    before = resident()
    with pytest.raises(ValueError, match="in the block"):
        fail()
    assert resident() - before < 50 * 2**20


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr("ctypes.CDLL", None)  # calling it would raise
    with _kept_heap():
        assert torch.ones(3).sum() == 3
