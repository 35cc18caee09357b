"""Training: a network and a recipe, as a scikit-learn classifier of uint8 pictures."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn
from torch.nn import functional

from models.augment import augment, normalise, to_float
from models.head import rate_groups
from models.recipe import RECIPES, Recipe

_log = logging.getLogger(__name__)

# Pictures that are asked about at a time. Large enough to keep the processor busy.
_PREDICT_BATCH = 256

_CHANNELS = 3


class TorchClassifier(ClassifierMixin, BaseEstimator):
    """Train a torch network on pictures by a recipe.

    Every random number comes from ``random_state``: with the same one, the same threads and the
    same machine, two fits give the same probabilities. torch's own random state, number of
    threads and cuDNN settings are as they were when ``fit`` or ``predict`` has returned.

    The forward pass of training runs in bfloat16 where the device computes in it natively, and
    in float32 elsewhere; weights, loss and predictions are float32 everywhere.

    Parameters
    ----------
    network : function that takes the number of classes and returns an ``nn.Module``, which maps
        float32 pictures (n, 3, side, side), normalised as ImageNet's, to logits (n, n_classes).
    recipe : how it is trained.
    body_rate : learning rate of all layers but the last, as a share of the last one's.
    random_state : seed, or a numpy ``RandomState``.
    threads : processor threads to compute with.
    device : torch device to compute on, ``cpu`` or ``cuda``.

    Attributes
    ----------
    classes_ : the labels, sorted.
    network_ : the trained network.
    side_ : side in pixels of the pictures it learned from.
    precision_ : ``bfloat16`` or ``float32``: that of the forward pass in training.
    n_parameters_ : number of trainable parameters.
    history_ : a dict per epoch with ``epoch`` (from 1), ``loss`` and ``accuracy`` (mean over the
        augmented training pictures), ``rate`` (at the epoch's last step) and ``seconds``.
    """

    def __init__(
        self,
        network: Callable[[int], nn.Module],
        recipe: Recipe = RECIPES["quick"],
        *,
        body_rate: float = 1.0,
        random_state: int | np.random.RandomState | None = None,
        threads: int = 1,
        device: str = "cpu",
    ):
        self.network = network
        self.recipe = recipe
        self.body_rate = body_rate
        self.random_state = random_state
        self.threads = threads
        self.device = device

    def fit(self, X: ArrayLike, y: ArrayLike) -> TorchClassifier:
        """Train a new network.

        Parameters
        ----------
        X : uint8 (n, side, side, 3), RGB; may be a read-only memory map.
        y : labels (n,).

        Raises
        ------
        ValueError
            If the arrays are not that, or hold fewer than two classes.
        FloatingPointError
            If the loss is no finite number any more.
        """
        pictures = _check_pictures(X)
        check_consistent_length(pictures, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(column_or_1d(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"training needs at least two classes; y holds {len(self.classes_)}")
        self.side_ = pictures.shape[1]
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        device = torch.device(self.device)
        precision = _native_precision(device)
        self.precision_ = str(precision).removeprefix("torch.")

        with _isolated(device, self.threads, seed):
            self.network_ = self.network(len(self.classes_)).to(device)
            nn.utils.convert_conv2d_weight_memory_format(self.network_, torch.channels_last)
            self.n_parameters_ = sum(
                values.numel() for values in self.network_.parameters() if values.requires_grad
            )
            self.history_ = Training(
                self.network_,
                _to_device(pictures, device),
                torch.from_numpy(codes).to(device),
                self.recipe,
                torch.Generator().manual_seed(seed),
                precision,
                self.body_rate,
            ).run()
            _synchronise(device)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return probabilities (n, n_classes), in the order of ``classes_``; rows sum to 1.

        Raises
        ------
        ValueError
            If X is not uint8 (n, side, side, 3) of the side that was learned from.
        NotFittedError
            Before ``fit``.
        """
        check_is_fitted(self, "history_")
        pictures = _check_pictures(X)
        if pictures.shape[1] != self.side_:
            raise ValueError(
                f"pictures have a side of {pictures.shape[1]} pixels; this model learned from "
                f"pictures with a side of {self.side_}"
            )
        device = torch.device(self.device)
        with _isolated(device, self.threads, seed=0), torch.inference_mode():
            self.network_.to(device).eval()
            logits = [
                _logits(
                    self.network_,
                    to_float(_to_device(pictures[start : start + _PREDICT_BATCH], device)),
                    len(self.classes_),
                )
                for start in range(0, len(pictures), _PREDICT_BATCH)
            ]
            probabilities = torch.cat(logits).double().softmax(dim=1).cpu().numpy()
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each picture (n,). Raises as `predict_proba` does."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def __getstate__(self) -> dict[str, Any]:
        # On the processor, so that what was fitted on a GPU loads where there is none.
        state = super().__getstate__()
        if "network_" in state and torch.device(self.device).type != "cpu":
            state = {**state, "network_": copy.deepcopy(self.network_).cpu()}
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags


class Training:
    """A network on its way through a recipe, epoch by epoch.

    Parameters
    ----------
    network : network in float32 on the device of the pictures; changed in place.
    pictures : uint8 (n, 3, side, side), on the device.
    targets : int64 (n,), from 0, each class at least once, on the device.
    recipe : how to train.
    generator : source of the order of the pictures and of their augmentation.
    precision : type of the forward pass, bfloat16 or float32.
    body_rate : learning rate of all layers but the last, as a share of the last one's.
    """

    def __init__(
        self,
        network: nn.Module,
        pictures: Tensor,
        targets: Tensor,
        recipe: Recipe,
        generator: torch.Generator,
        precision: torch.dtype,
        body_rate: float = 1.0,
    ):
        self.network = network.train()
        self.pictures = pictures
        self.targets = targets
        self.recipe = recipe
        self.generator = generator
        self.precision = precision
        self.n_classes = int(targets.max()) + 1
        self.sizes = batch_sizes(len(pictures), recipe.batch_size)
        groups = rate_groups(network, recipe.max_rate, body_rate)
        self.optimiser = torch.optim.Adam(
            groups,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            [group["lr"] for group in groups],
            total_steps=recipe.epochs * len(self.sizes),
        )
        self.history: list[dict[str, float]] = []

    def run(self) -> list[dict[str, float]]:
        """Train to the recipe's last epoch and return ``TorchClassifier.history_``.

        Raises
        ------
        FloatingPointError
            If an epoch's loss is no finite number.
        """
        while len(self.history) < self.recipe.epochs:
            self.history.append(self._epoch())
            _report(self.history, self.recipe.epochs, len(self.pictures))
            if not math.isfinite(self.history[-1]["loss"]):
                raise FloatingPointError(
                    f"training diverged: the loss of epoch {len(self.history)} is no finite number"
                )
        return self.history

    def _epoch(self) -> dict[str, float]:
        started = time.perf_counter()
        device = self.pictures.device
        order = torch.randperm(len(self.pictures), generator=self.generator).to(device)
        totals = torch.zeros(2, device=device)
        for index in order.split(self.sizes):
            rate = float(self.schedule.get_last_lr()[0])
            totals += self._step(index)
        # Reading the totals waits for the device, so the seconds are true.
        loss, accuracy = (totals / len(self.pictures)).tolist()
        return {
            "epoch": len(self.history) + 1,
            "loss": loss,
            "accuracy": accuracy,
            "rate": rate,
            "seconds": time.perf_counter() - started,
        }

    def _step(self, index: Tensor) -> Tensor:
        """Learn from one batch; return the sum of its losses and its number of right answers."""
        batch = augment(self.pictures[index], self.recipe.augmentation, self.generator)
        targets = self.targets[index]
        mixed = self.precision != torch.float32
        with torch.autocast(batch.device.type, self.precision, enabled=mixed):
            logits = _logits(self.network, batch, self.n_classes)
        loss = functional.cross_entropy(logits, targets)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(self.network.parameters(), self.recipe.clip_value)
        self.optimiser.step()
        self.schedule.step()
        right = (logits.argmax(dim=1) == targets).sum()
        return torch.stack([loss.detach() * len(index), right])


def batch_sizes(n: int, batch_size: int) -> list[int]:
    """Sizes of the batches of n pictures: full ones, then the rest.

    A rest of a single picture joins the batch before it, since batch normalisation cannot learn
    from one value.
    """
    full, rest = divmod(n, batch_size)
    if rest == 1 and full:
        return [batch_size] * (full - 1) + [batch_size + 1]
    return [batch_size] * full + [rest] * (rest > 0)


def _logits(network: nn.Module, pictures: Tensor, n_classes: int) -> Tensor:
    """Ask the network about pictures (n, 3, side, side) in 0 .. 1; float32 (n, n_classes)."""
    logits = network(normalise(pictures).contiguous(memory_format=torch.channels_last))
    if logits.shape != (len(pictures), n_classes):
        raise ValueError(
            f"the network answers {len(pictures)} pictures of {n_classes} classes with the shape "
            f"{tuple(logits.shape)}, not {(len(pictures), n_classes)}"
        )
    return logits.float()


def _report(history: list[dict[str, float]], epochs: int, n: int) -> None:
    now = history[-1]
    left = (epochs - len(history)) * sum(done["seconds"] for done in history) / len(history)
    _log.info(
        "epoch %d/%d loss %.2f accuracy %.2f %s pictures/s %.0f s left",
        now["epoch"],
        epochs,
        now["loss"],
        now["accuracy"],
        f"{n / now['seconds']:,.0f}",
        left,
    )


def _check_pictures(X: ArrayLike) -> NDArray[np.uint8]:
    pictures = np.asarray(X)
    n, *shape = pictures.shape or (0,)
    square = len(shape) == 3 and shape[0] == shape[1] and shape[2] == _CHANNELS
    if pictures.dtype != np.uint8 or not square or n == 0:
        raise ValueError(
            "expected uint8 pictures of the shape (n, side, side, 3) with n > 0, got "
            f"{pictures.dtype} {pictures.shape}"
        )
    return pictures


def _to_device(pictures: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Return pictures (n, side, side, 3) as a tensor (n, 3, side, side) on the device.

    A copy in memory of its own: what comes in may be a map of a file that must not be written.
    """
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy(order="C")).to(device)


def _native_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the device's own arithmetic has it, else float32."""
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


@contextmanager
def _isolated(device: torch.device, threads: int, seed: int) -> Iterator[None]:
    """Compute with these threads and a seeded, deterministic torch; then put all of it back."""
    before = torch.get_num_threads()
    on_gpu = device.type == "cuda"
    torch.set_num_threads(threads)
    try:
        with (
            torch.random.fork_rng(devices=[device] if on_gpu else []),
            torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True),
        ):
            torch.default_generator.manual_seed(seed)
            if on_gpu:
                torch.cuda.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
