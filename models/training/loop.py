"""Training: a network on its way through a recipe, epoch by epoch."""

from __future__ import annotations

import contextlib
import copy
import logging
import math
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import TensorDataset

from models.errors import Diverged, is_out_of_memory
from models.training import device
from models.training.augment import augment, draw_batch
from models.training.checkpoint import Checkpoint
from models.training.optimiser import optimise
from models.training.prediction import Prediction, logits
from models.training.recipe import Recipe

_log = logging.getLogger(__name__)

# Fewer pictures than this are not halved: batch normalisation needs two of them.
_SMALLEST = 4


class Training:
    """A network on its way through a recipe.

    Parameters
    ----------
    network : in float32 on the device of the pictures; changed in place.
    train : pictures uint8 (n, 3, side, side) and targets (n,) from 0, each class at least once, on
        the device.
    generator : source of the order of the pictures and of their augmentation.
    precision : type of the forward pass, bfloat16 or float32.
    body_rate : learning rate of all layers but the last, as a share of the last one's.
    validation : as ``train``; its accuracy is looked at after each epoch, and nothing chosen on it.
    checkpoint : where to keep how far it has come, and what to go on from if it is there.

    Attributes
    ----------
    history : as ``TorchClassifier.history_``.
    parts : how many parts a batch is computed in, their gradients added up; 1 until memory runs
        out.
    seconds, earlier_seconds : spent on learning in all, and in what was gone on from.
    """

    def __init__(
        self,
        network: nn.Module,
        train: TensorDataset,
        recipe: Recipe,
        generator: torch.Generator,
        precision: torch.dtype,
        *,
        body_rate: float = 1.0,
        validation: TensorDataset | None = None,
        checkpoint: Checkpoint | None = None,
    ):
        self.network = network
        self.train = train
        self.pictures, self.targets = train.tensors
        self.recipe = recipe
        self.generator = generator
        self.precision = precision
        self.validation = validation
        self.checkpoint = checkpoint
        self.device = self.pictures.device
        self.n_classes = int(self.targets.max()) + 1
        self.sizes = _batch_sizes(len(train), recipe.batch_size)
        steps = recipe.epochs * len(self.sizes)
        self.optimiser, self.schedule = optimise(network, recipe, body_rate, steps)
        self.history: list[dict[str, float]] = []
        self.parts = 1
        self.seconds = self.earlier_seconds = 0.0
        self.prediction = Prediction(network, self.n_classes)
        self._resumed: list[str] = []

    def run(self) -> None:
        """Train to the recipe's last epoch; raise `Diverged` if a loss is no finite number."""
        self._go_on()
        began, already = time.perf_counter(), len(self.history)
        if self.device.type == "cuda":
            self.warm_up()
        while len(self.history) < self.recipe.epochs:
            self.history.append(self.epoch())
            self.seconds += self.history[-1]["seconds"]
            if self.validation is not None:
                pictures, targets = self.validation.tensors
                answers = self.prediction.probabilities(pictures, mirror=False)
                accuracy = (answers.argmax(dim=1) == targets).double().mean()
                self.history[-1]["val_accuracy"] = float(accuracy)
            waited = (time.perf_counter() - began) / (len(self.history) - already)
            self._report((self.recipe.epochs - len(self.history)) * waited)
            if not math.isfinite(self.history[-1]["loss"]):
                raise Diverged(self.history[:-1])
            if self.checkpoint is not None and self.checkpoint.is_due:
                self.checkpoint.write(self._state())

    def warm_up(self) -> None:
        """Take a step with a copy of the network: a GPU loads what it computes with at first use.

        Neither the network nor any random number that it learns by is touched.
        """
        before = device.random_state(self.device)
        # What goes wrong here is left to the first epoch: memory that ends, an error of the
        # network's; one that can't be copied warms up there.
        with contextlib.suppress(MemoryError, RuntimeError):
            twin = Training(
                copy.deepcopy(self.network),
                self.train,
                self.recipe,
                torch.Generator().manual_seed(0),
                self.precision,
            )
            twin.network.train()
            size = math.ceil(self.sizes[0] / self.parts)
            twin._learn(torch.arange(size, device=self.device), twin._draw(size), size)
            twin._update()
        device.set_random_state(before, self.device)
        device.synchronise(self.device)

    def epoch(self) -> dict[str, float]:
        """Learn from each picture once; return its part of ``history``, val not looked at."""
        started = time.perf_counter()
        self.network.train()
        order = torch.randperm(len(self.train), generator=self.generator).to(self.device)
        totals = torch.zeros(2, device=self.device)
        for index in order.split(self.sizes):
            rate = float(self.schedule.get_last_lr()[0])
            totals += self._step(index)
        # Reading the totals waits for the device, so the seconds are true.
        loss, accuracy = (totals / len(self.train)).tolist()
        return {
            "epoch": len(self.history) + 1,
            "loss": loss,
            "accuracy": accuracy,
            "rate": rate,
            "seconds": time.perf_counter() - started,
        }

    def _step(self, index: Tensor) -> Tensor:
        """Learn from one batch; return the sum of its losses and its number of right answers."""
        drawn = self._draw(len(index))  # once: a batch in parts is the batch that it was
        learned = None
        while learned is None:
            learned = self._gradients(index, drawn)
        self._update()
        return learned

    def _draw(self, n: int) -> Tensor:
        side = self.pictures.shape[-1]
        return draw_batch(self.recipe.augmentation, n, side, self.generator, self.device)

    def _update(self) -> None:
        # It takes no more memory than there is already.
        if self.recipe.clip_value:
            nn.utils.clip_grad_value_(self.network.parameters(), self.recipe.clip_value)
        self.optimiser.step()
        self.schedule.step()

    def _gradients(self, index: Tensor, drawn: Tensor) -> Tensor | None:
        """Add up a batch's gradients, part by part; None, and smaller parts, if memory runs out."""
        self.optimiser.zero_grad()
        n_parts = min(self.parts, max(1, len(index) * 2 // _SMALLEST))
        parts = index.tensor_split(n_parts)
        of_parts = zip(parts, drawn.tensor_split(n_parts), strict=True)
        try:
            learned = [self._learn(part, its, len(index)) for part, its in of_parts]
            return torch.stack(learned).sum(dim=0)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or len(parts[0]) < _SMALLEST:
                raise
        # Outside of the handler, where the failed step's tensors are no longer held.
        self.parts *= 2
        torch.cuda.empty_cache()
        _log.warning(self.halved)
        return None

    def _learn(self, part: Tensor, drawn: Tensor, batch: int) -> Tensor:
        """Add the gradients of some pictures of a batch; return its losses' sum and right ones."""
        pictures = augment(self.pictures[part], self.recipe.augmentation, drawn)
        targets = self.targets[part]
        mixed = self.precision != torch.float32
        with torch.autocast(self.device.type, self.precision, enabled=mixed):
            answers = logits(self.network, pictures, self.n_classes)
        smooth = self.recipe.label_smoothing
        loss = functional.cross_entropy(answers, targets, reduction="sum", label_smoothing=smooth)
        (loss / batch).backward()
        right = (answers.argmax(dim=1) == targets).sum()
        return torch.stack([loss.detach(), right])

    @property
    def notes(self) -> list[str]:
        """Sentences for the record: what was gone on from, and what was done about memory."""
        damaged = [self.checkpoint.note] if self.checkpoint is not None else []
        notes = [*damaged, *self._resumed, self.halved, self.prediction.halved]
        return [note for note in notes if note]

    @property
    def halved(self) -> str:
        """What became of the batches when memory ran out; empty if it did not."""
        if self.parts == 1:
            return ""
        size = math.ceil(self.sizes[0] / self.parts)
        return (
            f"out of memory: batches of {self.sizes[0]} are computed {size} pictures at a time, "
            "their gradients added up"
        )

    def _report(self, left: float) -> None:
        now = self.history[-1]
        validation = f" val {now['val_accuracy']:.2f}" if "val_accuracy" in now else ""
        _log.info(
            "epoch %d/%d loss %.2f accuracy %.2f%s %s pictures/s %.0f s left",
            len(self.history),
            self.recipe.epochs,
            now["loss"],
            now["accuracy"],
            validation,
            f"{len(self.train) / now['seconds']:,.0f}",
            left,
        )

    def _state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "random": device.random_state(self.device),
            "history": self.history,
            "parts": self.parts,
            "resumed": self._resumed,
            "seconds": self.seconds,
        }

    def _go_on(self) -> None:
        """Take over how far a training of the same identity came before it was ended."""
        state = self.checkpoint.read() if self.checkpoint is not None else None
        if state is None:
            return
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])
        device.set_random_state(state["random"], self.device)
        self.history, self.parts = state["history"], state["parts"]
        self.seconds = self.earlier_seconds = state["seconds"]
        resumed = f"went on after epoch {len(self.history)} of {self.recipe.epochs}"
        self._resumed = [*state["resumed"], resumed]
        _log.warning(resumed)


def _batch_sizes(n: int, batch_size: int) -> list[int]:
    full, rest = divmod(n, batch_size)
    if rest == 1 and full:  # batch normalisation cannot learn from one value
        return [batch_size] * (full - 1) + [batch_size + 1]
    return [batch_size] * full + [rest] * (rest > 0)
