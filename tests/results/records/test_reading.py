"""Whatever lies in a run's folder in a file's place: read, or refused at once and by name."""

from __future__ import annotations

import json
import logging
import os
import resource
import socket
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from results import Curve, Leaderboard, compare_boards, gather, load_board
from results.errors import ResultsError
from results.records.exhibits import Exhibits
from results.records.predictions import from_parquet
from results.records.reading import MOST_TEXT, json_object, read_file
from results.records.run import CurveRun, Run
from results.records.store import Store


def pipe(path):
    os.mkfifo(path)


def listening(path):
    # The name of a socket may have 107 bytes.
    here = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


def device(path):
    path.symlink_to("/dev/zero")


def terminal(path):
    path.symlink_to("/dev/tty")


def sparse(path):
    with path.open("wb") as file:
        file.truncate(10 * 2**30)


def circle(path):
    path.symlink_to(path)


PLACES = {
    "a pipe": (pipe, "no regular file|cannot be read"),
    "a socket": (listening, "cannot be read"),
    "a device": (device, "no regular file"),
    "a terminal": (terminal, "no regular file|cannot be read"),
    "a folder": (lambda path: path.mkdir(), "no regular file"),
    "a link to nowhere": (lambda path: path.symlink_to("nowhere"), "leads nowhere"),
    "a link to itself": (circle, "cannot be read"),
    "10 GiB of nothing": (sparse, "10,737,418,240 bytes"),
}
needs_linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="not Linux")
everything = pytest.mark.parametrize("kind", PLACES)


@needs_linux
@everything
def test_what_is_no_sane_file_is_refused_at_once(tmp_path, kind):
    make, why = PLACES[kind]
    make(tmp_path / "thing")
    started = time.monotonic()
    with pytest.raises(ResultsError, match=why):
        read_file(tmp_path / "thing", MOST_TEXT)
    assert time.monotonic() - started < 1


def test_a_file_is_read_up_to_its_bound(tmp_path):
    (tmp_path / "thing").write_bytes(b"abc")
    assert read_file(tmp_path / "thing", 3) == b"abc"
    with pytest.raises(ResultsError, match="3 bytes; 2 at most"):
        read_file(tmp_path / "thing", 2)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "other", 2)
    with pytest.raises(ResultsError, match="cannot be read"):
        read_file(tmp_path / "thing\0", 2)
    with pytest.raises(ResultsError, match="more than 9 bytes"):  # it says that it has none
        read_file(tmp_path / ".." / ".." / ".." / ".." / ".." / "proc/self/status", 9)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    (tmp_path / "thing").touch(0o000)
    with pytest.raises(ResultsError, match="Permission denied"):
        read_file(tmp_path / "thing", 9)


def test_a_system_that_refuses_is_quoted(tmp_path, monkeypatch):
    def refuse(*given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(ResultsError, match=r"cannot be read \(Permission denied\)"):
        read_file(tmp_path / "thing", 9)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), JSON))
@example({"a": "\ud800"})
def test_json_reads_as_python_reads_it(content):
    text = json.dumps(content)
    assert json_object(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[1]", "no JSON object"),
        (b"[" * 5000, "no JSON"),
        (b'{"a":' * 5000, "no JSON"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "more than 64 deep"),
        (b'{"a": 1e999}', "1e999 is no finite number"),
        (b'{"a": NaN}', "NaN is no finite number"),
        (b'{"a": -Infinity}', "no finite number"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "no JSON"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": [{"b": 1, "b": 1}]}', "twice"),
    ],
)
def test_what_json_does_not_surely_say_is_refused(text, why):
    with pytest.raises(ResultsError, match=why):
        json_object(text)


@pytest.fixture
def folder(store, keep):
    """A run's folder with all that one may hold, and the trial whose files are harmed."""
    keep("NuSVC", {"test": [0]})
    made = keep("SVC")
    board = Leaderboard.from_store(store)
    run = {"dataset": "folds", "fingerprint": "f00d", "preset": "quick", "trials": []}
    (store.folder / "run.json").write_text(json.dumps(run))
    (store.folder / "curve.json").write_text("{}")
    Exhibits(store.folder, "f00d").keep_montage(b"\xff\xd8")
    Exhibits(store.folder, "f00d").keep_pictures({"test/0.png": b"\xff\xd8"})
    board.write(store.folder)
    return store.folder, made.trial


FILES = (
    *("records/{}.json", "predictions/{}.parquet", "run.json", "curve.json"),
    *("exhibits/pictures-f00d.parquet", "exhibits/montage-f00d"),
)


@needs_linux
@everything
@pytest.mark.parametrize("name", FILES)
def test_a_board_is_made_whatever_lies_in_a_file_s_place(folder, name, kind, tmp_path, caplog):
    place, trial = folder
    victim = place / name.format(trial)
    victim.unlink()
    PLACES[kind][0](victim)
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        board = Leaderboard.from_store(Store(place))
        board.write(tmp_path / "out")
        gather([place]).write(tmp_path / "merged")
        assert str(compare_boards(place, place))
        Store(place).clean()
    assert time.monotonic() - started < 8
    assert str(victim) in caplog.text
    names = {"SVC", "NuSVC"} - ({"SVC"} if trial in name or "{}" in name else set())
    assert {record.model for record in board.records} == names
    assert os.path.lexists(victim), "what can't be read is kept"


@needs_linux
@everything
def test_a_leaderboard_csv_that_is_none_is_refused(folder, kind):
    place, _ = folder
    for record in (place / "records").iterdir():
        record.unlink()
    (place / "leaderboard.csv").unlink()
    PLACES[kind][0](place / "leaderboard.csv")
    with pytest.raises(ResultsError, match=r"leaderboard\.csv"):
        load_board(place)


@needs_linux
@everything
@pytest.mark.parametrize("name", ["records", "predictions", "exhibits"])
def test_folders_may_be_anything_too(folder, name, kind, tmp_path):
    place, _ = folder
    (place / name).rename(tmp_path / "away")
    PLACES[kind][0](place / name)
    if name == "exhibits":
        Leaderboard.from_store(Store(place)).write(tmp_path / "out")
    else:
        with pytest.raises(ResultsError, match="no finished trial"):
            Leaderboard.from_store(Store(place))
    # Predictions are of no record where the folder of records is there, and empty.
    assert Store(place).clean() == (2 if (name, kind) == ("records", "a folder") else 0)


def test_clean_goes_on_where_something_cannot_be_removed(store, keep, caplog):
    made = keep("SVC")
    (store.folder / "records" / ".tmp-9-a.json").mkdir()
    (store.folder / "records" / ".tmp-9-b.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        assert store.clean() == 1
    assert ".tmp-9-a.json can't be removed" in caplog.text
    assert store.records() == [made]


def test_clean_leaves_predictions_whose_record_is_there_but_cannot_be_read(store, keep):
    made = keep("SVC")
    path = store.folder / "records" / f"{made.trial}.json"
    path.unlink()
    path.symlink_to("away")  # to a disk that is not mounted
    assert store.clean() == 0
    assert (store.folder / "predictions" / f"{made.trial}.parquet").exists()


def test_a_curve_that_is_damaged_is_said(store, caplog):
    store.folder.mkdir()
    (store.folder / "curve.json").write_text('{"subsets": [{"size": 0, "seed": 1, "trials": []}]}')
    with caplog.at_level(logging.WARNING):
        assert CurveRun.read(store.folder) == CurveRun()
    assert "curve.json is left out: Expected `int` >= 1" in caplog.text
    with pytest.raises(ResultsError, match="no curve that can be read"):
        Curve.from_store(store)


def test_what_run_json_says_wrongly_is_said(tmp_path, caplog):
    (tmp_path / "run.json").write_text('{"trials": 3, "dataset": "a"}')
    with caplog.at_level(logging.WARNING):
        assert Run.read(tmp_path) == Run(dataset="a")
    assert "run.json: its trials is left out: Expected `array`, got `int`" in caplog.text


def bomb(rows, text):
    """A small Parquet file of many rows that are all alike."""
    alike = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), [text])
    zeros = pa.array(np.zeros(rows, np.int64))
    table = pa.table({"split": alike, "id": alike, "label": zeros, "predicted": zeros})
    sink = pa.BufferOutputStream()
    # As texts: the file does not say that they were a dictionary's.
    with pq.ParquetWriter(sink, table.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"results.splits": json.dumps([[text, rows, "", 0]])})
    return bytes(sink.getvalue())


def test_a_bomb_of_few_rows_is_a_file_like_others():
    assert from_parquet(bomb(3, "x"))["x"].ids == ["x", "x", "x"]


def test_a_small_file_of_many_long_texts_takes_no_memory():
    data = bomb(10**5, "x" * 10**6)
    assert len(data) < 2 * 10**6
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ResultsError, match="texts take up too much"):
        from_parquet(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**18, "in KiB"


def test_a_small_file_that_says_that_it_has_many_rows_is_not_read(monkeypatch):
    data = bomb(10**6, "x")
    assert len(data) < 10**5
    monkeypatch.setattr("results.records.parquet.MOST_BINARY", 2**24)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.read", None)
    with pytest.raises(ResultsError, match="1,000,000 rows, which is too much"):
        from_parquet(data)
