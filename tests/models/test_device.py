"""The device: deterministic where torch can, and a sentence where it can't."""

import warnings

import pytest

torch = pytest.importorskip("torch")

from models.device import deterministic, isolated  # noqa: E402


def overwrite():
    """A place written to twice, which torch does not promise to do in one order."""
    torch.zeros(3).put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))


def test_what_is_not_deterministic_is_told_once(monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    notes = []
    with deterministic(notes):
        assert torch.are_deterministic_algorithms_enabled()
        for _ in range(3):
            overwrite()
    assert notes == ["another fit may differ: put_ does not have a deterministic implementation"]
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.utils.deterministic.fill_uninitialized_memory


def test_other_warnings_are_passed_on(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    notes = []
    with pytest.warns(UserWarning, match="something else"), deterministic(notes):
        warnings.warn("something else", stacklevel=1)
    assert notes == []


def test_float32_is_float32_and_all_settings_come_back():
    before = torch.backends.cudnn.allow_tf32
    with isolated(torch.device("cpu"), threads=1, seed=0) as notes:
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.deterministic
    assert torch.backends.cudnn.allow_tf32 == before
    assert notes == []
