from __future__ import annotations

import csv
import html
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as oracle

import results
from results.board.columns import COLUMNS
from results.errors import ResultsError
from results.leaderboard import Leaderboard
from results.records.record import STATUSES
from results.records.store import Store

ROOT = Path(__file__).parents[2]
CONTRACT = re.findall(
    r"\w+",
    """
    rank tied model family training inputs split n accuracy accuracy_low accuracy_high
    balanced_accuracy f1_weighted f1_macro roc_auc log_loss ece mcc fit_seconds predict_seconds
    feature_seconds total_seconds device threads peak_memory_mb parameters seed status reason
    """,
)


@pytest.fixture
def board(store, keep):
    """Two equals, one worse, one deep, and one of each way not to be ok."""
    keep("B", {"val": [0], "test": [0]})
    keep("A", {"val": [1], "test": [1]})
    keep("C", {"val": [0, 1, 2], "test": [0, 1, 2]}, kind="decision")
    keep("ResNet9", {"test": [5]}, family="deep", parameter_count=6_500_000)
    for status in STATUSES[1:]:
        keep(f"Z-{status}", status=status, reason=f"why {status}")
    return Leaderboard.from_store(store)


def test_columns_are_the_contract(board):
    assert list(COLUMNS) == CONTRACT
    assert list(board.to_frame()) == CONTRACT


def test_a_model_never_vanishes(board):
    frame = board.to_frame()
    assert len(board) == len(frame) == 9 * 2
    assert frame.split.tolist() == ["val"] * 9 + ["test"] * 9
    for _, rows in frame.groupby("split"):
        assert set(rows.status) == set(STATUSES)
        assert rows.status.tolist()[4:] == sorted(STATUSES[1:])
    lost = frame[frame.status != "ok"]
    assert lost[["rank", "tied", "accuracy", "accuracy_low", "log_loss"]].isna().all(axis=None)
    assert lost.reason.tolist() == [f"why {status}" for status in lost.status]
    assert set(lost.n) == {4, 6}


def test_equal_scores_share_a_rank(board):
    test = board.to_frame().query("split == 'test' and status == 'ok'")
    assert test.model.tolist() == ["A", "B", "ResNet9", "C"]
    assert test["rank"].tolist() == [1, 1, 1, 4]
    val = board.to_frame().query("split == 'val' and status == 'ok'")
    assert val.model.tolist() == ["ResNet9", "A", "B", "C"]
    assert val["rank"].tolist() == [1, 2, 2, 4]


def test_values_of_a_row(board):
    row = board.to_frame().set_index(["model", "split"]).loc[("A", "test")]
    assert row.accuracy == 5 / 6
    assert 0.4 < row.accuracy_low < 5 / 6 < row.accuracy_high < 1
    assert (row.fit_seconds, row.predict_seconds, row.feature_seconds) == (2, 0.5, 1)
    assert row.total_seconds == 3.5
    assert (row.device, row.threads, row.seed, row.training) == ("cpu", 1, 0, "")
    deep = board.to_frame().set_index(["model", "split"]).loc[("ResNet9", "val")]
    assert deep.total_seconds == 2.25
    assert np.isnan(deep.feature_seconds)
    assert (deep.parameters, deep.training, deep.inputs) == (6_500_000, "random", "images")


def test_scores_agree_with_the_predictions_on_disk(board, store):
    frame = board.to_frame().set_index(["model", "split"])
    for record in store.records():
        if not record.ok:
            continue
        path = store.folder / "predictions" / f"{record.trial}.parquet"
        for split, rows in pd.read_parquet(path).groupby("split"):
            found = frame.loc[(record.model, split)]
            assert found.accuracy == oracle.accuracy_score(rows.label, rows.predicted)
            mcc = oracle.matthews_corrcoef(rows.label, rows.predicted)
            assert found.mcc == pytest.approx(mcc)


def test_decision_values_give_auc_and_no_log_loss(board):
    row = board.to_frame().set_index(["model", "split"]).loc[("C", "test")]
    assert 0 <= row.roc_auc <= 1
    assert np.isnan(row.log_loss)
    assert np.isnan(row.ece)


def test_ties_are_what_holm_corrected_mcnemar_cannot_tell(store, keep):
    size = {"splits": {"test": 60}}
    keep("Best", {"test": []}, **size)
    keep("Close", {"test": range(5)}, **size)  # p = 2 / 2**5 = 0.0625
    keep("Lucky", {"test": range(6)}, **size)  # p = 0.03125, times 2 after Holm: tied
    keep("Worse", {"test": range(12)}, **size)
    keep("Lost", status="failed", **size)
    frame = Leaderboard.from_store(store).to_frame().set_index("model")
    assert frame.tied.drop("Lost").to_dict() == {
        "Best": True,
        "Close": True,
        "Lucky": True,
        "Worse": False,
    }
    assert frame.tied.isna()["Lost"]


def test_lower_is_better_for_losses(store, keep, record, answers):
    for name, confidence in (("Sure", 0.98), ("Unsure", 0.5)):
        made = record(name)
        given = answers(made)
        for answer in given.values():
            answer.scores[:] = (1 - confidence) / 2
            answer.scores[np.arange(len(answer)), answer.predicted] = confidence
        store.save(made, given)
    keep("NoScores", kind="")
    keep("Lost", status="timeout")
    for metric in ("log_loss", "ece"):
        frame = Leaderboard.from_store(store, sort_by=metric).to_frame()
        test = frame[frame.split == "test"]
        assert test.model.tolist() == ["Sure", "Unsure", "NoScores", "Lost"]
        assert test["rank"].fillna(-1).tolist() == [1, 2, -1, -1]
    by_auc = Leaderboard.from_store(store, sort_by="roc_auc").to_frame()
    assert by_auc["rank"].fillna(-1).tolist()[:4] == [1, 1, -1, -1]


def test_an_unknown_metric_is_suggested(store, keep):
    keep("A")
    with pytest.raises(ResultsError, match="did you mean 'accuracy'"):
        Leaderboard.from_store(store, sort_by="acuracy")
    with pytest.raises(ResultsError, match="choose from accuracy"):
        Leaderboard.from_store(store, sort_by="zzz")


def test_splits_come_val_test_then_others(store, keep):
    keep("A", splits={"night": 3, "test": 3, "val": 3})
    frame = Leaderboard.from_store(store).to_frame()
    assert frame.split.tolist() == ["val", "test", "night"]


def test_csv_reads_back_to_the_same_numbers(board, tmp_path):
    board.write(tmp_path)
    frame = board.to_frame()
    with (tmp_path / "leaderboard.csv").open(newline="") as file:
        back = list(csv.DictReader(file))
    assert list(back[0]) == CONTRACT
    for name in CONTRACT:
        for text, value in zip((row[name] for row in back), frame[name], strict=True):
            if text == "":
                assert pd.isna(value) or value == ""
            else:
                assert (float(text) if isinstance(value, float) else text) == (
                    value if isinstance(value, float) else str(value)
                )


def test_a_run_leaves_three_files_and_no_other(board, tmp_path):
    board.write(tmp_path / "out")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["leaderboard.csv", "leaderboard.md", "report.html"]


def test_records_of_another_dataset_are_counted_not_shown(store, keep):
    keep("Old", fingerprint="beef", finished="2024-01-01T00:00:00Z")
    keep("A")
    board = Leaderboard.from_store(store)
    assert set(board.to_frame().model) == {"A"}
    assert any("1 record of another dataset" in warning for warning in board.warnings)


def test_a_trial_without_its_predictions_is_not_on_the_board(store, keep):
    keep("A")
    spoilt = keep("B")
    (store.folder / "predictions" / f"{spoilt.trial}.parquet").unlink()
    assert set(Leaderboard.from_store(store).to_frame().model) == {"A"}


def test_an_empty_folder_is_a_clear_error(tmp_path):
    with pytest.raises(ResultsError, match="no finished trial"):
        Leaderboard.from_store(Store(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_board_shows_itself(board):
    assert "ResNet9" in str(board)
    assert board.answer.text in str(board)
    page = board._repr_html_()
    assert page.count("<tr") == 1 + len(board)


def test_a_notebook_shows_what_the_page_warns_of(board):
    assert board.warnings
    page = board._repr_html_()
    places = [page.index(f"<li>{html.escape(warning)}</li>") for warning in board.warnings]
    assert places == sorted(places)
    assert places[-1] < page.index("<table")


def test_a_notebook_shows_names_as_text(store, keep):
    keep("<script>alert(1)</script>", status="failed")
    assert "<script>" not in Leaderboard.from_store(store)._repr_html_()


def test_compare_with_the_published_board_and_another(board):
    found = board.compare("published", board)
    assert [pair.other for pair in found.pairs] == ["published", "folds-quick (2)"]
    assert {change.verdict for change in found.pairs[1].changes} <= {"same", "no score"}


def test_importing_the_package_loads_no_library():
    program = (
        "import sys, results; "
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'scipy', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_exported_name_is_there():
    assert all(getattr(results, name) is not None for name in results.__all__)
    with pytest.raises(AttributeError):
        results.nonsense  # noqa: B018


@pytest.mark.parametrize("name", ["leaderboard.csv", "leaderboard.md"])
def test_a_run_folder_of_an_earlier_version_gives_the_board_that_it_gave(tmp_path, name):
    """`earlier` was written by version 0.1.0, before records were read with types."""
    earlier = Path(__file__).parent / "earlier"
    Leaderboard.from_store(Store(earlier)).write(tmp_path)
    assert (tmp_path / name).read_bytes() == (earlier / name).read_bytes()
