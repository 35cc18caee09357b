"""Padded 3 x 3 convolutions in float32 on a processor, with a quarter of the multiplications.

Winograd's minimal filtering F(4 x 4, 3 x 3): 16 answers of a tile cost 36 products instead of 144,
after changes of basis that cost additions alone (Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", CVPR 2016, section 4.3). The answers differ from the plain sum's by some 1e-6 of
the largest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

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

_LINES = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24

_KERNELS = torch.from_numpy(np.kron(_LINES, _LINES).astype(np.float32))

# Measured: the planes of about a hundred points stay in a core's cache and fill its products. With
# few channels, or few products to a thread (points x channels x answers), the changes of basis cost
# more than they save: docs/speed/convolutions.py.
_POINTS_AT_A_TIME = 96
_FEWEST_CHANNELS = 64
_FEWEST_PRODUCTS = 2**23

# How many threads BLAS has is the whole process's: two trainings in one take turns.
_turn = threading.Lock()


def compile_tiles() -> None:
    """Compile what `convolve` runs, or load it from disk, before it is on a clock."""
    from models.networks.convolution import tiles  # noqa: F401


def pays(maps: Tensor, kernel: Tensor) -> bool:
    """Whether `convolve` can take, and is quicker for, these maps and this kernel."""
    if not _are_plain(maps, kernel) or min(kernel.shape[:2]) < _FEWEST_CHANNELS:
        return False
    threads = torch.get_num_threads()
    points = len(maps) * _tiles(maps.shape[2]) * _tiles(maps.shape[3])
    products = points * kernel.shape[0] * kernel.shape[1]
    return len(maps) >= threads and products >= _FEWEST_PRODUCTS * threads


def _are_plain(maps: Tensor, kernel: Tensor) -> bool:
    return (
        type(maps) is Tensor
        and maps.device.type == "cpu"
        and maps.dtype == kernel.dtype == torch.float32
        and maps.dim() == 4
        and kernel.shape[1:] == (maps.shape[1], 3, 3)
        and not torch.is_autocast_enabled("cpu")
        and not torch._C._are_functorch_transforms_active()
    )


def convolve(maps: Tensor, kernel: Tensor) -> Tensor:
    """Return the convolution, stride 1 and a border of zeros; its memory is channels-last.

    Parameters
    ----------
    maps : (n, channels, height, width), float32 on the processor.
    kernel : (answers, channels, 3, 3), likewise.
    """
    # Turned out here: what a function of one's own returns may be changed in place, a view may not.
    return _Convolution.apply(maps, kernel).permute(0, 3, 1, 2)


class _Convolution(torch.autograd.Function):
    """Maps and kernel to answers (n, height, width, answers)."""

    @staticmethod
    def forward(context: Any, maps: Tensor, kernel: Tensor) -> Tensor:
        from models.networks.convolution import tiles

        context.save_for_backward(maps, kernel)
        places, weights = _channels_last(maps), _in_planes(kernel)
        answers = places.new_empty(*places.shape[:3], len(kernel))
        inputs = (places.numpy(), weights.numpy(), _PATCHES, _ANSWERS)
        _share_out(places, lambda _, pictures: tiles.forward(*inputs, *pictures, answers.numpy()))
        return answers

    @staticmethod
    def backward(context: Any, slopes: Tensor) -> tuple[Tensor | None, Tensor | None]:
        maps, kernel = context.saved_tensors
        needed = context.needs_input_grad
        if torch.is_grad_enabled():  # the gradient of this gradient is asked for; torch's has one
            ones, plain = [1, 1], slopes.permute(0, 3, 1, 2)
            map_slopes, kernel_slopes, _ = torch.ops.aten.convolution_backward(
                plain, maps, kernel, None, ones, ones, ones, False, [0, 0], 1, [*needed, False]
            )
            return map_slopes, kernel_slopes
        return _slopes(maps, kernel, slopes.contiguous(), needed)


def _slopes(
    maps: Tensor, kernel: Tensor, slopes: Tensor, needed: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None]:
    from models.networks.convolution import tiles

    places, weights = _channels_last(maps), _in_planes(kernel)
    map_slopes = torch.zeros_like(places) if needed[0] else places.new_empty(0, 0, 0, 0)
    # One each: threads never add to the same numbers, and the sum has one order.
    shape = (torch.get_num_threads(), *weights.shape) if needed[1] else (1, 0, 0, 0)
    weight_slopes = weights.new_zeros(shape)
    inputs = (places.numpy(), weights.numpy(), slopes.numpy(), _PATCHES, _ANSWERS)

    def add_up(thread: int, pictures: tuple[int, int, int]) -> None:
        own = weight_slopes[thread % len(weight_slopes)]
        tiles.backward(*inputs, *pictures, own.numpy(), map_slopes.numpy())

    _share_out(places, add_up)
    return (
        map_slopes.permute(0, 3, 1, 2) if needed[0] else None,
        _out_of_planes(weight_slopes.sum(0)) if needed[1] else None,
    )


def _channels_last(maps: Tensor) -> Tensor:
    return maps.detach().permute(0, 2, 3, 1).contiguous()


def _in_planes(kernel: Tensor) -> Tensor:
    """(answers, channels, 3, 3) to (36, channels, answers)."""
    answers, channels = kernel.shape[:2]
    lines = kernel.detach().permute(2, 3, 1, 0).reshape(9, channels * answers)
    return (_KERNELS @ lines).view(-1, channels, answers)


def _out_of_planes(slopes: Tensor) -> Tensor:
    """The gradient of `_in_planes`."""
    channels, answers = slopes.shape[1:]
    lines = _KERNELS.T @ slopes.view(-1, channels * answers)
    return lines.view(3, 3, channels, answers).permute(3, 2, 0, 1)


def _share_out(places: Tensor, work: Callable[[int, tuple[int, int, int]], None]) -> None:
    """Call ``work`` with a thread's number, its first picture, the one after its last, and rows."""
    threads = torch.get_num_threads()
    rows = max(1, _POINTS_AT_A_TIME // _tiles(places.shape[2]))
    cuts = [len(places) * thread // threads for thread in range(threads + 1)]
    pictures = [(first, last, rows) for first, last in pairwise(cuts)]
    # Each thread multiplies for itself. Some libraries count threads per process, some per thread.
    alone = partial(_blas().limit, limits=1)
    with _turn, alone(), ThreadPoolExecutor(threads, initializer=alone) as pool:
        for _ in pool.map(work, range(threads), pictures):
            pass


@cache
def _blas() -> Any:
    """Looked for once: that takes longer than a small convolution does."""
    import scipy.linalg.cython_blas  # noqa: F401  whose products the kernels call
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def _tiles(side: int) -> int:
    return -(-side // 4)
