"""What every test has: a cache of its own."""

import pytest


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory, monkeypatch):
    """An empty cache, so that no test finds what another, or a real run, has left."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("BENCHMARK_CACHE", str(folder))
    return folder
