"""Prediction: what a network says about pictures that are on its device."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn

from models.errors import is_out_of_memory
from models.networks.picture import normalise, to_float

_log = logging.getLogger(__name__)

# Pictures that are asked about at a time. Large enough to keep the processor busy.
_BATCH = 256


def logits(network: nn.Module, pictures: Tensor, n_classes: int) -> Tensor:
    """Ask a network about pictures (n, 3, side, side) in 0 .. 1: float32 (n, n_classes).

    Raises
    ------
    ValueError
        If it answers with anything but a tensor of that shape.
    """
    answers = network(normalise(pictures).contiguous(memory_format=torch.channels_last))
    if not isinstance(answers, Tensor):
        raise ValueError(
            f"the network's forward returns {type(answers).__name__}; let it return one tensor, "
            f"the logits (n, {n_classes})"
        )
    if answers.shape != (len(pictures), n_classes):
        raise ValueError(
            f"the network answers {len(pictures)} pictures of {n_classes} classes with the shape "
            f"{tuple(answers.shape)}, not {(len(pictures), n_classes)}"
        )
    return answers.float()


class Prediction:
    """Asking a network about pictures on its device, as many at a time as memory allows."""

    def __init__(self, network: nn.Module, n_classes: int):
        self.network = network
        self.n_classes = n_classes
        self.batch = _BATCH

    @torch.inference_mode()
    def probabilities(self, pictures: Tensor, mirror: bool) -> Tensor:
        """Ask about pictures, uint8 (n, 3, side, side): float64 (n, n_classes), rows sum to 1.

        ``mirror`` takes the mean over a picture and its mirror image. The network is left in
        evaluation.
        """
        self.network.eval()
        parts: list[Tensor] = []
        asked = 0
        while asked < len(pictures):
            answers = self._ask(pictures[asked : asked + self.batch], mirror)
            if answers is not None:
                parts.append(answers)
                asked += len(answers)
        return torch.cat(parts)

    def _ask(self, part: Tensor, mirror: bool) -> Tensor | None:
        """Ask about some pictures at once; None, and fewer at a time, if memory runs out."""
        try:
            views = [to_float(part), to_float(part.flip(3))] if mirror else [to_float(part)]
            answers = [
                logits(self.network, view, self.n_classes).double().softmax(dim=1) for view in views
            ]
            return torch.stack(answers).mean(dim=0)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or len(part) == 1:
                raise
        # Outside of the handler, where the failed try's tensors are no longer held.
        self.batch = len(part) // 2
        torch.cuda.empty_cache()
        _log.warning(self.halved)
        return None

    @property
    def halved(self) -> str:
        """What became of the batches when memory ran out; empty if it did not."""
        if self.batch == _BATCH:
            return ""
        return f"out of memory: predictions are made {self.batch} pictures at a time"
