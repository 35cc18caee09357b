"""The classifier: a network and a recipe, as a scikit-learn classifier of uint8 pictures."""

from __future__ import annotations

import copy
import json
import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from models.networks.convolution import winograd
from models.networks.convolution.quick import quicken
from models.training.checkpoint import Checkpoint
from models.training.device import isolated, native_precision
from models.training.loop import Training
from models.training.prediction import Prediction
from models.training.recipe import RECIPES, Recipe

_PRECISIONS = ("bfloat16", "float32")

# Pictures that go to the device at a time when they are asked about.
_AT_A_TIME = 4096


class TorchClassifier(ClassifierMixin, BaseEstimator):
    """Train a torch network on pictures by a recipe.

    Every random number comes from ``random_state``: with the same one, the same threads and the
    same machine, two fits give the same probabilities. torch's own random state, number of
    threads and cuDNN settings are as they were when ``fit`` or ``predict`` has returned.

    Parameters
    ----------
    network : function that takes the number of classes and returns an ``nn.Module``, which maps
        float32 pictures (n, 3, side, side), normalised as ImageNet's, to logits (n, n_classes).
    recipe : how it is trained.
    body_rate : learning rate of all layers but the last, as a share of the last one's.
    random_state : seed, or a numpy ``RandomState``.
    threads : processor threads to compute with.
    device : torch device to compute on, ``cpu`` or ``cuda``.
    precision : of the forward pass in training, ``bfloat16`` or ``float32``; by default bfloat16
        where the device computes in it natively. Weights, loss and predictions are float32.
    checkpoint : file to keep in which state the training is, and to go on from if it is there;
        empty for none. It stays when the training has ended.
    validation : pictures and labels, as for ``fit``, whose accuracy goes into the history. Nothing
        is chosen on them.
    notes : sentences that ``notes_`` begins with.

    Attributes
    ----------
    classes_ : the labels, sorted.
    network_ : the trained network.
    side_ : side in pixels of the pictures it learned from.
    precision_ : ``bfloat16`` or ``float32``: that of the forward pass in training.
    n_parameters_ : number of trainable parameters.
    history_ : a dict per epoch with ``epoch`` (from 1), ``loss`` and ``accuracy`` (mean over the
        augmented training pictures), ``rate`` (at the epoch's last step), ``seconds``, and with
        ``validation`` also ``val_accuracy``.
    notes_ : sentences for the record: what it went on from, what was done about memory, also by
        ``predict``, and what a GPU could not compute deterministically.
    clock_ : ``aside_seconds`` that ``fit`` spent on anything but its epochs' learning: imports,
        building the network, bringing it to the device and warming that up, looking at
        ``validation``, checkpoints; and ``earlier_seconds`` that a training it went on from had
        spent on learning.
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
        precision: str | None = None,
        checkpoint: str = "",
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        notes: tuple[str, ...] = (),
    ):
        self.network = network
        self.recipe = recipe
        self.body_rate = body_rate
        self.random_state = random_state
        self.threads = threads
        self.device = device
        self.precision = precision
        self.checkpoint = checkpoint
        self.validation = validation
        self.notes = notes

    def fit(self, X: ArrayLike, y: ArrayLike) -> TorchClassifier:
        """Train a new network, or go on with the one of the checkpoint.

        Parameters
        ----------
        X : uint8 (n, side, side, 3), RGB; may be a read-only memory map.
        y : labels (n,).

        Raises
        ------
        ValueError
            If the arrays are not that, or hold fewer than two classes or a single pixel a picture;
            if there is no such precision; if the network can't be trained or gives no logits.
        Diverged
            If the loss is no finite number any more.
        """
        started = time.perf_counter()
        self.__dict__.pop("history_", None)  # until this fit has ended well, nothing is fitted
        precision = self._precision()
        pictures = _check_pictures(X)
        check_consistent_length(pictures, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(column_or_1d(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"training needs at least two classes; y holds {len(self.classes_)}")
        self.side_ = pictures.shape[1]
        if self.side_ < 2:
            raise ValueError("pictures of a single pixel can't be augmented; give a side from 2 on")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with isolated(torch.device(self.device), self.threads, seed) as not_deterministic:
            training = self._train(pictures, codes, seed, precision)
        self.history_ = training.history
        self.notes_ = [*self.notes, *training.notes, *not_deterministic]
        learning = training.seconds - training.earlier_seconds
        self.clock_ = {
            "aside_seconds": time.perf_counter() - started - learning,
            "earlier_seconds": training.earlier_seconds,
        }
        return self

    def _precision(self) -> torch.dtype:
        if self.precision is None:
            return native_precision(torch.device(self.device))
        if self.precision not in _PRECISIONS:
            choices = " or ".join(map(repr, _PRECISIONS))
            raise ValueError(f"precision is {self.precision!r}; choose {choices}, or None")
        chosen: torch.dtype = getattr(torch, self.precision)
        return chosen

    def _train(
        self, pictures: NDArray[np.uint8], codes: NDArray[Any], seed: int, precision: torch.dtype
    ) -> Training:
        device = torch.device(self.device)
        self.precision_ = str(precision).removeprefix("torch.")
        network = self.network(len(self.classes_))
        self.n_parameters_ = _count_trainable(network)
        self.network_ = quicken(network).to(device)
        if device.type == "cpu":
            winograd.compile_tiles()
        nn.utils.convert_conv2d_weight_memory_format(self.network_, torch.channels_last)
        training = Training(
            self.network_,
            _tensors(pictures, codes, device),
            self.recipe,
            torch.Generator().manual_seed(seed),
            precision,
            body_rate=self.body_rate,
            validation=self._validation(device),
            checkpoint=self._checkpoint(pictures, codes, seed),
        )
        training.run()
        return training

    def _validation(self, device: torch.device) -> TensorDataset | None:
        if self.validation is None or not len(np.asarray(self.validation[0])):
            return None
        pictures, labels = self.validation
        # A label that was never learned is the code after the last: it is always got wrong.
        codes = np.searchsorted(self.classes_, labels)
        codes[~np.isin(labels, self.classes_)] = len(self.classes_)
        return _tensors(self._check_side(pictures), codes, device)

    def _checkpoint(
        self, pictures: NDArray[np.uint8], codes: NDArray[Any], seed: int
    ) -> Checkpoint | None:
        if not self.checkpoint:
            return None
        identity = {
            "start": [[n, _content(values)] for n, values in self.network_.state_dict().items()],
            "recipe": self.recipe.parameters(),
            "body_rate": self.body_rate,
            "seed": seed,
            "threads": self.threads,
            "precision": self.precision_,
            "device": torch.device(self.device).type,
            "data": [zlib.crc32(values.tobytes()) for values in (pictures, codes)],
            "torch": torch.__version__,
        }
        return Checkpoint(self.checkpoint, json.dumps(identity))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities (n, n_classes), in the order of ``classes_``.

        Raises
        ------
        ValueError
            If X is not uint8 (n, side, side, 3) of the side that was learned from.
        NotFittedError
            Before ``fit``.
        """
        check_is_fitted(self, "history_")
        pictures = self._check_side(X)
        device = torch.device(self.device)
        with isolated(device, self.threads, seed=0):
            prediction = Prediction(self.network_.to(device), len(self.classes_))
            parts = []
            for start in range(0, len(pictures), _AT_A_TIME):
                some = _to_device(pictures[start : start + _AT_A_TIME], device)
                parts.append(prediction.probabilities(some, mirror=self.recipe.mirror_test))
            answers: NDArray[np.float64] = torch.cat(parts).cpu().numpy()
        if prediction.halved and prediction.halved not in self.notes_:
            self.notes_ = [*self.notes_, prediction.halved]
        return answers

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable label of each picture (n,); raises what `predict_proba` does."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def _check_side(self, X: ArrayLike) -> NDArray[np.uint8]:
        pictures = _check_pictures(X)
        if pictures.shape[1] != self.side_:
            raise ValueError(
                f"pictures have a side of {pictures.shape[1]} pixels; this model learned from "
                f"pictures with a side of {self.side_}"
            )
        return pictures

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


def _content(values: Any) -> list[Any]:
    """What tells a part of a network's state from another: shape and checksum of a tensor."""
    if not isinstance(values, Tensor):  # a module's extra state can be anything
        return [type(values).__name__]
    plain = values.detach().cpu().contiguous().flatten().view(torch.uint8)
    return [list(values.shape), zlib.crc32(plain.numpy().data)]


def _check_pictures(X: ArrayLike) -> NDArray[np.uint8]:
    pictures = np.asarray(X)
    n, *shape = pictures.shape or (0,)
    square = len(shape) == 3 and shape[0] == shape[1] and shape[2] == 3
    if pictures.dtype != np.uint8 or not square or n == 0:
        raise ValueError(
            "expected uint8 pictures of the shape (n, side, side, 3) with n > 0, got "
            f"{pictures.dtype} {pictures.shape}"
        )
    return pictures


def _count_trainable(network: nn.Module) -> int:
    parameters = list(network.parameters())
    if any(nn.parameter.is_lazy(values) for values in parameters):
        raise ValueError(
            "the network has lazy layers whose shapes are not known yet; ask it about a picture "
            "before returning it, or give its layers their sizes"
        )
    trainable = [values.numel() for values in parameters if values.requires_grad]
    if not trainable:
        raise ValueError(
            "the network has no trainable parameters; leave requires_grad on for those that are "
            "to learn"
        )
    return sum(trainable)


def _tensors(
    pictures: NDArray[np.uint8], codes: NDArray[Any], device: torch.device
) -> TensorDataset:
    return TensorDataset(_to_device(pictures, device), torch.from_numpy(codes).to(device))


def _to_device(pictures: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Return pictures (n, side, side, 3) as a tensor (n, 3, side, side) on the device."""
    # A copy in memory of its own: what comes in may be a map of a file that must not be written.
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy(order="C")).to(device)
