"""Building modelled weights: a network trained to tell modelled pictures apart, on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from models.training.checkpoint import written_whole
from models.training.classifier import TorchClassifier
from models.training.recipe import Augmentation, Recipe
from models.weights.modelled.pictures import modelled_pictures
from models.weights.starts import Start
from models.weights.transfer import ARCHITECTURES

# What decides modelled weights besides the seed; `models.weights.starts` has the version that goes
# up when anything here or in the pictures changes.
_CLASSES = 108
_EACH = 100
RECIPE = Recipe(
    epochs=6,
    batch_size=128,
    max_rate=0.003,
    weight_decay=1e-4,
    clip_value=0.1,
    augmentation=Augmentation(crop_padding=4, jitter=0.1),
)


def build_weights(
    start: Start,
    path: Path,
    *,
    seed: int,
    threads: int,
    device: str = "cpu",
    classes: int = _CLASSES,
    each: int = _EACH,
    recipe: Recipe = RECIPE,
) -> None:
    """Train a network on modelled pictures and write its state dict.

    The same seed gives the same file on one machine with the same threads. An epoch a line goes to
    the log ``models.training``. A build that was ended before goes on, from a checkpoint beside the
    file.

    Parameters
    ----------
    path : the file appears there whole or not at all.
    seed : of the pictures and of the training.
    classes, each : number of classes of pictures, and of pictures a class.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = path.with_name(f".{path.name}.checkpoint")
    trained = TorchClassifier(
        ARCHITECTURES[start.architecture],
        recipe=recipe,
        random_state=seed,
        threads=threads,
        device=device,
        checkpoint=str(checkpoint),
    ).fit(*modelled_pictures(classes, each, seed, start.side))
    try:
        with written_whole(path, path.with_name(f".{path.name}-{os.getpid()}")) as file:
            torch.save(trained.network_.cpu().state_dict(), file)
    except RuntimeError as error:  # torch's writer turns a full disk into one
        raise OSError(f"{path}: {error}") from error
    checkpoint.unlink(missing_ok=True)
