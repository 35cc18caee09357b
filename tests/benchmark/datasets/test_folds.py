"""Modelled folds: the promises of the generator, and its geometry against closed forms."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

from benchmark.datasets.folds import CLASSES, fold_table, modelled_folds
from benchmark.datasets.folds.draws import STACK, Draws
from benchmark.datasets.folds.layers import Stack, boundaries, draw_stack
from benchmark.datasets.folds.section import cut_section
from benchmark.datasets.folds.shapes import CentreLine, HingeShape, centre_line

SHAPES = [
    HingeShape("chevron", bend=0.1),
    HingeShape("box", bend=0.05, reach=0.55),
    HingeShape("sine"),
    HingeShape("parabola"),
    HingeShape("ellipse", reach=0.85),
]
PINNED = "a88a72aec8423f1a3a7633419b298dffe63224b1e298bb37a526462e3a2b050f"


def by_kind(shape: HingeShape) -> str:
    return shape.kind


def digest(splits: dict[str, tuple[np.ndarray, np.ndarray]]) -> str:
    whole = hashlib.sha256()
    for pictures, labels in splits.values():
        whole.update(pictures.tobytes() + labels.astype("<i8").tobytes())
    return whole.hexdigest()


@pytest.fixture(scope="module")
def small() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return modelled_folds({"train": 20, "val": 10, "test": 7}, seed=3)


class TestWhatComesOut:
    def test_shapes_and_types(self, small):
        for split, count in (("train", 20), ("val", 10), ("test", 7)):
            pictures, labels = small[split]
            assert pictures.shape == (count, 96, 96, 3)
            assert pictures.dtype == np.uint8
            assert labels.shape == (count,)
            assert labels.dtype == np.int64
            assert set(labels) <= {0, 1, 2}

    def test_pictures_use_the_range_of_grey(self, small):
        for pictures, _ in small.values():
            spans = np.ptp(pictures.astype(int), axis=(1, 2, 3))
            assert spans.min() > 30

    def test_no_two_pictures_are_the_same(self, small):
        flat = np.concatenate(
            [pictures.reshape(len(pictures), -1) for pictures, _ in small.values()]
        )
        assert len(np.unique(flat, axis=0)) == len(flat)

    @pytest.mark.parametrize("size", [16, 33, 150])
    def test_other_sizes(self, size):
        pictures, _ = modelled_folds({"train": 5}, seed=0, size=size)["train"]
        assert pictures.shape == (5, size, size, 3)

    def test_an_empty_split(self):
        pictures, labels = modelled_folds({"val": 0}, seed=0)["val"]
        assert pictures.shape == (0, 96, 96, 3)
        assert len(labels) == 0

    @pytest.mark.parametrize(
        ("sizes", "seed", "size"), [({"val": -1}, 0, 96), ({"val": 1}, -1, 96), ({"val": 1}, 0, 15)]
    )
    def test_impossible_requests(self, sizes, seed, size):
        with pytest.raises(ValueError, match="modelled folds need"):
            modelled_folds(sizes, seed, size)


class TestSeed:
    def test_same_seed_same_bytes(self, small):
        again = modelled_folds({"train": 20, "val": 10, "test": 7}, seed=3)
        assert digest(again) == digest(small)

    def test_bytes_are_pinned(self, small):
        assert digest(small) == PINNED

    def test_without_simd(self, small):
        """The plainest loops that numpy has give the same bytes as the widest."""
        found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
        code = (
            "import hashlib; from benchmark.datasets.folds import modelled_folds\n"
            "pictures, _ = modelled_folds({'train': 20}, seed=3)['train']\n"
            "print(hashlib.sha256(pictures.tobytes()).hexdigest())"
        )
        environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(found)}
        answer = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout.strip() == hashlib.sha256(small["train"][0].tobytes()).hexdigest()

    def test_another_seed_other_pictures(self, small):
        other = modelled_folds({"val": 10}, seed=4)["val"][0]
        assert all(not np.array_equal(a, b) for a, b in zip(small["val"][0], other, strict=True))

    def test_a_larger_split_begins_with_the_smaller_one(self, small):
        larger = modelled_folds({"test": 11, "train": 23}, seed=3)
        for split, (pictures, labels) in larger.items():
            before = len(small[split][0])
            assert np.array_equal(pictures[:before], small[split][0])
            assert np.array_equal(labels[:before], small[split][1])


class TestPlan:
    @pytest.mark.parametrize("count", [1, 2, 7, 68, 300])
    def test_labels_are_balanced_at_any_length(self, count):
        labels = [fold.label for fold in fold_table("val", count, seed=1)]
        counts = np.bincount(labels, minlength=3)
        assert counts.max() - counts.min() <= 1

    def test_labels_are_shuffled(self):
        blocks = [fold.label for fold in fold_table("val", 300, seed=1)]
        orders = {tuple(blocks[k : k + 3]) for k in range(0, 300, 3)}
        assert len(orders) == 6

    def test_three_in_four_training_pictures_are_clean(self):
        clean = np.array([fold.clean for fold in fold_table("train", 3913, seed=0)])
        assert abs(clean.sum() - 0.75 * 3913) < 1
        assert np.array_equal(clean[:3912].reshape(-1, 4).sum(axis=1), np.full(978, 3))

    @pytest.mark.parametrize("split", ["val", "test"])
    def test_what_is_scored_is_all_outcrops(self, split):
        assert not any(fold.clean for fold in fold_table(split, 300, seed=0))

    def test_shape_follows_label(self):
        for fold in fold_table("train", 60, seed=0):
            kind = {"box": "box", "chevron": "chevron"}.get(fold.shape.kind, "rounded")
            assert CLASSES[fold.label] == kind

    def test_all_but_the_shape_is_drawn_alike_for_every_class(self):
        table = fold_table("train", 3000, seed=0)
        for name in ("clean", "interlimb", "wavelength", "lopsided", "flattening", "thickness"):
            same_for_all(table, [float(getattr(fold, name)) for fold in table])
        same_for_all(table, [fold.tilt for fold in table])
        same_for_all(table, [float(fold.synform) for fold in table])
        same_for_all(table, [fold.hinge[0] for fold in table])


def same_for_all(table, values):
    groups = [
        [v for fold, v in zip(table, values, strict=True) if fold.label == k] for k in range(3)
    ]
    assert stats.kruskal(*groups).pvalue > 1e-3


class TestCentreLine:
    @pytest.mark.parametrize("shape", SHAPES, ids=by_kind)
    @pytest.mark.parametrize("interlimb", [45.0, 90.0, 125.0])
    @pytest.mark.parametrize("lopsided", [0.35, 0.5])
    def test_interlimb_angle(self, shape, interlimb, lopsided):
        line = centre_line(shape, 80.0, interlimb, lopsided)
        u = np.linspace(0, 80, 40001)
        slopes = np.gradient(line(u), u)
        dips = math.degrees(math.atan(-slopes.min())) + math.degrees(math.atan(slopes.max()))
        assert 180 - dips == pytest.approx(interlimb, abs=0.05)

    @pytest.mark.parametrize("shape", SHAPES, ids=by_kind)
    def test_it_is_continuous_and_repeats(self, shape):
        line = centre_line(shape, 80.0, 70.0, 0.4)
        u = np.linspace(-40, 120, 160001)
        assert np.abs(np.diff(line(u))).max() < 0.001 * max(line.limb_slopes) * 1.01
        assert np.allclose(line(u), line(u + 80), atol=1e-9)
        assert line(np.array([0.0]))[0] == pytest.approx(line(u).max())

    def test_chevron_limbs_are_straight(self):
        line = centre_line(HingeShape("chevron", bend=0.1), 80.0, 60.0)
        limb = line(np.linspace(0.1 * 20, 40 - 0.1 * 20, 500))
        assert np.abs(np.diff(limb, 2)).max() < 1e-9

    def test_box_has_two_hinges_and_a_flat_crest(self):
        shape = HingeShape("box", bend=0.05, reach=0.55)
        line = centre_line(shape, 80.0, 80.0)
        u = np.linspace(-20, 20, 40001)  # inflection to inflection
        height = line(u)
        assert np.ptp(height[np.abs(u) < 20 * 0.5]) == 0
        bent = np.abs(np.diff(height, 2)) > 1e-10
        starts = np.flatnonzero(np.diff(bent.astype(int)) == 1)
        assert np.allclose(u[starts], [-20 * 0.6, 20 * 0.5], atol=0.01)

    def test_chevron_and_rounded_have_one_hinge(self):
        for shape in SHAPES[:1] + SHAPES[2:]:
            line = centre_line(shape, 80.0, 80.0)
            u = np.linspace(-19.9, 19.9, 2001)
            bending = -np.diff(line(u), 2)
            assert bending.min() > -1e-9
            assert bending[999] > 1e-6

    @pytest.mark.parametrize(
        ("shape", "ratio"),
        [
            (HingeShape("chevron", bend=1e-4), -1 / 9),
            (HingeShape("sine"), 0.0),
            (HingeShape("parabola"), 1 / 27),
            (HingeShape("ellipse", reach=0.9999), 0.165),
            (HingeShape("box", bend=1e-4, reach=0.999), 1 / 3),
        ],
        ids=["chevron", "sine", "parabola", "semi-ellipse", "box"],
    )
    def test_harmonics_are_those_of_hudleston(self, shape, ratio):
        """Hudleston (1973) tells the shapes apart by b3 / b1 of a quarter wave's sine series."""
        q = (np.arange(20000) + 0.5) / 20000
        first, third = (np.mean(shape.height(q) * np.cos(n * np.pi * q / 2)) for n in (1, 3))
        assert -third / first == pytest.approx(ratio, abs=0.002)

    def test_sine_is_a_cosine_of_the_quarter(self):
        q = np.linspace(0, 1, 101)
        assert np.allclose(HingeShape("sine").height(q), np.cos(np.pi * q / 2), atol=1e-12)


ONE_BED = Stack(levels=np.array([0.0]), halves=np.array([3.0]))


def surfaces_of(line: CentreLine, flattening: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u = np.linspace(0, line.wavelength, 1601)
    bottom, top = boundaries(line, ONE_BED, flattening, u)
    return u, bottom, top


class TestLayers:
    def test_class_1b_keeps_its_orthogonal_thickness(self):
        u, bottom, top = surfaces_of(centre_line(HingeShape("sine"), 80.0, 90.0), flattening=1.0)
        gaps = np.hypot(u[:, None] - u, top[:, None] - bottom).min(axis=1)
        assert gaps[200:1400] == pytest.approx(6.0, rel=0.01)

    @pytest.mark.parametrize("shape", SHAPES, ids=by_kind)
    def test_class_2_keeps_its_vertical_thickness(self, shape):
        _, bottom, top = surfaces_of(centre_line(shape, 80.0, 70.0), flattening=0.0)
        assert top - bottom == pytest.approx(6.0)

    @pytest.mark.parametrize("flattening", [0.0, 0.3, 0.7, 1.0])
    def test_thickness_on_a_limb_follows_ramsay(self, flattening):
        line = centre_line(HingeShape("chevron", bend=0.05), 80.0, 60.0)
        u, bottom, top = surfaces_of(line, flattening)
        dip = math.radians(60.0)
        orthogonal = (top - bottom)[np.abs(u - 20) < 1] * math.cos(dip)
        expected = 6.0 * math.sqrt(math.cos(dip) ** 2 + flattening * math.sin(dip) ** 2)
        assert orthogonal == pytest.approx(expected, rel=0.01)

    def test_beds_never_cross(self):
        for index, fold in enumerate(fold_table("train", 200, seed=5)):
            line = fold.line(96)
            draws = Draws(5, "train", index, STACK)
            stack = draw_stack(line, fold.flattening, fold.thickness * 96, 6, draws)
            surfaces = boundaries(line, stack, fold.flattening, np.linspace(0, 200, 401))
            assert np.diff(surfaces, axis=0).min() > 0


class TestSection:
    def test_a_hinge_in_layered_rock_is_always_in_view(self):
        y, x = np.indices((96, 96)).astype(np.float32)
        for index, fold in enumerate(fold_table("train", 100, seed=6)):
            section = cut_section(fold, 6, "train", index, x, y)
            column, row = (int(place * 96) for place in fold.hinge)
            assert 24 < column < 72
            assert 24 < row < 72
            assert 0 < section.layer[row, column] < section.layers

    def test_layers_are_those_between_the_surfaces(self):
        """The quick search agrees with counting every surface below a pixel."""
        y, x = np.indices((96, 96)).astype(np.float32)
        fold = next(f for f in fold_table("train", 60, seed=7) if f.clean and not f.synform)
        index = fold_table("train", 60, seed=7).index(fold)
        section = cut_section(fold, 7, "train", index, x, y)
        line = fold.line(96)
        draws = Draws(7, "train", index, STACK)
        beds = 3 + draws.below(5)
        stack = draw_stack(line, fold.flattening, fold.thickness * 96, beds, draws)
        turn = math.radians(fold.tilt)
        dx, dy = x - fold.hinge[0] * 96, y - fold.hinge[1] * 96
        along = dx * math.cos(turn) + dy * math.sin(turn)
        up = dx * math.sin(turn) - dy * math.cos(turn) + line(np.zeros(1))[0]
        surfaces = boundaries(line, stack, fold.flattening, along.ravel().astype(float))
        counted = (up.ravel() > surfaces).sum(axis=0).reshape(96, 96)
        assert np.mean(counted == section.layer) > 0.99
        assert np.abs(counted - section.layer).max() <= 1


class TestNoShortcut:
    """The class shows in the fold's form, not in a picture's colours."""

    @pytest.mark.parametrize(("split", "count"), [("val", 450), ("train", 600)])
    def test_colours_do_not_tell_the_class(self, split, count):
        pictures, labels = modelled_folds({split: count}, seed=11, size=48)[split]
        clean = np.array([fold.clean for fold in fold_table(split, count, seed=11)])
        wanted = clean == (split == "train")
        table, labels = colours(pictures[wanted]), labels[wanted]
        # Three standard errors above chance.
        limit = 1 / 3 + 3 * math.sqrt(2 / 9 / len(labels))
        for model in (LinearDiscriminantAnalysis(), RandomForestClassifier(30, random_state=0)):
            assert cross_val_score(model, table, labels, cv=4).mean() < limit


def colours(pictures: np.ndarray) -> np.ndarray:
    flat = pictures.reshape(len(pictures), -1, 3)
    measures = [flat.mean(axis=1), flat.std(axis=1), *np.percentile(flat, [5, 50, 95], axis=1)]
    return np.concatenate(measures, axis=1)
