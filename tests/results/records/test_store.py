from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from results.errors import ResultsError
from results.records.files import write_atomically
from results.records.predictions import Predictions
from results.records.run import Run
from results.records.store import Store

ROOT = Path(__file__).parents[3]


def same(a: Predictions, b: Predictions) -> bool:
    scores = (a.scores is b.scores is None) or np.array_equal(a.scores, b.scores)
    labels = np.array_equal(a.labels, b.labels) and np.array_equal(a.predicted, b.predicted)
    return a.ids == b.ids and labels and scores and a.kind == b.kind


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_making_a_store_writes_nothing(tmp_path):
    store = Store(tmp_path / "run")
    assert store.records() == []
    assert store.run() == Run()
    assert store.clean() == 0
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", ["probability", "decision", ""])
def test_a_trial_reads_back(store, record, answers, kind):
    made = record()
    given_answers = answers(made, {"test": [1]}, kind)
    store.save(made, given_answers)
    assert store.get(made.trial) == made
    assert store.records() == [made]
    back = store.predictions(made.trial)
    assert list(back) == ["val", "test"]
    assert all(same(back[split], given_answers[split]) for split in back)
    assert files(store.folder) == {
        f"records/{made.trial}.json",
        f"predictions/{made.trial}.parquet",
    }


@pytest.mark.parametrize(("kind", "prefix"), [("probability", "p_"), ("decision", "d_")])
def test_the_columns_of_a_parquet_file(store, keep, kind, prefix):
    made = keep("SVC", kind=kind)
    names = pq.read_schema(store.folder / "predictions" / f"{made.trial}.parquet").names
    assert names == ["split", "id", "label", "predicted"] + [f"{prefix}{k}" for k in range(3)]


@st.composite
def predictions(draw):
    n = draw(st.integers(0, 5))
    whole = hnp.arrays(np.int64, n, elements=st.integers(0, 2))
    kind = draw(st.sampled_from(["probability", "decision", ""]))
    floats = st.floats(allow_nan=False, allow_infinity=False)
    scores = draw(hnp.arrays(np.float64, (n, 3), elements=floats)) if kind else None
    ids = draw(st.lists(st.text(), min_size=n, max_size=n))
    return Predictions(ids, draw(whole), draw(whole), scores, kind)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    made_answers=st.dictionaries(
        st.sampled_from(["val", "test", "night"]), predictions(), min_size=1
    )
)
def test_any_predictions_read_back(store, record, made_answers):
    made = record(splits={split: len(p) for split, p in made_answers.items()})
    store.save(made, made_answers)
    back = store.predictions(made.trial)
    assert list(back) == list(made_answers)
    assert all(same(back[split], made_answers[split]) for split in back)


def test_ids_of_odd_bytes_are_kept_readable(store, record):
    made = record(splits={"val": 1})
    odd = b"a\xff.png".decode("utf-8", "surrogateescape")
    store.save(made, {"val": Predictions([odd], [0], [0])})
    assert store.predictions(made.trial)["val"].ids == ["a\\udcff.png"]


def test_failed_trials_need_no_predictions(store, keep):
    made = keep("SVC", status="failed", reason="ValueError: no")
    assert store.records() == [made]
    assert files(store.folder) == {f"records/{made.trial}.json"}


def test_an_ok_record_without_its_predictions_is_refused(store, record, answers):
    made = record()
    partial = answers(made)
    del partial["test"]
    with pytest.raises(ResultsError, match="predictions for"):
        store.save(made, partial)
    wide = answers(record(classes=("a", "b", "c", "d")))
    with pytest.raises(ResultsError, match="4 columns"):
        store.save(made, wide)
    assert not store.folder.exists()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 5] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("harm", [Path.unlink, truncate, flip_a_byte, lambda p: p.write_bytes(b"")])
def test_ok_without_whole_predictions_is_not_finished(store, keep, harm, caplog):
    spoilt, whole = keep("SVC"), keep("NuSVC")
    harm(store.folder / "predictions" / f"{spoilt.trial}.parquet")
    with caplog.at_level(logging.WARNING):
        assert store.records() == [whole]
    assert store.get(spoilt.trial) is None
    assert spoilt.trial in caplog.text
    with pytest.raises(ResultsError, match="run the trial again"):
        store.predictions(spoilt.trial)


def test_predictions_of_another_trial_are_not_believed(store, keep):
    a, b = keep("SVC"), keep("NuSVC", splits={"val": 3, "test": 6})
    folder = store.folder / "predictions"
    (folder / f"{b.trial}.parquet").replace(folder / f"{a.trial}.parquet")
    assert store.records() == []


def test_predictions_that_a_record_was_not_written_with_are_not_believed(store, keep, caplog):
    """Sound predictions for the same pictures, which nothing but their digest tells apart."""
    made, other = keep("SVC"), keep("NuSVC", {"test": [0, 1]})
    folder = store.folder / "predictions"
    (folder / f"{made.trial}.parquet").write_bytes((folder / f"{other.trial}.parquet").read_bytes())
    with caplog.at_level(logging.WARNING):
        assert store.records() == [other]
    assert f"{made.trial}.parquet is damaged (they are not what its record" in caplog.text
    with pytest.raises(ResultsError, match="not what its record was written with"):
        store.predictions(made.trial)


def test_the_digest_is_that_of_the_file(store, keep):
    made, failed = keep("SVC"), keep("NuSVC", status="failed")
    content = (store.folder / "predictions" / f"{made.trial}.parquet").read_bytes()
    kept = store.get(made.trial).predictions_digest
    assert kept == hashlib.blake2b(content, digest_size=16).hexdigest()
    assert store.get(failed.trial).predictions_digest == ""


def test_records_of_before_there_was_a_digest_are_read(store, keep):
    made = keep("SVC")
    path = store.folder / "records" / f"{made.trial}.json"
    content = json.loads(path.read_text())
    del content["predictions_digest"]
    path.write_text(json.dumps(content))
    assert store.records() == [made]
    assert len(store.predictions(made.trial)["test"]) == 6


@pytest.mark.parametrize("text", ["", "{", '{"trial": "x"}', "[1]", "\x00\x00"])
def test_a_damaged_record_is_left_out(store, keep, text, caplog):
    spoilt, whole = keep("SVC"), keep("NuSVC")
    (store.folder / "records" / f"{spoilt.trial}.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert store.records() == [whole]
    assert "is left out" in caplog.text


def test_a_record_under_another_name_is_left_out(store, keep):
    made = keep("SVC")
    folder = store.folder / "records"
    (folder / f"{made.trial}.json").rename(folder / "0123456789abcdef.json")
    assert store.records() == []


def test_clean_removes_what_a_killed_run_left(store, keep):
    made = keep("SVC")
    kept = files(store.folder)
    (store.folder / "records" / ".tmp-9-x.json").write_text("{")
    (store.folder / "predictions" / ".tmp-9-x.parquet").write_bytes(b"PAR1")
    (store.folder / ".tmp-9-report.html").write_text("<")
    (store.folder / "predictions" / "0123456789abcdef.parquet").write_bytes(b"PAR1")
    assert store.records() == [made]
    assert store.clean() == 4
    assert files(store.folder) == kept


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("moment", ["results.records.files.os.fsync", "pathlib.Path.replace"])
@pytest.mark.parametrize("call", [1, 2])
def test_killed_while_saving(store, record, tmp_path, moment, call):
    """Killed before the file is flushed or renamed, for the predictions (1) or the record (2)."""
    program = textwrap.dedent(f"""
        import os, signal, sys
        from unittest.mock import patch
        sys.path.insert(0, {str(Path(__file__).parents[1])!r})
        import results.records.store, pyarrow.parquet
        from conftest import make_predictions, make_record
        calls = []
        real = {moment}
        def die(*given):
            calls.append(given)
            if len(calls) == {call}:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given)
        made = make_record()
        with patch("{moment}", die):
            results.records.store.Store({str(store.folder)!r}).save(made, make_predictions(made))
    """).replace("real = pathlib", "import pathlib; real = pathlib")
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert store.records() == []
    store.clean()
    assert files(store.folder) == set()


def test_a_retried_trial_takes_the_place_of_the_failed_one(store, keep):
    keep("SVC", status="failed", device="cpu")
    made = keep("SVC")
    assert store.records() == [made]


def test_records_come_oldest_first(store, keep):
    late = keep("A", finished="2025-03-01T10:00:00.5Z")
    early = keep("B", finished="2025-03-01T10:00:00+00:00")
    assert store.records() == [early, late]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_run_file_says_nothing(store, keep, text):
    keep("SVC")
    (store.folder / "run.json").write_text(text)
    assert store.run() == Run()


def test_writing_replaces_the_whole_file(tmp_path):
    path = tmp_path / "new" / "board.md"
    write_atomically(path, "long text")
    write_atomically(path, "é \udcff")
    assert path.read_bytes() == "é \\udcff".encode()
    assert files(tmp_path) == {"new/board.md"}


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="cannot be written") as caught:
        write_atomically(tmp_path / "file" / "board.md", "")
    assert "\n" not in str(caught.value)
