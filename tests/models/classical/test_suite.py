"""The classical suite against LazyPredict and scikit-learn themselves."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from scipy.stats import multivariate_normal
from sklearn.covariance import ledoit_wolf
from sklearn.datasets import make_classification
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

import benchmark
from models import Context, registered
from models.classical import suite as classical
from models.classical.mended import GRID, LeastRegularisedQDA

CONTEXT = Context(n_classes=3)
CLASSES = ("box", "chevron", "rounded")


def rows(n=150, seed=0, columns=4):
    X, y = make_classification(
        n, columns, n_informative=columns, n_redundant=0, n_classes=3, n_clusters_per_class=1,
        class_sep=0.8, flip_y=0.1, random_state=seed,
    )  # fmt: skip
    return X, y


# --- LazyPredict --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of hard classes and empty cells, in two splits, as a file."""
    X, y = rows(320, columns=8)
    X[np.random.default_rng(1).random(X.shape) < 0.03] = np.nan
    frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(8)])
    frame["label"] = np.array(CLASSES)[y]
    frame["split"] = ["train"] * 220 + ["test"] * 100
    path = tmp_path_factory.mktemp("classical") / "table.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def lazypredict_s(table):
    """LazyPredict's accuracy of every classifier that it completes."""
    from lazypredict.Supervised import LazyClassifier

    frame = pd.read_csv(table)
    train, test = (frame[frame["split"] == split] for split in ("train", "test"))
    columns = [column for column in frame if column.startswith("f")]
    labels = {name: index for index, name in enumerate(CLASSES)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        board, _ = LazyClassifier(verbose=0, ignore_warnings=True).fit(
            train[columns], test[columns], train["label"].map(labels), test["label"].map(labels)
        )
    return board["Accuracy"]


def test_every_accuracy_equals_lazypredict_s(table, lazypredict_s, tmp_path):
    chosen = list(classical.suite())
    frame = benchmark.run(table, models=chosen, out=tmp_path / "out").to_frame()
    assert set(frame["status"]) == {"ok"}, frame[frame["status"] != "ok"][["model", "reason"]]
    ours = frame.set_index("model")["accuracy"]
    assert set(ours.index) == set(chosen)
    assert frame["roc_auc"].notna().all()
    both = sorted(set(lazypredict_s.index) & set(chosen))
    assert len(both) >= 26
    assert lazypredict_s[both].nunique() > 10, "a table on which all agree shows nothing"
    assert ours[both].to_dict() == lazypredict_s[both].to_dict()


def test_what_is_left_out_is_what_lazypredict_fails_on(lazypredict_s):
    assert not set(classical.LEFT_OUT) & set(lazypredict_s.index)


def test_the_list_kept_beside_the_code_is_lazypredict_s_own():
    snapshot = json.loads(classical._SNAPSHOT.read_text(encoding="utf-8"))
    if snapshot["versions"] != classical.installed_versions():
        pytest.skip("other library versions than the list was kept for: LazyPredict is asked")
    assert snapshot["classifiers"] == classical.lazypredict_list()


def test_with_other_versions_lazypredict_is_asked_for_its_list(monkeypatch):
    monkeypatch.setattr(classical, "installed_versions", lambda: {"lazypredict": "99"})
    monkeypatch.setattr(classical, "lazypredict_list", lambda: {"NewClassifier": "sklearn.new"})
    classical.suite.cache_clear()
    try:
        assert classical.suite()["NewClassifier"] == "sklearn.new"
    finally:
        classical.suite.cache_clear()


def test_where_lazypredict_can_t_be_imported_its_list_is_the_one_that_is_kept(monkeypatch, caplog):
    def broken():
        raise RuntimeError("libxgboost.so\ncan't be loaded")

    monkeypatch.setattr(classical, "installed_versions", lambda: {"lazypredict": "99.0"})
    monkeypatch.setattr(classical, "lazypredict_list", broken)
    classical.suite.cache_clear()
    try:
        names = set(classical.suite())
    finally:
        classical.suite.cache_clear()
    kept = json.loads(classical._SNAPSHOT.read_text(encoding="utf-8"))
    assert set(kept["classifiers"]) <= names
    (warning,) = (record.getMessage() for record in caplog.records)
    assert "RuntimeError: libxgboost.so can't be loaded" in warning
    assert kept["versions"]["lazypredict"] in warning


def test_the_study_s_27_classifiers_are_all_there():
    from results import load_board

    study = load_board("published")
    names = set(study[study["family"] == "classical"]["model"])
    assert len(names) == 27
    assert names <= {model.name for model in registered()}


# --- the rows that LazyPredict lacks or will lack ---------------------------------------------


def test_passive_aggressive_stays_when_scikit_learn_drops_it(monkeypatch):
    without = dict.fromkeys(("SVC", "NuSVC"), "sklearn")
    monkeypatch.setattr(classical, "installed_versions", lambda: {"scikit-learn": "1.10"})
    monkeypatch.setattr(classical, "lazypredict_list", lambda: without)
    classical.suite.cache_clear()
    try:
        names = [model.name for model in classical.classical_models()]
    finally:
        classical.suite.cache_clear()
    assert names == ["NuSVC", "PassiveAggressiveClassifier", "SVC"]


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_passive_aggressive_equals_scikit_learn_s_while_there_is_one(seed):
    linear_model = pytest.importorskip("sklearn.linear_model")
    if not hasattr(linear_model, "PassiveAggressiveClassifier"):
        pytest.skip("this scikit-learn has dropped it")
    X, y = rows(seed=seed)
    ours = classical._classifier("PassiveAggressiveClassifier", "", Context(3, seed=seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = linear_model.PassiveAggressiveClassifier(random_state=seed).fit(X, y)
        ours.fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-12)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-12)


def test_qda_of_full_rank_is_scikit_learn_s():
    X, y = rows()
    ours, theirs = LeastRegularisedQDA().fit(X, y), QuadraticDiscriminantAnalysis().fit(X, y)
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.reg_param_ == 0
    assert ours.notes_ == []


def test_qda_of_deficient_rank_takes_the_least_regularisation_and_says_so():
    X, y = rows()
    X = np.column_stack([X, X[:, 0], np.where(y == 1, 0.0, X[:, 1])])
    ours = LeastRegularisedQDA().fit(X, y)
    assert ours.reg_param_ > 0
    for less in GRID[: GRID.index(ours.reg_param_)]:
        with pytest.raises(np.linalg.LinAlgError):
            QuadraticDiscriminantAnalysis(reg_param=less).fit(X, y)
    theirs = QuadraticDiscriminantAnalysis(reg_param=ours.reg_param_).fit(X, y)
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    assert f"reg_param={ours.reg_param_:g}" in ours.notes_[0]


def test_qda_s_note_reaches_the_record(tmp_path):
    X, y = rows()
    frame = pd.DataFrame(np.column_stack([X, X[:, 0]])).add_prefix("f")
    frame["label"], frame["split"] = np.array(CLASSES)[y], ["train"] * 100 + ["val"] * 50
    frame.to_csv(tmp_path / "table.csv", index=False)
    out = tmp_path / "out"
    benchmark.run(tmp_path / "table.csv", models=["QuadraticDiscriminantAnalysis"], out=out)
    (record,) = (json.loads(path.read_text()) for path in out.glob("records/*.json"))
    assert record["status"] == "ok"
    assert "least regularisation" in record["notes"][0]


@pytest.mark.parametrize("name", ["LGBMClassifier", "XGBClassifier"])
def test_boosting_libraries_are_held_to_the_trial_s_threads(name):
    pipeline = classical.pipeline(name, classical.suite()[name], Context(3, threads=2))
    assert pipeline[-1].get_params()["n_jobs"] == 2


def test_every_classifier_with_a_seed_gets_the_trial_s():
    for model in classical.classical_models():
        classifier = model.build(Context(3, seed=5))[-1]
        assert classifier.get_params().get("random_state", 5) == 5, model.name


def test_discriminant_analysis_with_fewer_rows_than_features_is_shrunk():
    noise = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 8)
    rows = noise.normal(size=(24, 40)) + 2.0 * labels[:, None]
    rows[labels == 1, 7] = 0.5  # constant within a class, as a measure that finds nothing there
    model = LeastRegularisedQDA().fit(rows, labels)
    densities = []
    for label in range(3):
        covariance, _ = ledoit_wolf(rows[labels == label])
        mean = rows[labels == label].mean(axis=0)
        densities.append(multivariate_normal(mean, covariance).logpdf(rows))
    np.testing.assert_allclose(
        model.predict_proba(rows), softmax(densities, axis=0).T, rtol=1e-6, atol=1e-12
    )
    assert model.reg_param_ is None
    assert "Ledoit-Wolf" in model.notes_[0]


def test_models_start_the_longest_first_and_what_nobody_knows_before_them():
    names = [model.name for model in sorted(registered(), key=classical.start_order)]
    known = [name for name in names if name in classical.suite()]
    assert names[: -len(known)] == [m.name for m in registered() if m.family == "deep"]
    assert known[:3] == ["XGBClassifier", "RandomForestClassifier", "LabelSpreading"]
    assert known.index("SVC") < known.index("GaussianNB") < known.index("RidgeClassifier")
    orders = {model.name: classical.start_order(model) for model in registered()}
    assert orders["ResNet9"] < orders["XGBClassifier"] < orders["SVC"]
    assert orders["SVC"] < orders["GaussianNB"] == orders["RidgeClassifier"]
