"""How many pictures a second does training take in, and what share of the possible is that?

    python docs/speed/deep_throughput.py [--turns 3] [--side 32] [--networks ResNet9,ResNet34]

trains on modelled folds by the study's recipe, three ways in turns, so that a busy machine slows
all of them, and prints the medians of the turns:

- ours: the training loop as a trial runs it, augmentation included;
- the bare step: forward, backward and step of the same network at the same precision, over and
  over on one batch that lies ready;
- the study's way: the same pictures as files, read by torchvision's ImageFolder and changed one
  after the other by its transforms in each epoch, as many loading processes as there are cores;
  torchvision's network, float32.

The last columns say how many floating-point operations a second ours comes to, what share that is
of the product of two large matrices at the same precision, and how many pictures a second the
network's convolutions alone would let pass, forward and backward, if all else took no time. The
operations counted are those of torch's own network: ours needs fewer, so the share can pass 1.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import starmap
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from torch.utils.data import TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from benchmark import datasets, processes
from models.networks.convolution.quick import quicken
from models.networks.resnet import resnet
from models.networks.resnet9 import ResNet9
from models.training.device import isolated, native_precision, synchronise
from models.training.loop import Training
from models.training.optimiser import optimise
from models.training.recipe import RECIPES
from models.vision import import_torchvision

RECIPE = RECIPES["published"]
BATCHES = 2  # a turn
CLASSES = 3
NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "ResNet9": ResNet9,
    **{f"ResNet{depth}": partial(resnet, depth=depth) for depth in (34, 50, 152)},
}
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
PRECISION = native_precision(DEVICE)
Turn = Callable[[], None]


def ours(make: Callable[[int], nn.Module], pictures: np.ndarray, labels: np.ndarray) -> Turn:
    """An epoch of the training loop."""
    network = _prepared(make)
    train = TensorDataset(
        torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).to(DEVICE),
        torch.from_numpy(labels).to(DEVICE),
    )
    training = Training(network, train, RECIPE, torch.Generator(), PRECISION)
    return lambda: training.epoch() and None


def bare(make: Callable[[int], nn.Module], pictures: np.ndarray, labels: np.ndarray) -> Turn:
    """As many steps on a batch that lies ready."""
    network = _prepared(make)
    optimiser, _ = optimise(network, RECIPE, 1.0, steps=1000)
    batch = torch.randn(RECIPE.batch_size, 3, *pictures.shape[1:3], device=DEVICE)
    batch = batch.contiguous(memory_format=torch.channels_last)
    targets = torch.from_numpy(labels[: RECIPE.batch_size]).to(DEVICE)

    def turn() -> None:
        for _ in range(BATCHES):
            with torch.autocast(DEVICE.type, PRECISION, enabled=torch.float32 != PRECISION):
                answers = network(batch)
            functional.cross_entropy(answers.float(), targets).backward()
            optimiser.step()
            optimiser.zero_grad()
        synchronise(DEVICE)

    return turn


def _prepared(make: Callable[[int], nn.Module]) -> nn.Module:
    network = quicken(make(CLASSES)).to(DEVICE)
    nn.utils.convert_conv2d_weight_memory_format(network, torch.channels_last)
    return network.train()


def studys(make: Callable[[int], nn.Module], folder: Path, side: int) -> Turn:
    """An epoch of torchvision's ImageFolder, transforms and network, in float32."""
    vision = import_torchvision()
    chain = vision.transforms.Compose(
        [
            vision.transforms.Resize((side, side)),
            vision.transforms.RandomCrop(side, padding=side // 8, padding_mode="reflect"),
            vision.transforms.RandomHorizontalFlip(),
            vision.transforms.RandomVerticalFlip(),
            vision.transforms.Pad((2, 5, 0, 5)),
            vision.transforms.RandomAffine(degrees=0, translate=(0.4, 0.5)),
            vision.transforms.RandomRotation(10),
            vision.transforms.Resize((side, side)),
            vision.transforms.ColorJitter(0.1, 0.1, 0.1, 0.1),
            vision.transforms.ToTensor(),
            vision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    loader = torch.utils.data.DataLoader(
        vision.datasets.ImageFolder(folder, chain),
        RECIPE.batch_size,
        shuffle=True,
        num_workers=processes.cores(),
        persistent_workers=True,
    )
    network = make(CLASSES).to(DEVICE).train()
    optimiser = torch.optim.Adam(network.parameters(), weight_decay=RECIPE.weight_decay)

    def turn() -> None:
        for batch, targets in loader:
            loss = functional.cross_entropy(network(batch.to(DEVICE)), targets.to(DEVICE))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(network.parameters(), RECIPE.clip_value)
            optimiser.step()
        synchronise(DEVICE)

    return turn


def folds(side: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Modelled folds of this side for the turns, and the same as files, a folder per class."""
    split = datasets.load("folds", seed=42, preset="quick").splits["train"]
    n = BATCHES * RECIPE.batch_size
    pictures = np.empty((n, side, side, 3), np.uint8)
    for index in range(n):
        fold = Image.fromarray(split.pictures.load(index)).convert("RGB").resize((side, side))
        pictures[index] = fold
        place = folder / str(split.labels[index])
        place.mkdir(exist_ok=True)
        fold.save(place / f"{index}.png")
    return pictures, split.labels[:n]


def matrix_rate() -> float:
    """Floating-point operations a second of the product of two large matrices."""
    side = 8192 if DEVICE.type == "cuda" else 2048
    matrix = torch.randn(side, side, device=DEVICE, dtype=PRECISION)
    return 2 * side**3 / min(seconds(lambda: (matrix @ matrix) is None) for _ in range(5))


def step_flops(make: Callable[[int], nn.Module], side: int) -> float:
    """Floating-point operations of forward and backward, for a picture."""
    with FlopCounterMode(display=False) as counter:
        make(CLASSES).to(DEVICE)(torch.randn(2, 3, side, side, device=DEVICE)).sum().backward()
    return counter.get_total_flops() / 2


def convolution_rate(make: Callable[[int], nn.Module], side: int) -> float:
    """Pictures a second that the convolutions let pass, each timed by itself, the best of four."""
    network = _prepared(make)
    seen: list[tuple[nn.Module, torch.Size]] = []
    hooks = [
        module.register_forward_hook(lambda module, given, _: seen.append((module, given[0].shape)))
        for module in network.modules()
        if isinstance(module, nn.Conv2d)
    ]
    network(torch.randn(RECIPE.batch_size, 3, side, side, device=DEVICE))
    for hook in hooks:
        hook.remove()
    return RECIPE.batch_size / sum(starmap(_convolution_seconds, seen))


def _convolution_seconds(convolution: nn.Module, size: torch.Size) -> float:
    maps = torch.randn(size, device=DEVICE).contiguous(memory_format=torch.channels_last)
    maps.requires_grad_(size[1] > 3)  # nobody asks for the gradient of a picture

    def step() -> None:
        with torch.autocast(DEVICE.type, PRECISION, enabled=torch.float32 != PRECISION):
            answer = convolution(maps)
        answer.backward(answer.detach())

    return min(seconds(step) for _ in range(4))


def seconds(turn: Callable[[], object]) -> float:
    """Wall time of one turn."""
    started = time.perf_counter()
    turn()
    synchronise(DEVICE)
    return time.perf_counter() - started


def line(name: str, side: int, turns: int, folder: Path, peak: float) -> str:
    """The table's line for one network."""
    make = NETWORKS[name]
    pictures, labels = folds(side, folder)
    training, step = ours(make, pictures, labels), bare(make, pictures, labels)
    study = studys(make, folder, side)
    study()  # off the clock: loading processes that start
    taken = np.array([_turn(training, step, study) for _ in range(turns)])
    rate, bare_rate, study_rate = len(pictures) / np.median(taken, axis=0)
    share = statistics.median(taken[:, 1] / taken[:, 0])
    ratio = statistics.median(taken[:, 2] / taken[:, 0])
    flops = rate * step_flops(make, side)
    with _as_a_trial():
        limit = convolution_rate(make, side)
    return (
        f"| {name} | {rate:,.0f} | {bare_rate:,.0f} | {study_rate:,.0f} | {share:.2f} "
        f"| {ratio:.2f} | {flops / 1e9:,.0f} | {flops / peak:.2f} | {limit:,.0f} |"
    )


def _turn(training: Turn, step: Turn, study: Turn) -> list[float]:
    with _as_a_trial():  # its heap is kept and filled off the clock
        training()
        taken = [seconds(training), seconds(step)]
    return [*taken, seconds(study)]


def _as_a_trial() -> contextlib.AbstractContextManager[object]:
    """What a trial computes within: its heap, and a GPU's deterministic ways."""
    return isolated(DEVICE, torch.get_num_threads(), seed=0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    asked = parser.parse_args()
    torch.set_num_threads(processes.cores())
    print(f"{DEVICE.type}, {PRECISION}, {processes.cores()} threads, side {asked.side}")
    print(
        "| network | ours, pictures/s | bare step | study's way | share of bare "
        "| times the study's way | GFLOP/s | share of a matrix product "
        "| convolutions alone |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    peak = matrix_rate()
    for name in asked.networks.split(","):
        with tempfile.TemporaryDirectory() as folder:
            print(line(name, asked.side, asked.turns, Path(folder), peak), flush=True)


if __name__ == "__main__":
    main()
