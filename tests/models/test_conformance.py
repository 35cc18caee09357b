"""The conformance suite: every built-in model passes it, and it tells broken ones apart."""

import re

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from models import Model, Unavailable, WrongAnswer, ask, check_model, registered

SCORES = "scores have a column a class, and the largest is what predict says"


def failures(findings) -> dict[str, str]:
    return {finding.check: finding.reason for finding in findings if not finding.passed}


# ResNets 101 and 152 are 50 with more of the same layers, and take the longest.
@pytest.mark.parametrize(
    "model",
    [model for model in registered() if model.name not in ("ResNet101", "ResNet152")],
    ids=lambda model: model.name,
)
def test_every_built_in_model_keeps_the_contract(model, monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHMARK_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    findings = check_model(model)
    assert failures(findings) == {}
    if model.training == "pretrained":
        assert [finding.check for finding in findings] == ["says what it lacks"]
        remedy = "--build" if model.name.endswith("-modelled") else "--offline"
        assert remedy in findings[0].reason
    else:
        assert len(findings) == 9


class Sound(ClassifierMixin, BaseEstimator):
    """The nearest mean of the first column; keeps the contract."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.means_ = np.array([np.nanmean(X[y == label, -1]) for label in self.classes_])
        return self

    def decision_function(self, X):
        check_is_fitted(self)
        return -np.abs(X[:, -1:] - self.means_)

    def predict_proba(self, X):
        weights = np.exp(self.decision_function(X))
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]


class FitReturnsNone(Sound):
    def fit(self, X, y):
        super().fit(X, y)


class FitReturnsText(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        return "done"


class HidesClasses(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        self.hidden_, self.classes_ = self.classes_, None
        return self

    def predict(self, X):
        return self.hidden_[self.decision_function(X).argmax(axis=1)]


class PredictsRows(Sound):
    def predict(self, X):
        return super().predict(X) if len(X) == 1 else super().predict(X)[None]


class PredictsNaN(Sound):
    def predict(self, X):
        labels = super().predict(X).astype(object)
        labels[1:2] = None
        return labels


class CountsClassesFromOne(Sound):
    def predict(self, X):
        return super().predict(X) + 1


class ScoresTooFew(Sound):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, :1]


class ScoresNaN(Sound):
    def predict_proba(self, X):
        return super().predict_proba(X) * np.nan


class ChangesPlaces(Sound):
    """Scores in another order than that of classes_, with three classes and more."""

    def predict_proba(self, X):
        return np.roll(super().predict_proba(X), len(self.classes_) > 2, axis=1)


class ScoresPairs(Sound):
    """A column for each pair of classes: with three, as many as classes."""

    def decision_function(self, X):
        values = super().decision_function(X)
        if len(self.classes_) == 2:
            return values[:, 1] - values[:, 0]
        pairs = np.triu_indices(len(self.classes_), 1)
        return values[:, pairs[0]] - values[:, pairs[1]]

    def predict_proba(self, X):
        weights = np.exp(super().decision_function(X))
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[super().decision_function(X).argmax(axis=1)]


class KnowsTwoAtMost(Sound):
    """One that was only ever tried on two classes."""

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)


class SumsToTwo(Sound):
    def predict_proba(self, X):
        return np.clip(2 * super().predict_proba(X), 0, 1)


class Moody(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        self.means_ = self.means_ + np.random.default_rng().normal(size=len(self.means_))
        return self


class WritesIntoItsInput(Sound):
    def predict(self, X):
        labels = super().predict(X)
        X[np.isnan(X)] = 0.0
        return labels


class LooksAtItsNeighbours(Sound):
    def predict(self, X):
        return super().predict(X) if len(X) > 1 else np.array([2])


class HoldsALambda(Sound):
    def fit(self, X, y):
        self.lambda_ = lambda: 0
        return super().fit(X, y)


def model_of(estimator, inputs="features") -> Model:
    return Model(
        "M", "classical", inputs, lambda context: estimator(), "", __file__, lambda preset: {}
    )


@pytest.mark.parametrize(
    ("broken", "caught_by"),
    [
        (FitReturnsNone, "fit returns the estimator"),
        (FitReturnsText, "fit returns the estimator"),
        (HidesClasses, "classes_ holds the labels given to fit"),
        (PredictsRows, "predict gives one known label a picture"),
        (PredictsNaN, "predict gives one known label a picture"),
        (CountsClassesFromOne, "predict gives one known label a picture"),
        (ScoresTooFew, SCORES),
        (ChangesPlaces, SCORES),
        (ScoresPairs, SCORES),
        (KnowsTwoAtMost, SCORES),
        (ScoresNaN, SCORES),
        (SumsToTwo, SCORES),
        (Moody, "one seed gives one result"),
        (WritesIntoItsInput, "predict leaves its input alone"),
        (LooksAtItsNeighbours, "one picture alone is predicted the same"),
        (HoldsALambda, "a fitted estimator can be pickled"),
    ],
)
def test_a_broken_model_is_caught_by_the_check_meant_for_it_and_by_no_other(broken, caught_by):
    assert list(failures(check_model(model_of(broken)))) == [caught_by]


class PredictsTexts(Sound):
    def predict(self, X):
        return super().predict(X).astype(str)


class ScoresTexts(Sound):
    def predict_proba(self, X):
        return super().predict_proba(X).astype(str).astype(object) + "!"


class ScoresNegative(Sound):
    def predict_proba(self, X):
        return np.tile([1.5, -0.5, 0.0, 0.0], (len(X), 1))[:, : len(self.classes_)]


class RepeatsClasses(Sound):
    def fit(self, X, y):
        super().fit(X, y)
        self.classes_ = np.array([0, *np.unique(y)[:-1]])
        return self

    def predict(self, X):
        return self.decision_function(X).argmax(axis=1)


def asked(broken, n_classes=2):
    labels, others = np.arange(60) % n_classes, np.arange(21) % n_classes
    estimator = broken()
    estimator.fit(np.repeat(3.0 * labels[:, None], 5, axis=1), labels)
    unseen = np.repeat(3.0 * others[:, None], 5, axis=1)
    return ask(estimator, {"test": unseen}, np.arange(n_classes))


@pytest.mark.parametrize("broken", [PredictsRows, PredictsNaN, CountsClassesFromOne, PredictsTexts])
def test_what_the_runner_refuses_is_found_in_the_runner_s_words(broken):
    with pytest.raises(WrongAnswer) as refused:
        asked(broken)
    said = failures(check_model(model_of(broken))).values()
    first = re.compile(r"label \S+,|for \d+ pictures")  # of other examples
    assert first.sub("", f"with 2 classes: {refused.value}") in [first.sub("", s) for s in said]


@pytest.mark.parametrize(
    "broken", [RepeatsClasses, ScoresTooFew, ScoresNaN, ScoresTexts, ScoresNegative]
)
def test_scores_that_the_runner_leaves_out_are_found_in_the_runner_s_words(broken):
    note = asked(broken).notes[0].partition(";")[0]
    assert any(note in reason for reason in failures(check_model(model_of(broken))).values())


class NamesNoClasses(Sound):
    def __init__(self):
        self.hidden = None

    def fit(self, X, y):
        super().fit(X, y)
        self.hidden = self.classes_
        del self.classes_
        return self

    def decision_function(self, X):
        return -np.abs(X[:, -1:] - self.means_)

    def predict(self, X):
        return self.hidden[self.decision_function(X).argmax(axis=1)]


class TurnsClassesRound(Sound):
    """Consistent with itself, and not with the order that labels have."""

    def fit(self, X, y):
        super().fit(X, y)
        self.classes_, self.means_ = self.classes_[::-1], self.means_[::-1]
        return self


class DecidesNaN(Sound):
    """Has probabilities, which the runner asks for, and decision values that are none."""

    def decision_function(self, X):
        return super().decision_function(X) * (np.nan if len(X) > 1 else 1.0)

    def predict_proba(self, X):
        weights = np.exp(super().decision_function(X))
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.mark.parametrize(
    ("broken", "caught_by", "reason"),
    [
        (
            NamesNoClasses,
            "classes_ holds the labels given to fit",
            "with 2 classes: classes_ is None, not",
        ),
        (
            TurnsClassesRound,
            "classes_ holds the labels given to fit",
            "with 2 classes: classes_ is [1, 0], not",
        ),
        (DecidesNaN, SCORES, "with 2 classes: decision_function returned"),
    ],
)
def test_what_the_runner_lets_pass_is_found_still(broken, caught_by, reason):
    assert asked(broken).splits["test"].scores is not None
    (found,) = failures(check_model(model_of(broken))).items()
    assert found[0] == caught_by
    assert found[1].startswith(reason)


def test_a_sound_model_passes_every_check():
    findings = check_model(model_of(Sound))
    assert failures(findings) == {}
    assert len(findings) == 9


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_a_model_that_cannot_be_built_is_one_finding_that_says_where(error):
    def build():
        raise error

    (finding,) = check_model(model_of(build))
    assert not finding.passed
    assert finding.check == "builds and fits on tiny data"
    assert type(error).__name__ in finding.reason
    assert "test_conformance.py:" in finding.reason
    assert str(finding).startswith("FAILED  M: builds and fits on tiny data - ")


def test_a_model_that_says_what_it_lacks_passes_with_that():
    def build():
        raise Unavailable("no licence; buy one")

    (finding,) = check_model(model_of(build))
    assert finding.passed
    assert (finding.check, finding.reason) == ("says what it lacks", "no licence; buy one")


def test_a_model_of_pictures_is_given_pictures():
    seen = []

    class Looks(Sound):
        def fit(self, X, y):
            seen.append((X.dtype, X.shape[1:]))
            return super().fit(X.reshape(len(X), -1).astype(float), y)

    check_model(model_of(Looks, inputs="images"))
    assert seen[0] == (np.dtype("uint8"), (32, 32, 3))
