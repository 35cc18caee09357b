"""From how much work on are 3 x 3 convolutions quicker by tiles than by torch's own?

    python docs/speed/convolutions.py

prints a table in Markdown: for maps of some channels and sides, the time of torch's convolution,
forward and both gradients, over that of `models.winograd`'s, for batches of several sizes; in
brackets the products of points, channels and answers, in units of 2^20. A bold cell goes by tiles.
Both take turns, and the least of four counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from models.networks.convolution import winograd
from models.training.device import isolated

SHAPES = (  # channels, side
    *((32, 32), (64, 32), (64, 16), (128, 16)),
    *((64, 8), (128, 8), (256, 8), (128, 4), (256, 4), (512, 4)),
)
BATCHES = (8, 32, 128, 400)


def seconds(convolve: Callable[[Tensor, Tensor], Tensor], maps: Tensor, kernel: Tensor) -> float:
    """Wall time of forward and both gradients."""
    started = time.perf_counter()
    answers = convolve(maps, kernel)
    answers.backward(answers.detach())
    return time.perf_counter() - started


def plain(maps: Tensor, kernel: Tensor) -> Tensor:
    """torch's own convolution."""
    return functional.conv2d(maps, kernel, padding=1)


def cell(n: int, channels: int, side: int) -> str:
    """The ratio, and how much there was to multiply."""
    maps = torch.randn(n, channels, side, side).contiguous(memory_format=torch.channels_last)
    kernel = torch.randn(channels, channels, 3, 3).contiguous(memory_format=torch.channels_last)
    maps.requires_grad_()
    kernel.requires_grad_()
    ways = (plain, winograd.convolve)
    taken = [[seconds(way, maps, kernel) for way in ways] for _ in range(5)]
    torchs, ours = (min(way) for way in zip(*taken[1:], strict=True))
    products = n * (side // 4) ** 2 * channels**2 / 2**20
    shown = f"{torchs / ours:.2f} ({products:.1f})"
    return f"**{shown}**" if winograd.pays(maps, kernel) else shown


def main() -> None:
    """Print the table."""
    print(f"{torch.get_num_threads()} threads")
    print("| channels, side |", " | ".join(f"{n} pictures" for n in BATCHES), "|")
    print("|---|" + "---|" * len(BATCHES))
    winograd.compile_tiles()
    with isolated(torch.device("cpu"), torch.get_num_threads(), seed=0):
        for channels, side in SHAPES:
            cells = (cell(n, channels, side) for n in BATCHES)
            print(f"| {channels}, {side} x {side} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
