"""A curve made of hand-made records: its points, its files and its figure."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from results.curve.curve import Curve
from results.curve.points import CURVE_COLUMNS
from results.errors import ResultsError
from results.records.store import Store
from results.statistics.inference import wilson
from results.statistics.seeds import seeds_of

SIZES = (20, 40, 80)
N = 60
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def draw(tmp_path, record, answers):
    """Make a curve's folder: draw({model: wrong answers at each size}) -> the store."""

    def make(wrong, seeds=(1, 2), lost=(), preset="thorough", **changes):
        store, subsets = Store(tmp_path / "curve"), []
        for k, size in enumerate(SIZES):
            for seed in seeds:
                trials = []
                for model, counts in wrong.items():
                    deep = {"family": "deep"} if model.startswith("Net") else {}
                    bad = {"status": "failed", "reason": "it | broke"}
                    made = record(
                        model,
                        seed=seed,
                        fingerprint=f"size{size}",
                        splits={"val": 10, "test": N},
                        **{**changes, **deep, **(bad if (model, size) in lost else {})},
                    )
                    off = seed - 1
                    positions = {"test": range(off, off + counts[k])}
                    store.save(made, answers(made, positions) if made.ok else {})
                    trials.append(made.trial)
                subsets.append({"size": size, "seed": seed, "trials": trials})
        about = {"dataset": "folds", "preset": preset, "subsets": subsets}
        (store.folder / "curve.json").write_text(json.dumps(about))
        return store

    return make


def test_two_trainings_of_a_model_are_two_lines(draw, record, answers):
    """A network from scratch and the same one fine-tuned, each by its own name."""
    store = draw(CROSSING)
    about = json.loads((store.folder / "curve.json").read_text())
    for subset in about["subsets"]:
        made = record(
            "Net",
            family="deep",
            training="pretrained",
            seed=subset["seed"],
            fingerprint=f"tuned{subset['size']}",
            splits={"val": 10, "test": N},
        )
        store.save(made, answers(made, {"test": [0]}))
        subset["trials"].append(made.trial)
    (store.folder / "curve.json").write_text(json.dumps(about))
    curve = Curve.from_store(store)
    names = ["Forest", "Net (random)", "Net (pretrained)"]
    assert list(dict.fromkeys(point.name for point in curve.points)) == names
    assert str(curve).splitlines()[2].endswith("Net (pretrained)")
    assert "Net (pretrained) is" in curve.text
    figure = ElementTree.fromstring(curve._repr_html_().partition("\n")[2])
    assert len(figure.findall(f".//{SVG}polyline")) == 3
    assert {text.text for text in figure.findall(f".//{SVG}text")} >= set(names)


def test_trials_about_other_splits_make_no_curve(draw, record, answers):
    store = draw(CROSSING)
    made = record("Other", splits={"test": 7})
    store.save(made, answers(made))
    about = json.loads((store.folder / "curve.json").read_text())
    about["subsets"][1]["trials"].append(made.trial)
    (store.folder / "curve.json").write_text(json.dumps(about))
    with pytest.raises(ResultsError, match="about other splits"):
        Curve.from_store(store)


def test_where_a_seed_is_lacking_no_crossover_is_sought(draw):
    store = draw(CROSSING, seeds=(1, 2, 3))
    about = json.loads((store.folder / "curve.json").read_text())
    about["subsets"][0]["trials"].pop()
    (store.folder / "curve.json").write_text(json.dumps(about))
    assert Curve.from_store(store).crossover is None


CROSSING = {"Forest": (20, 18, 16), "Net": (40, 24, 4)}


def test_the_points_are_means_over_seeds(draw):
    frame = Curve.from_store(draw(CROSSING)).to_frame()
    assert tuple(frame) == CURVE_COLUMNS
    assert len(frame) == 2 * 2 * len(SIZES)
    net = frame.query("model == 'Net' and split == 'test'")
    assert net["train"].tolist() == list(SIZES)
    assert net["accuracy"].tolist() == pytest.approx([20 / N, 36 / N, 56 / N])
    assert net["accuracy_sd"].tolist() == [0, 0, 0]
    assert (net["accuracy_low"] < net["accuracy"]).all()
    assert (net["accuracy_high"] > net["accuracy"]).all()
    assert net["seeds"].unique().tolist() == [2]
    assert net["total_seconds"].tolist() == [2.5, 2.5, 2.5]
    forest = frame.query("model == 'Forest' and split == 'test'")
    assert forest["total_seconds"].tolist() == [3.5, 3.5, 3.5]


def test_the_band_of_one_seed_is_wilsons_and_says_that_it_is_of_pictures_only(draw, tmp_path):
    curve = Curve.from_store(draw({"Forest": (20, 18, 0)}, seeds=(1,)))
    found = curve.to_frame().query("split == 'test'")
    ends = [wilson(right, N) for right in (40, 42, 60)]
    assert found[["accuracy_low", "accuracy_high"]].values.tolist() == [list(e) for e in ends]
    curve.write(tmp_path)
    for name in ("curve.md", "curve.html"):
        page = (tmp_path / name).read_text("utf-8")
        assert "over test pictures only; another seed may" in page
        assert "over the seeds" not in page


def test_the_band_of_several_seeds_is_that_of_a_board_s_seeds(draw, tmp_path):
    store = draw(CROSSING, seeds=(1, 2, 3))
    curve = Curve.from_store(store)
    point = next(p for p in curve.shown if (p.model, p.train) == ("Forest", 40))
    alike = seeds_of(point.correct)
    assert (point.accuracy_low, point.accuracy_high) == (alike.low, alike.high)
    curve.write(tmp_path)
    assert "over seeds and test pictures" in (tmp_path / "curve.html").read_text("utf-8")


def test_the_html_in_a_notebook_says_the_answer(draw):
    shown = Curve.from_store(draw(CROSSING))._repr_html_()
    assert shown.startswith("<p>Accuracy on test (60 pictures) after training on 20 to 80, 2 seeds")
    assert "<svg" in shown


def test_it_says_where_deep_overtakes(draw):
    curve = Curve.from_store(draw(CROSSING))
    assert curve.split == "test"
    # -20/60 + 2, then -6/60, then +12/60: a third of the way from 40 to 80 in the logarithm.
    assert curve.crossover.at == pytest.approx(40 * 2 ** (1 / 3))
    assert "Deep overtakes classical at about 50 training pictures" in curve.text
    assert "under-trains" not in curve.text


def test_the_quick_preset_is_said(draw):
    assert "under-trains the deep models" in Curve.from_store(draw(CROSSING, preset="quick")).text


def test_the_files_and_what_is_in_them(draw, tmp_path):
    curve = Curve.from_store(draw({"A|<b>": (20, 18, 16), **CROSSING}))
    curve.write(tmp_path)
    back = pd.read_csv(tmp_path / "curve.csv", keep_default_na=False)
    numbers = ["accuracy", "accuracy_low", "accuracy_high", "total_seconds"]
    np.testing.assert_array_equal(back[numbers], curve.to_frame()[numbers])
    page = (tmp_path / "curve.md").read_text("utf-8")
    assert "![accuracy on test by training pictures](curve.svg)" in page
    assert "A\\|&lt;b>" in page
    html = (tmp_path / "curve.html").read_text("utf-8")
    assert "<b>" not in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert html.count("<tr>") == 1 + len(SIZES)


def figure(curve, tmp_path):
    curve.write(tmp_path)
    return ElementTree.parse(tmp_path / "curve.svg").getroot()


def test_the_figure_has_a_line_a_band_and_a_label_for_each_model(draw, tmp_path):
    curve = Curve.from_store(draw({"A|<b>": (20, 18, 16), **CROSSING}))
    root = figure(curve, tmp_path)
    groups = root.findall(f"{SVG}g")
    assert [g.get("class") for g in groups] == ["classical", "classical", "deep"]
    assert len({g.get("fill") for g in groups}) == 3
    assert [g.find(f"{SVG}text").text for g in groups] == ["A|<b>", "Forest", "Net"]
    heights = sorted(float(g.find(f"{SVG}text").get("y")) for g in groups)
    assert all(np.diff(heights) >= 17)
    for group in groups:
        points = group.find(f"{SVG}polyline").get("points").split()
        xs = [float(point.split(",")[0]) for point in points]
        assert np.diff(xs)[0] == pytest.approx(np.diff(xs)[1], abs=0.2), "doublings are equal steps"
    net = groups[2].find(f"{SVG}polyline").get("points").split()
    ys = [float(point.split(",")[1]) for point in net]
    assert ys[0] > ys[1] > ys[2], "more accurate is higher"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"20", "40", "80"} <= set(texts)
    assert "deep overtakes at about 50" in texts


def test_the_figure_takes_the_page_s_colours_and_scrolls_where_it_is_narrow(draw, tmp_path):
    curve = Curve.from_store(draw(CROSSING))
    root = figure(curve, tmp_path)
    style = root.find(f"{SVG}style").text
    assert "prefers-color-scheme: dark" in style
    coloured = {e for e in root.iter() if e.get("fill", "none") != "none" or e.get("stroke")}
    lines = {e for group in root.findall(f"{SVG}g") for e in group.iter()}
    assert coloured <= lines, "only the models have colours of their own"
    page = (tmp_path / "curve.html").read_text("utf-8")
    assert page.index('aria-label="figure of the curve"') < page.index("<svg")
    assert "min-width: 48rem" in page  # text of 13 in a width of 820 is 12 pixels high


def test_no_crossover_no_line(draw, tmp_path):
    root = figure(Curve.from_store(draw({"Forest": (4, 3, 2), "Net": (40, 30, 20)})), tmp_path)
    assert not any("overtakes" in (text.text or "") for text in root.findall(f"{SVG}text"))


def test_a_failed_trial_is_a_gap_with_a_reason(draw, tmp_path):
    curve = Curve.from_store(draw(CROSSING, lost=[("Net", 40)]))
    net = curve.to_frame().query("model == 'Net' and split == 'test'")
    assert net["status"].tolist() == ["ok", "failed", "ok"]
    assert net["accuracy"].isna().tolist() == [False, True, False]
    assert curve.crossover is None
    assert "At some sizes no deep or no classical model has a score" in curve.text
    root = figure(curve, tmp_path)
    assert len(root.findall(f"{SVG}g")[1].findall(f"{SVG}polyline")) == 2
    assert "- Net with 40: failed, it \\| broke" in (tmp_path / "curve.md").read_text("utf-8")
    assert "failed" in str(curve)


def test_one_family_has_no_crossover(draw):
    curve = Curve.from_store(draw({"Forest": (20, 18, 16)}, seeds=(1,)))
    assert curve.crossover is None
    assert curve.to_frame()["accuracy_sd"].isna().all()
    assert "1 seed, so that intervals count the test pictures alone. No deep" in curve.text


def test_what_is_not_a_curve_is_refused(tmp_path, draw):
    with pytest.raises(ResultsError, match="holds no curve"):
        Curve.from_store(Store(tmp_path))
    store = draw(CROSSING)
    next((store.folder / "records").iterdir()).unlink()
    with pytest.raises(ResultsError, match="lacks the record of trial"):
        Curve.from_store(store)
