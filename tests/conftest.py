"""What every test has: a cache of its own, and an ear for Ctrl-C."""

import signal

import pytest

# A shell starts what runs in the background deaf to Ctrl-C, and so would be the processes that
# tests interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory, monkeypatch):
    """An empty cache, so that no test finds what another, or a real run, has left."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("BENCHMARK_CACHE", str(folder))
    return folder
