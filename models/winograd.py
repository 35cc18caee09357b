"""Padded 3 x 3 convolutions in float32 on a processor, with a quarter of the multiplications.

Winograd's minimal filtering F(4 x 4, 3 x 3): 16 answers of a tile cost 36 products instead of 144,
after changes of basis that cost additions alone (Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", CVPR 2016, section 4.3). The answers differ from the plain sum's by some 1e-6 of
the largest.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from threadpoolctl import ThreadpoolController
from torch import Tensor

from models import tiles

# The bases of the interpolation points 0, 1, -1, 2, -2 and infinity.
_PATCHES = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    np.float32,
)
_ANSWERS = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    np.float32,
)
_KERNEL = (
    torch.tensor(
        [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]],
        dtype=torch.float64,
    )
    / 24
)

# Measured: the planes of about a hundred points stay in a core's cache and fill its products; with
# few points in all, or few channels, the changes of basis cost more than they save.
_POINTS_AT_A_TIME = 96
_FEWEST_POINTS = 128
_FEWEST_CHANNELS = 16


def pays(maps: Tensor, kernel: Tensor) -> bool:
    """Whether `convolve` can take, and is quicker for, these maps and this kernel."""
    return (
        maps.device.type == "cpu"
        and maps.dtype == kernel.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and kernel.shape[2:] == (3, 3)
        and min(kernel.shape[:2]) >= _FEWEST_CHANNELS
        and len(maps) >= torch.get_num_threads()
        and len(maps) * _tiles(maps.shape[2]) * _tiles(maps.shape[3]) >= _FEWEST_POINTS
    )


def convolve(maps: Tensor, kernel: Tensor) -> Tensor:
    """Return the convolution, stride 1 and a border of zeros; its memory is channels-last.

    Parameters
    ----------
    maps : (n, channels, height, width), float32 on the processor.
    kernel : (answers, channels, 3, 3), likewise.
    """
    change = torch.kron(_KERNEL, _KERNEL).to(kernel.dtype)
    answers, channels = kernel.shape[:2]
    weights = change @ kernel.permute(2, 3, 1, 0).reshape(9, channels * answers)
    return _Convolution.apply(maps, weights.view(tiles.PLANES, channels, answers))


class _Convolution(torch.autograd.Function):
    """Maps and the kernel in the planes' basis to answers."""

    @staticmethod
    def forward(context: Any, maps: Tensor, weights: Tensor) -> Tensor:
        maps = maps.detach().permute(0, 2, 3, 1).contiguous()
        weights = weights.detach()
        context.save_for_backward(maps, weights)
        answers = maps.new_empty(*maps.shape[:3], weights.shape[2])
        given = (maps.numpy(), weights.numpy(), _PATCHES, _ANSWERS)
        _by_thread(maps, lambda _, part: tiles.forward(*given, *part, answers.numpy()))
        return answers.permute(0, 3, 1, 2)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, slopes: Tensor) -> tuple[Tensor | None, Tensor]:
        maps, weights = context.saved_tensors
        slopes = slopes.permute(0, 2, 3, 1).contiguous()
        wanted = context.needs_input_grad[0]
        map_slopes = torch.zeros_like(maps) if wanted else maps.new_empty(0, 0, 0, 0)
        # One each: threads never add to the same numbers, and the sum has one order.
        weight_slopes = weights.new_zeros(torch.get_num_threads(), *weights.shape)
        given = (maps.numpy(), weights.numpy(), slopes.numpy(), _PATCHES, _ANSWERS)
        _by_thread(
            maps,
            lambda thread, part: tiles.backward(
                *given, *part, weight_slopes[thread].numpy(), map_slopes.numpy()
            ),
        )
        return map_slopes.permute(0, 3, 1, 2) if wanted else None, weight_slopes.sum(0)


def _by_thread(maps: Tensor, work: Callable[[int, tuple[int, int, int]], None]) -> None:
    """Share pictures (n, height, width, channels) out among as many threads as torch has."""
    threads = torch.get_num_threads()
    rows = max(1, _POINTS_AT_A_TIME // _tiles(maps.shape[2]))
    cuts = [len(maps) * thread // threads for thread in range(threads + 1)]
    parts = [(first, last, rows) for first, last in pairwise(cuts)]
    # Each thread multiplies for itself.
    with _blas().limit(limits=1), ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(threads), parts):
            pass


@cache
def _blas() -> Any:
    import scipy.linalg.cython_blas  # noqa: F401  whose products the kernels call

    return ThreadpoolController().select(user_api="blas")


def _tiles(side: int) -> int:
    return -(-side // 4)
