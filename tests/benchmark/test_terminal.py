"""What stands behind stdout and stderr may take nothing, or not every character."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark import terminal
from benchmark.terminal import LenientStream, PrintableFormatter

ROOT = Path(terminal.__file__).parents[1]


def command(*arguments, cwd, **options):
    return subprocess.run(
        [sys.executable, "-m", "benchmark", *arguments],
        cwd=cwd, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}, **options,
    )  # fmt: skip


def test_a_stream_that_takes_nothing_stops_nobody():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    stream = LenientStream(Full())
    for _ in range(2):
        print("a line", file=stream, flush=True)
    assert stream.error.errno == 28
    closed = io.StringIO()
    closed.close()
    for nowhere in (closed, None):
        print("a line", file=LenientStream(nowhere), flush=True)
        assert not LenientStream(nowhere).isatty()


def test_a_stream_that_takes_all_gets_all():
    kept = io.StringIO()
    print("a line", file=LenientStream(kept))
    assert kept.getvalue() == "a line\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_stdout_is_one_line_and_its_own_exit_code(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = command("datasets", cwd=tmp_path, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "stdout takes nothing more" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_a_reader_that_goes_away_is_no_error(tmp_path):
    line = f"{sys.executable} -m benchmark models; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({line}) | true"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stderr == "0\n"


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_stream_that_is_closed_is_no_error(tmp_path, closed):
    line = f"{sys.executable} -m benchmark datasets {closed}>&-"
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp932", "utf-16"])
def test_what_an_encoding_lacks_is_replaced(tmp_path, encoding):
    (tmp_path / "named.py").write_text(
        "from models import model\n"
        "@model('Ähnlich-褶皱', family='classical', inputs='features')\n"
        "def build(context): ...\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "benchmark", "models", "--plugin", "named.py"], cwd=tmp_path,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "hnlich" in done.stdout.decode(encoding)


def test_a_log_line_has_no_control_characters():
    record = logging.LogRecord("x", 30, "x", 1, "a file called \x1b[2J.json", (), None)
    assert PrintableFormatter("%(message)s").format(record) == "a file called \\x1b[2J.json"


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"FORCE_COLOR": "1"}, {}])
def test_a_log_has_no_bars(tmp_path, environment):
    kept = command(
        "run", "--data", "digits", "--models", "DummyClassifier", "--features", "original_mean",
        "--out", "out", cwd=tmp_path, capture_output=True, env=environment,
    )  # fmt: skip
    assert kept.returncode == 0, kept.stderr
    assert "\x1b[?25l" not in kept.stderr, "the cursor is hidden for bars"
    assert "\r" not in kept.stderr
    assert "10 classes, 1,797 pictures" in kept.stderr
