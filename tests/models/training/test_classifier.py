"""The classifier around a torch network: scikit-learn's conventions, seeds, the loop."""

import dataclasses
import logging
import pickle
import time
from functools import partial
from typing import ClassVar

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sklearn.base import clone, is_classifier  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import TensorDataset  # noqa: E402

from models.errors import Diverged  # noqa: E402
from models.networks.resnet9 import ResNet9  # noqa: E402
from models.training.classifier import TorchClassifier  # noqa: E402
from models.training.loop import Training, _batch_sizes  # noqa: E402
from models.training.optimiser import optimise  # noqa: E402
from models.training.recipe import RECIPES, Augmentation  # noqa: E402

RECIPE = dataclasses.replace(
    RECIPES["published"],
    epochs=4,
    batch_size=16,
    max_rate=0.01,
    augmentation=Augmentation(crop_padding=2, flip=(True, True), jitter=0.1),
)


class Small(nn.Module):
    """Two convolutions and dropout: quick to train, and random in every way a network can be."""

    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(0.1),
        )
        self.head = nn.Linear(8, n_classes)

    def forward(self, pictures):
        return self.head(self.body(pictures))


def coloured(n=96, side=16, n_classes=3, seed=0):
    """Noise in which class k has more of colour k."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    X = random.integers(0, 120, (n, side, side, 3), dtype=np.uint8)
    X[np.arange(n), :, :, y] += 90
    return X, y


def classifier(network=Small, recipe=RECIPE, **settings):
    return TorchClassifier(network, recipe, **{"random_state": 0, **settings})


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(*coloured())


def test_learns_a_separable_task():
    X, y = coloured(n=192)
    recipe = dataclasses.replace(RECIPE, epochs=10)
    unseen, truth = coloured(seed=1)
    assert classifier(recipe=recipe).fit(X, y).score(unseen, truth) > 0.95


@pytest.mark.parametrize("grey", [False, True])
def test_resnet9_learns_a_separable_task(grey):
    random = np.random.default_rng(0)
    y = np.arange(48) % 2
    X = random.integers(0, 100, (48, 16, 16, 3), dtype=np.uint8)
    X[y == 1, ::4] += 120
    network = partial(ResNet9, grey=grey)
    recipe = dataclasses.replace(RECIPE, max_rate=0.002)
    assert classifier(network, recipe).fit(X, y).score(X, y) > 0.9


def test_probabilities_are_a_distribution_over_classes(fitted):
    X, _ = coloured(seed=1)
    probabilities = fitted.predict_proba(X)
    assert probabilities.shape == (96, 3)
    assert probabilities.dtype == np.float64
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert np.array_equal(fitted.predict(X), fitted.classes_[probabilities.argmax(axis=1)])


@pytest.mark.parametrize("names", [np.array([3, 7, 40]), np.array(["box", "chevron", "round"])])
def test_labels_may_be_anything(names):
    X, y = coloured()
    model = classifier().fit(X, names[y])
    assert np.array_equal(model.classes_, names)
    assert np.array_equal(model.predict_proba(X), classifier().fit(X, y).predict_proba(X))
    assert set(model.predict(X)) <= set(names)


def test_constructor_only_stores_and_clone_works():
    model = classifier(threads=2, device="cpu")
    parameters = model.get_params()
    assert parameters == {
        "network": Small,
        "recipe": RECIPE,
        "body_rate": 1.0,
        "random_state": 0,
        "threads": 2,
        "device": "cpu",
        "precision": None,
        "checkpoint": "",
        "validation": None,
        "notes": (),
    }
    assert clone(model).get_params() == parameters
    assert set(vars(model)) == set(parameters)
    assert is_classifier(model)


def test_fitted_attributes(fitted):
    assert fitted.n_parameters_ == sum(p.numel() for p in Small(3).parameters())
    assert fitted.precision_ in ("bfloat16", "float32")
    assert fitted.side_ == 16
    assert [epoch["epoch"] for epoch in fitted.history_] == [1, 2, 3, 4]
    for epoch in fitted.history_:
        assert set(epoch) == {"epoch", "loss", "accuracy", "rate", "seconds"}
        assert 0 <= epoch["accuracy"] <= 1


def test_not_fitted():
    X, _ = coloured(n=4)
    for ask in (classifier().predict, classifier().predict_proba):
        with pytest.raises(NotFittedError):
            ask(X)


def test_same_seed_same_probabilities_whatever_torchs_own_state():
    X, y = coloured()
    torch.manual_seed(1)
    first = classifier(threads=2).fit(X, y).predict_proba(X)
    torch.manual_seed(2)
    np.random.seed(5)
    assert np.array_equal(first, classifier(threads=2).fit(X, y).predict_proba(X))
    assert not np.array_equal(first, classifier(random_state=1).fit(X, y).predict_proba(X))


def test_torchs_own_state_and_threads_are_left_alone():
    X, y = coloured(n=32)
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    threads = torch.get_num_threads()
    classifier(threads=threads + 1).fit(X, y).predict(X)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.rand(4), expected)


def test_refitting_starts_anew(fitted):
    X, y = coloured()
    model = classifier().fit(*coloured(n=30, n_classes=2))
    assert np.array_equal(model.fit(X, y).predict_proba(X), fitted.predict_proba(X))


def test_a_pickled_model_answers_the_same(fitted):
    X, _ = coloured(seed=1)
    loaded = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    assert np.array_equal(loaded.predict_proba(X), fitted.predict_proba(X))


def test_answers_do_not_depend_on_the_company(fitted):
    X, _ = coloured(n=300, seed=1)
    alone = np.concatenate([fitted.predict_proba(X[i : i + 1]) for i in range(5)])
    assert np.allclose(fitted.predict_proba(X)[:5], alone, atol=1e-5)


def test_a_read_only_memory_map_is_learned_from_and_not_written(tmp_path):
    X, y = coloured()
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    model = classifier().fit(mapped, y)
    assert np.array_equal(model.predict_proba(mapped), classifier().fit(X, y).predict_proba(X))
    assert np.array_equal(mapped, X)


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X.astype(np.float64),
        lambda X: X[..., 0],
        lambda X: X[..., :2],
        lambda X: X[:, :-1],
        lambda X: X[:0],
        lambda X: X.reshape(len(X), -1),
    ],
    ids=["float", "grey", "channels", "not square", "none", "table"],
)
def test_what_are_no_pictures_is_refused(fitted, change):
    X, y = coloured(n=8)
    with pytest.raises(ValueError, match="uint8 pictures"):
        fitted.predict(change(X))
    with pytest.raises(ValueError, match="uint8 pictures"):
        classifier().fit(change(X), y[: len(change(X))])


def test_another_size_than_it_learned_from_is_refused(fitted):
    with pytest.raises(ValueError, match=r"20 pixels.*side of 16"):
        fitted.predict(coloured(n=2, side=20)[0])


def test_labels_that_do_not_fit_are_refused():
    X, y = coloured(n=8)
    for labels, match in [
        (y[:-1], "inconsistent numbers"),
        (np.zeros(8, int), "two classes"),
        (np.linspace(0, 1, 8), "Unknown label type"),
    ]:
        with pytest.raises(ValueError, match=match):
            classifier().fit(X, labels)


def test_a_network_that_answers_in_the_wrong_shape_is_named():
    with pytest.raises(ValueError, match="shape"):
        classifier(lambda n_classes: Small(n_classes + 1)).fit(*coloured(n=8))


@pytest.mark.parametrize(("answer", "kind"), [(lambda said: (said, said), "tuple"),
                                              (lambda said: None, "NoneType")])  # fmt: skip
def test_a_network_that_answers_no_tensor_is_told_what_to_return(answer, kind):
    class Other(Small):
        def forward(self, pictures):
            return answer(super().forward(pictures))

    with pytest.raises(ValueError, match=rf"returns {kind}; let it return one tensor"):
        classifier(Other).fit(*coloured(n=8))


def test_a_network_that_cannot_be_trained_is_told_why():
    def lazy(n_classes):
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(n_classes))

    def still(n_classes):
        return Small(n_classes).requires_grad_(False)

    for network, match in ((lazy, "lazy layers"), (still, "no trainable parameters")):
        with pytest.raises(ValueError, match=match):
            classifier(network).fit(*coloured(n=8))


def test_pictures_of_a_single_pixel_are_refused():
    with pytest.raises(ValueError, match="side from 2 on"):
        classifier().fit(*coloured(n=8, side=1))


@pytest.mark.parametrize("precision", ["float16", "double", "", 32, "nonsense"])
def test_another_precision_is_refused(precision):
    with pytest.raises(ValueError, match="choose 'bfloat16' or 'float32'"):
        classifier(precision=precision).fit(*coloured(n=8))


def test_a_loss_that_is_no_number_stops_the_training():
    class Broken(Small):
        def forward(self, pictures):
            return super().forward(pictures) * float("nan")

    with pytest.raises(FloatingPointError, match="diverged: the loss of epoch 1 "):
        classifier(Broken).fit(*coloured(n=8))


def test_a_diverged_training_tells_of_the_epochs_before():
    class Breaking(Small):
        batches = 0

        def forward(self, pictures):
            self.batches += 1
            return super().forward(pictures) * (1 if self.batches < 3 else float("nan"))

    X, y = coloured(n=16)
    with pytest.raises(Diverged, match="epoch 3 ") as caught:
        classifier(Breaking).fit(X, y)
    same = classifier(recipe=RECIPE).fit(X, y).history_[:2]
    assert [epoch["loss"] for epoch in caught.value.history] == [epoch["loss"] for epoch in same]


def test_only_learning_is_on_the_clock():
    """Building the network and looking at val, slow here, are aside; its epochs are all else."""

    class Slow(Small):
        def __init__(self, n_classes):
            super().__init__(n_classes)
            time.sleep(0.3)

        def forward(self, pictures):
            if not self.training:
                time.sleep(0.1)
            return super().forward(pictures)

    X, y = coloured()
    model = classifier(Slow, validation=(X, y))
    started = time.perf_counter()
    model.fit(X, y)
    around = time.perf_counter() - started
    learning = sum(epoch["seconds"] for epoch in model.history_)
    assert model.clock_["aside_seconds"] > 0.3 + len(model.history_) * 0.1
    assert around - model.clock_["aside_seconds"] == pytest.approx(learning, abs=0.05)


def test_a_warm_up_leaves_no_trace():
    def train(warm):
        torch.manual_seed(0)
        X, y = coloured(n=32)
        pictures = TensorDataset(
            torch.from_numpy(X.transpose(0, 3, 1, 2).copy()), torch.from_numpy(y)
        )
        network = Small(3)
        draws = torch.Generator().manual_seed(1)
        training = Training(network, pictures, RECIPE, draws, torch.float32)
        if warm:
            training.warm_up()
            assert all(values.grad is None for values in network.parameters())
        training.run()
        return network.state_dict()

    cold, warm = train(warm=False), train(warm=True)
    for name, values in cold.items():
        assert torch.equal(values, warm[name]), name


def test_rates_are_those_of_one_cycle():
    """The closed form with torch's defaults: cosine up over 0.3 of the steps, cosine down."""
    recipe = dataclasses.replace(RECIPE, epochs=10, batch_size=48)
    rates = [epoch["rate"] for epoch in classifier(recipe=recipe).fit(*coloured()).history_]
    steps, top = 20, recipe.max_rate
    start, end = top / 25, top / 25 / 1e4
    peak = 0.3 * steps - 1

    def rate(step):
        if step <= peak:
            return top + (start - top) / 2 * (1 + np.cos(np.pi * step / peak))
        return end + (top - end) / 2 * (1 + np.cos(np.pi * (step - peak) / (steps - 1 - peak)))

    assert rates == pytest.approx([rate(2 * epoch + 1) for epoch in range(10)], rel=1e-6)


def test_every_gradient_value_is_clipped(monkeypatch):
    seen = []
    step = torch.optim.Adam.step

    def watch(self, *arguments, **named):
        gradients = [p.grad for group in self.param_groups for p in group["params"]]
        seen.append(max(float(gradient.abs().max()) for gradient in gradients))
        return step(self, *arguments, **named)

    monkeypatch.setattr(torch.optim.Adam, "step", watch)
    classifier(recipe=dataclasses.replace(RECIPE, clip_value=1e-4)).fit(*coloured())
    assert seen
    assert max(seen) == pytest.approx(1e-4)


@pytest.mark.parametrize("kind", ["Adam", "AdamW"])
def test_memory_taken_early_is_what_torch_takes_at_the_first_step(kind):
    def steps(optimiser, network):
        for step in range(3):
            optimiser.zero_grad()
            network(torch.ones(2, 3, 8, 8) * (step + 1)).sum().backward()
            optimiser.step()
        return network.state_dict()

    torch.manual_seed(0)
    ours, theirs = Small(3).eval(), Small(3).eval()
    theirs.load_state_dict(ours.state_dict())
    recipe = dataclasses.replace(RECIPE, optimiser=kind)
    early, _ = optimise(ours, recipe, 1.0, steps=10)
    late = getattr(torch.optim, kind)(theirs.parameters(), weight_decay=recipe.weight_decay)
    held = {name: values.clone() for name, values in early.state_dict()["state"][0].items()}
    assert all(not values.any() for values in held.values())
    for mine, other in zip(early.param_groups, late.param_groups, strict=True):
        other.update({n: mine[n] for n in ("lr", "betas", "fused")})
    one, other = steps(early, ours), steps(late, theirs)
    for name, values in one.items():
        assert torch.equal(values, other[name]), name


def test_out_of_memory_in_prediction_halves_it_and_says_so(monkeypatch, fitted, caplog):
    X, _ = coloured(n=300, seed=1)
    expected = fitted.predict_proba(X)
    model = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    seen = []
    forward = Small.forward

    def hungry(self, pictures):
        seen.append(len(pictures))
        if len(pictures) > 100:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return forward(self, pictures)

    monkeypatch.setattr(Small, "forward", hungry)
    with caplog.at_level(logging.WARNING, logger="models.training.prediction"):
        assert np.allclose(model.predict_proba(X), expected, atol=1e-6)
    assert seen == [256, 128, 64, 64, 64, 64, 44]
    model.predict_proba(X)
    assert model.notes_ == ["out of memory: predictions are made 64 pictures at a time"]
    assert model.notes_[0] in caplog.text
    assert fitted.notes_ == []


def test_out_of_memory_while_watching_does_not_end_the_training(monkeypatch):
    class Watched(Small):
        def forward(self, pictures):
            if not self.training and len(pictures) > 50:
                raise MemoryError
            return super().forward(pictures)

    X, y = coloured()
    model = classifier(Watched, validation=(X, y)).fit(X, y)
    assert model.notes_ == ["out of memory: predictions are made 48 pictures at a time"]
    assert np.allclose(model.predict_proba(X), classifier().fit(X, y).predict_proba(X), atol=1e-6)


def test_a_prediction_that_never_fits_is_an_error(monkeypatch, fitted):
    def endless(self, pictures):
        raise MemoryError("none at all")

    monkeypatch.setattr(Small, "forward", endless)
    with pytest.raises(MemoryError, match="none at all"):
        fitted.predict_proba(coloured()[0])


def test_progress_is_a_line_per_epoch(caplog):
    with caplog.at_level(logging.INFO, logger="models.training.loop"):
        classifier().fit(*coloured())
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 4
    assert lines[0].startswith("epoch 1/4 loss ")
    for word in ("accuracy", "pictures/s", "s left"):
        assert word in lines[0]
    assert lines[-1].endswith(" 0 s left")


@pytest.mark.parametrize(
    ("n", "size", "expected"),
    [
        (3913, 400, [400] * 9 + [313]),
        (800, 400, [400, 400]),
        (401, 400, [401]),
        (801, 400, [400, 401]),
        (5, 400, [5]),
        (1, 400, [1]),
    ],
)
def test_batch_sizes(n, size, expected):
    assert _batch_sizes(n, size) == expected


def test_batches_in_half_precision_learn_what_full_precision_learns():
    X, y = coloured()
    losses = []
    for precision in ("float32", "bfloat16"):
        model = classifier(precision=precision).fit(X, y)
        assert model.precision_ == precision
        losses.append([epoch["loss"] for epoch in model.history_])
    assert losses[0] == pytest.approx(losses[1], abs=0.05)
    assert losses[0] != losses[1]


def test_validation_is_watched_and_decides_nothing():
    X, y = coloured()
    unseen, truth = coloured(n=40, seed=1)
    model = classifier(validation=(unseen, truth)).fit(X, y)
    assert model.history_[-1]["val_accuracy"] == pytest.approx(model.score(unseen, truth))
    assert np.array_equal(model.predict_proba(X), classifier().fit(X, y).predict_proba(X))


def test_a_label_that_was_never_learned_is_always_got_wrong():
    X, y = coloured()
    unseen, _ = coloured(n=40, seed=1)
    model = classifier(validation=(unseen, np.full(40, 7))).fit(X, y)
    assert [epoch["val_accuracy"] for epoch in model.history_] == [0.0] * 4


def test_a_mirror_image_is_averaged_in_where_the_recipe_says_so(fitted):
    recipe = dataclasses.replace(RECIPE, mirror_test=True)
    X, y = coloured()
    model = classifier(recipe=recipe).fit(X, y)
    mirrored = np.ascontiguousarray(X[:, :, ::-1])
    single = (fitted.predict_proba(X) + fitted.predict_proba(mirrored)) / 2
    assert np.allclose(model.predict_proba(X), single, atol=1e-6)
    assert np.allclose(model.predict_proba(X), model.predict_proba(mirrored), atol=1e-6)


def test_labels_are_smoothed_as_in_the_closed_form():
    """With a rate of next to nothing, the loss is that of the first weights: log 3 for zeros."""

    class Certain(Small):
        def forward(self, pictures):
            answer = super().forward(pictures) * 0
            return answer + torch.tensor([2.0, 0.0, 0.0])

    X, y = coloured(n=30)
    recipe = dataclasses.replace(RECIPE, epochs=1, batch_size=30, label_smoothing=0.3)
    loss = classifier(Certain, recipe).fit(X, y).history_[0]["loss"]
    logs = np.array([2.0, 0.0, 0.0]) - np.log(np.exp(2) + 2)
    expected = [-(0.7 * logs[label] + 0.3 * logs.mean()) for label in range(3)]
    assert loss == pytest.approx(np.mean(expected), rel=1e-5)


def test_adamw_shrinks_weights_by_the_rates_share():
    """Steps of Adam on one weight by hand (Loshchilov and Hutter's algorithm 2)."""

    class One(nn.Module):
        def __init__(self, n_classes):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, pictures):
            return self.weight * torch.ones(len(pictures), 2) * torch.tensor([1.0, 0.0])

    X, y = coloured(n=4, n_classes=2)
    y[:] = [0, 0, 0, 1]
    recipe = dataclasses.replace(
        RECIPE, optimiser="AdamW", weight_decay=0.5, clip_value=0.0, batch_size=4, epochs=2
    )
    model = classifier(One, recipe).fit(X, y)
    weight, mean, square = 1.0, 0.0, 0.0
    # One cycle moves the momentum too, from 0.95 down to 0.85 at the top of the rate and up again;
    # in the second of two steps it is at the end of its way.
    momenta = [0.95, 0.95]
    for step, (epoch, momentum) in enumerate(zip(model.history_, momenta, strict=True), 1):
        gradient = 1 / (1 + np.exp(-weight)) - 0.75
        mean = momentum * mean + (1 - momentum) * gradient
        square = 0.999 * square + 0.001 * gradient**2
        weight *= 1 - epoch["rate"] * 0.5
        slope = mean / (1 - momentum**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        weight -= epoch["rate"] * slope
    assert float(model.network_.weight.detach()) == pytest.approx(weight, rel=1e-4)


class Hungry(Small):
    """Runs out of memory on more than ten pictures at a time."""

    error = MemoryError
    seen: ClassVar = []

    def forward(self, pictures):
        if self.training:
            self.seen.append(len(pictures))
            if len(pictures) > 10:
                raise self.error("[enforce fail] DefaultCPUAllocator: not enough memory")
        return super().forward(pictures)


@pytest.mark.parametrize("error", [MemoryError, RuntimeError, torch.OutOfMemoryError])
def test_out_of_memory_halves_the_batch_and_says_so(error, monkeypatch, caplog):
    monkeypatch.setattr(Hungry, "error", error)
    monkeypatch.setattr(Hungry, "seen", [])
    recipe = dataclasses.replace(RECIPE, batch_size=32, epochs=2)
    with caplog.at_level(logging.WARNING, logger="models.training.loop"):
        model = classifier(Hungry, recipe).fit(*coloured())
    assert Hungry.seen == [32, 16, *[8] * 24]
    assert model.notes_ == [
        "out of memory: batches of 32 are computed 8 pictures at a time, their gradients added up"
    ]
    assert model.notes_[0] in caplog.text


def test_a_batch_in_parts_has_the_gradient_of_the_whole():
    """Without batch normalisation and dropout, which see the parts, one step is the same step.

    Also the pictures are, as they were augmented.
    """

    class Plain(nn.Module):
        def __init__(self, n_classes):
            super().__init__()
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, n_classes))

        def forward(self, pictures):
            return self.head(pictures)

    class Half(Plain):
        def forward(self, pictures):
            if self.training and len(pictures) > 11:
                raise MemoryError
            return super().forward(pictures)

    augmentation = RECIPES["quick"].augmentation
    assert augmentation != Augmentation()
    recipe = dataclasses.replace(RECIPE, batch_size=20, epochs=2, augmentation=augmentation)
    X, y = coloured(n=40)
    whole, halves = (classifier(n, recipe).fit(X, y).predict_proba(X) for n in (Plain, Half))
    assert np.allclose(whole, halves, atol=1e-6)


def test_after_a_fit_that_failed_nothing_is_fitted():
    class Once(Small):
        fits = 0

        def forward(self, pictures):
            if self.training and type(self).fits:
                raise ValueError("the second time")
            return super().forward(pictures)

    model = classifier(Once).fit(*coloured())
    Once.fits = 1
    with pytest.raises(ValueError, match="the second time"):
        model.fit(*coloured())
    with pytest.raises(NotFittedError):
        model.predict(coloured()[0])


def test_what_never_fits_is_an_error():
    class Endless(Small):
        def forward(self, pictures):
            raise MemoryError("none at all")

    with pytest.raises(MemoryError, match="none at all"):
        classifier(Endless).fit(*coloured())


def test_another_error_is_no_lack_of_memory():
    class Broken(Small):
        def forward(self, pictures):
            raise RuntimeError("size mismatch")

    with pytest.raises(RuntimeError, match="size mismatch"):
        classifier(Broken).fit(*coloured())
