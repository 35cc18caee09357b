"""Train pictures that a fit asks for: decoded elsewhere, and never waited for in vain."""

import contextlib
import io
import os
import signal
import time

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image

from benchmark.datasets import ArrayPictures, Split
from benchmark.datasets.pictures import ChangedPicture, FilePictures
from benchmark.inputs.reader import Reader
from benchmark.inputs.watch import Workers


def endless_jpeg():
    """16 million pixels in 60,000 scans with nothing in them: a minute's work."""
    file = io.BytesIO()
    Image.new("L", (4000, 4000)).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    start = content.index(b"\xff\xda")
    scan = content[start : start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")]
    return content[:start] + (scan + b"\0") * 60_000 + b"\xff\xd9"


@pytest.fixture
def split(tmp_path):
    """Five files, each filled with its number; the third is none."""
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), np.full((4, 6, 3), number, np.uint8))
    paths[2].write_text("no picture")
    return Split(np.arange(5) % 2, list("abcde"), FilePictures(paths))


def shown(reader):
    return [
        None if picture is None else int(picture.max())
        for picture in map(reader.__getitem__, range(5))
    ]


def test_each_picture_is_shown_and_what_is_none_is_none(split):
    with contextlib.closing(Reader(split, Workers(2))) as reader:
        assert len(reader) == 5
        assert shown(reader) == [0, 1, None, 3, 4]
        assert reader[4].shape == (4, 6, 3)
        assert reader.given_up == {}
        pid = reader._process._child.pid
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_what_lies_in_memory_takes_no_process(monkeypatch):
    monkeypatch.setattr("benchmark.inputs.reader.Watched", lambda *_: pytest.fail("started"))
    pictures = ArrayPictures(
        np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((3, 3), np.uint8)
    )
    reader = Reader(Split(np.zeros(5, int), list("abcde"), pictures), Workers(1))
    assert shown(reader) == [0, 1, 2, 3, 4]


def test_a_picture_that_takes_too_long_is_given_up(split):
    split.pictures.paths[1].write_bytes(endless_jpeg())
    started = time.monotonic()
    with contextlib.closing(Reader(split, Workers(1, seconds=1.0))) as reader:
        assert shown(reader) == [0, None, None, 3, 4]
        assert shown(reader) == [0, None, None, 3, 4]  # and is not tried again
        assert reader.given_up == {1: "b: it took longer than 1 s"}
    assert time.monotonic() - started < 20


def test_a_picture_that_takes_too_much_memory_is_given_up(split):
    cv2.imwrite(str(split.pictures.paths[1]), np.zeros((9000, 9000, 3), np.uint8))
    with contextlib.closing(Reader(split, Workers(1, memory_gb=0.3))) as reader:
        assert shown(reader) == [0, None, None, 3, 4]
        assert reader.given_up == {1: "b: it took more than 0.30 GB of memory"}


def test_a_process_that_is_killed_is_replaced(split):
    with contextlib.closing(Reader(split, Workers(1))) as reader:
        assert reader[0] is not None
        os.kill(reader._process._child.pid, signal.SIGKILL)
        assert shown(reader) == [0, 1, None, 3, 4]
        assert reader.given_up == {}


def test_a_file_that_changed_is_said(split):
    split.pictures.digest(3)
    split.pictures.paths[3].write_bytes(split.pictures.paths[1].read_bytes())
    with (
        contextlib.closing(Reader(split, Workers(1))) as reader,
        pytest.raises(ChangedPicture, match="held something else"),
    ):
        shown(reader)
