"""Explanations: found after the answer, in the trial's process, and never at the row's cost."""

import json

import numpy as np
import pytest

import benchmark
import models
from models.answers import EstimatorAnswer
from models.explanation.explain import _telling, explain
from results import Store

BROKEN = """
import numpy as np
from models import model


class Once:
    "Answers twice, once for each split, and then {does}."

    asked = 0

    def fit(self, X, y):
        return self

    def predict(self, X):
        self.asked += 1
        if self.asked > 2:
            {does}
        return np.zeros(len(X), int)


@model("{name}", family="classical", inputs="features")
def build(context):
    return Once()
"""


@pytest.fixture
def table(tmp_path):
    """A feature table of which one column decides."""
    random = np.random.default_rng(0)
    lines = ["split,label,deciding,idle"]
    for split, n in (("train", 200), ("val", 150), ("test", 60)):
        for value, idle in random.normal(size=(n, 2)):
            lines.append(f"{split},{'up' if value > 0 else 'down'},{value},{idle}")
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines))
    return path


def record_of(folder, model):
    return next(r for r in Store(folder).records() if r.model == model)


def test_the_best_classical_row_knows_what_it_needs(table, tmp_path):
    out = tmp_path / "run"
    benchmark.run(table, models=["LogisticRegression", "DummyClassifier"], out=out, jobs=1)
    said = record_of(out, "LogisticRegression").provenance["explanation"]
    assert said["method"] == "permutation"
    assert said["split"] == "val"
    (first, *losses), (second, *_) = said["losses"]
    assert (first, second) == ("deciding", "idle")
    assert min(losses) > 0.3
    page = (out / "report.html").read_text("utf-8")
    assert "What LogisticRegression needs" in page
    benchmark.report(out)
    assert (out / "report.html").read_text("utf-8") == page


@pytest.mark.parametrize(
    ("name", "does", "said"),
    [
        ("Raises", "raise KeyError(7)", {"error": "KeyError: 7"}),
        ("Dies", "import os; os._exit(3)", {}),
    ],
)
def test_a_failing_explanation_costs_no_row(table, tmp_path, name, does, said):
    plugin = tmp_path / "plugin.py"
    plugin.write_text(BROKEN.format(name=name, does=does))
    out = tmp_path / "run"
    try:
        benchmark.run(table, models=[name], plugins=[plugin], out=out)
    finally:
        models.forget_models(str(plugin.resolve()))
    record = record_of(out, name)
    assert record.status == "ok"
    assert set(Store(out).predictions(record.trial)) == {"val", "test"}
    assert record.provenance.get("explanation", {}) == said


def test_the_surest_right_and_wrong_of_each_class_are_the_telling_ones():
    labels = np.repeat([0, 1, 2], 40)
    predicted = np.where(np.arange(120) % 4 == 0, (labels + 1) % 3, labels)
    scores = np.full((120, 3), 0.1)
    scores[:, 0] = np.random.default_rng(0).permutation(120) / 120
    chosen = _telling(EstimatorAnswer(predicted, scores, "decision"), labels)
    assert len(set(chosen)) == 12
    for label in range(3):
        for side in (True, False):
            mine = (labels == label) & ((predicted == labels) == side)
            assert np.flatnonzero(mine)[scores[mine].max(axis=1).argmax()] in chosen


def test_a_network_tells_where_it_looked():
    torch = pytest.importorskip("torch")
    from models.training.classifier import TorchClassifier
    from models.training.recipe import RECIPES

    class Network(torch.nn.Module):
        def __init__(self, n_classes):
            super().__init__()
            self.body = torch.nn.Conv2d(3, 4, 3)
            self.head = torch.nn.Linear(4, n_classes)

        def forward(self, x):
            return self.head(self.body(x).amax(dim=(2, 3)))

    random = np.random.default_rng(0)
    pictures = random.integers(0, 255, (24, 16, 16, 3), dtype=np.uint8)
    labels = np.arange(24) % 2
    classifier = TorchClassifier(Network, RECIPES["quick"], random_state=0).fit(pictures, labels)
    before = classifier.predict_proba(pictures)
    answer = EstimatorAnswer(classifier.predict(pictures), before, "probability")
    said = explain(classifier, {"test": pictures}, {"test": labels}, {"test": answer}, (), 0)
    assert json.loads(json.dumps(said)) == said
    assert said["layer"] == "body"
    assert len(said["rows"]) == len(said["maps"]) == 12
    assert np.shape(said["maps"]) == (12, 14, 14)
    assert np.array_equal(classifier.predict_proba(pictures), before)
