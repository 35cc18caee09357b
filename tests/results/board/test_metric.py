"""A metric from a plugin: a function in a file, a column on the board."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from results import METRICS, ResultsError, Run, check_metric, forget_metrics, load_board, metric
from results import plugin_metrics as declared
from results.board.columns import COLUMNS
from results.leaderboard import Leaderboard
from results.report.page import report_page
from results.statistics.calibration import BINS

KAPPA = '''
from results import metric

@metric("kappa", title="Cohen's kappa", direction="higher", needs="labels")
def kappa(predictions, n_classes):
    """agreement with the truth beyond chance (Cohen 1960)

    The rest of the docstring is for whoever reads the file.
    """
    k = range(n_classes)
    matrix = [[((predictions.labels == a) & (predictions.predicted == b)).mean() for b in k]
              for a in k]
    observed = sum(matrix[a][a] for a in k)
    chance = sum(sum(matrix[a]) * sum(row[a] for row in matrix) for a in k)
    return (observed - chance) / (1 - chance)
'''


@pytest.fixture
def load(tmp_path):
    """Run a file that declares metrics; what it declared is forgotten afterwards."""
    files = []

    def run(text, name="plugin.py"):
        path = tmp_path / name
        path.write_text(text)
        files.append(str(path))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        return path

    yield run
    for file in files:
        forget_metrics(file)


def declare(name="mine", direction="higher", needs="labels", body="return 0.5"):
    return (
        "from results import metric\n"
        f"@metric({name!r}, title='Mine', direction={direction!r}, needs={needs!r})\n"
        "def mine(predictions, n_classes):\n"
        f"    {body}\n"
    )


@pytest.fixture
def kept(keep):
    keep("Good", {"test": [0]})
    keep("Poor", {"test": [0, 1, 2], "val": [1]}, kind="")
    keep("Net", {"test": [5]}, family="deep", kind="decision")
    keep("Lost", status="failed", reason="why")


def test_it_is_a_column_after_those_of_the_contract(load, kept, store, tmp_path):
    load(KAPPA)
    board = Leaderboard.from_store(store)
    frame = board.to_frame()
    assert list(frame) == [*COLUMNS, "kappa"]
    for row in board.rows:
        cell = frame[(frame.model == row.record.model) & (frame.split == row.split)].kappa.item()
        if row.record.ok:
            given = row.predictions
            assert cell == pytest.approx(cohen_kappa_score(given.labels, given.predicted))
        else:
            assert np.isnan(cell)
    board.write(tmp_path)
    with (tmp_path / "leaderboard.csv").open() as file:
        assert file.readline().strip() == ",".join([*COLUMNS, "kappa"])
    pd.testing.assert_frame_equal(load_board(tmp_path / "leaderboard.csv"), frame, check_exact=True)
    assert board.warnings == tuple(w for w in board.warnings if "metric" not in w)


def test_boards_without_it_read_as_before_and_boards_with_it_lose_only_that(
    load, kept, store, tmp_path
):
    plain = Leaderboard.from_store(store)
    plain.write(tmp_path / "plain")
    file = load(KAPPA)
    Leaderboard.from_store(store).write(tmp_path / "with")
    older = load_board(tmp_path / "plain" / "leaderboard.csv")
    assert older["kappa"].isna().all()
    pd.testing.assert_frame_equal(older[list(COLUMNS)], plain.to_frame(), check_exact=True)
    forget_metrics(str(file))
    for folder in ("plain", "with"):
        back = load_board(tmp_path / folder / "leaderboard.csv")
        pd.testing.assert_frame_equal(back, plain.to_frame(), check_exact=True)
    assert plain.to_csv() == (tmp_path / "plain" / "leaderboard.csv").read_text()


def test_it_is_a_column_of_the_report_with_its_meaning(load, kept, store):
    load(KAPPA)
    page = report_page(Leaderboard.from_store(store))
    assert page.count('data-better="higher">Cohen&#39;s kappa</button>') == 2
    assert "<dt>kappa</dt>\n<dd>agreement with the truth beyond chance (Cohen 1960); higher" in page
    assert page.index("Brier score</button>") < page.index("kappa</button>")
    assert page.index("kappa</button>") < page.index("Fit s</button>")


@pytest.mark.parametrize(("direction", "first"), [("higher", "Poor"), ("lower", "Good")])
def test_it_ranks_the_rows(load, kept, store, direction, first):
    with pytest.raises(ResultsError, match="no metric 'mine'"):
        check_metric("mine")
    load(declare(direction=direction, body="return int((~predictions.correct).sum())"))
    check_metric("mine")
    board = Leaderboard.from_store(store, sort_by="mine")
    test = board.to_frame().query("split == 'test'")
    assert test.model.iloc[0] == first
    assert test["rank"].fillna(-1).tolist()[-1] == -1, "the lost row has none"
    assert "Ranked by mine within each split" in str(board)
    assert board.to_markdown().count("Mine") == len(board.by_split), "a column of each split"


def test_several_seeds_have_its_mean(load, keep, store):
    load(KAPPA)
    for seed in (0, 1):
        keep("SVC", {"test": range(seed)}, seed=seed)
    board = Leaderboard.from_store(store)
    seeds = board.seeds.set_index(["split", "metric"])
    frame = board.to_frame().query("split == 'test'")
    assert seeds.loc[("test", "kappa"), "mean"] == pytest.approx(frame.kappa.mean())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no\\n luck')", "raised ValueError: no luck"),
        ("return None", "raised TypeError: it returned None, which is no number"),
        ("return 'high'", "raised TypeError: it returned 'high', which is no number"),
        ("return 1 / 0", "raised ZeroDivisionError: division by zero"),
    ],
)
def test_one_that_fails_leaves_its_cells_empty_and_says_so_once(
    load, kept, store, tmp_path, body, said
):
    plain = Leaderboard.from_store(store)
    file = load(declare(body=body))
    board = Leaderboard.from_store(store, sort_by="mine")
    assert board.to_frame()["mine"].isna().all()
    assert board.to_frame()["rank"].isna().all()
    (warning,) = set(board.warnings) - set(plain.warnings)
    assert warning == f"metric 'mine' in {file} {said}"
    board.write(tmp_path)
    assert said.split(":")[0] in (tmp_path / "report.html").read_text()
    by_accuracy = Leaderboard.from_store(store).to_frame()
    pd.testing.assert_frame_equal(by_accuracy[list(COLUMNS)], plain.to_frame(), check_exact=True)


def test_one_that_fails_on_some_rows_has_the_others(load, kept, store):
    load(declare(body="return 1.0 if predictions.scores is not None else int('x')"))
    frame = Leaderboard.from_store(store).to_frame().query("status == 'ok'")
    assert frame[frame.mine.isna()].model.unique().tolist() == ["Poor"]


def test_rows_without_what_it_needs_have_none(load, kept, store):
    load(declare(needs="probability", body="return float(predictions.scores.max())"))
    board = Leaderboard.from_store(store)
    frame = board.to_frame().query("status == 'ok'")
    assert frame[frame.mine.notna()].model.unique().tolist() == ["Good"]
    assert not any("metric" in warning for warning in board.warnings)


def test_what_it_does_to_the_predictions_reaches_no_other_number(load, kept, store):
    plain = Leaderboard.from_store(store)
    body = (
        "predictions.scores[:] = 0; predictions.labels[:] = 0; predictions.predicted[:] = 1; "
        "predictions.ids.clear(); return 1.0"
    )
    load(declare(needs="scores", body=body))
    board = Leaderboard.from_store(store)
    pd.testing.assert_frame_equal(board.to_frame()[list(COLUMNS)], plain.to_frame())
    pd.testing.assert_frame_equal(board.reliability, plain.reliability)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "accuracy"}, "metric name 'accuracy' is used twice: in built in and in FILE;"),
        ({"name": "brier"}, "is used twice: in built in and in FILE; rename one"),
        ({"name": "rank"}, "metric 'rank' in FILE has the name of a column of leaderboard.csv"),
        ({"name": "total_seconds"}, "in FILE has the name of a column of leaderboard.csv"),
        ({"name": "my metric"}, "FILE: 'my metric' cannot name a metric; use letters, digits"),
        ({"name": ""}, "FILE: '' cannot name a metric"),
        ({"name": 3}, "FILE: 3 cannot name a metric"),
        ({"direction": "up"}, "in FILE: direction is 'up'; choose one of 'higher', 'lower'"),
        ({"needs": "logits"}, "needs is 'logits'; choose one of 'labels', 'scores', 'probability'"),
    ],
)
def test_a_wrong_declaration_is_one_line_that_names_the_file(load, tmp_path, changes, said):
    known = list(METRICS)
    with pytest.raises(ResultsError) as caught:
        load(declare(**changes))
    assert said.replace("FILE", str(tmp_path / "plugin.py")) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(METRICS) == known


def test_a_title_is_a_text():
    with pytest.raises(ResultsError, match="its title is a text that is not empty"):
        metric("mine", title=" ", direction="higher", needs="labels")(len)


def test_a_name_that_another_file_has_names_both(load):
    first = load(declare(), "one.py")
    with pytest.raises(ResultsError) as caught:
        load(declare(), "two.py")
    assert f"used twice: in {first} and in {first.with_name('two.py')}; rename" in str(caught.value)


def test_what_a_file_declared_can_be_forgotten_and_declared_again(load):
    built_in = list(METRICS)
    file = load(KAPPA + declare().partition("\n")[2])
    assert declared() == ("kappa", "mine")
    forget_metrics(str(file))
    assert list(METRICS) == built_in
    load(KAPPA)
    assert list(METRICS) == [*built_in, "kappa"]


def test_a_board_made_without_the_plugin_says_what_it_lacks(load, kept, store):
    about = {"fingerprint": "f00d", "preset": "quick", "metrics": ["kappa", "mcc"]}
    (store.folder / "run.json").write_text(json.dumps(about))
    board = Leaderboard.from_store(store)
    (warning,) = (w for w in board.warnings if "metric" in w)
    assert "metric 'kappa'" in warning
    assert "not known here" in warning
    assert "--plugin" in warning
    load(KAPPA)
    assert not any("metric" in w for w in Leaderboard.from_store(store).warnings)


def test_run_json_names_metrics_only_where_there_are_any(tmp_path):
    Run(fingerprint="f00d").write(tmp_path)
    assert "metrics" not in json.loads((tmp_path / "run.json").read_text())
    Run(fingerprint="f00d", metrics=("kappa",)).write(tmp_path)
    assert json.loads((tmp_path / "run.json").read_text())["metrics"] == ["kappa"]
    assert Run.read(tmp_path).metrics == ("kappa",)


def test_what_a_metric_is_comes_from_its_docstring(load):
    load(declare())
    assert METRICS["mine"].description == "Mine", "there is no docstring"
    assert METRICS["accuracy"].description == "share of pictures classified correctly"
    assert f"in {BINS} bins of equal width" in METRICS["ece"].description
