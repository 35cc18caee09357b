"""Grad-CAM: where in a picture a network found its answer."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.networks.picture import normalise, to_float

# A convolution deeper than this sees the whole picture as one or four places, which shows nothing.
_LEAST_SIDE = 4


def gradcam(
    network: nn.Module,
    pictures: NDArray[np.uint8],
    targets: NDArray[np.int64],
    device: str = "cpu",
) -> tuple[NDArray[np.uint8], str]:
    """Which places of each picture speak for a class (Selvaraju et al. 2017).

    The maps of the last convolution that still sees at least 4 x 4 places, each weighted by its
    mean gradient of the class's logit, summed, negative sums at zero.

    Parameters
    ----------
    pictures : uint8 (n, side, side, 3) RGB.
    targets : for each picture the index (n,) of the class in question.

    Returns
    -------
    uint8 (n, height, width), 255 at each picture's strongest place, 0 throughout where nothing
    speaks for the class; and the name of the convolution.

    Raises
    ------
    ValueError
        If the network has no convolution.
    """
    network = network.to(device).eval()
    batch = torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).to(device)
    with torch.enable_grad():
        # A gradient must flow even through a body whose weights are frozen.
        inputs = normalise(to_float(batch)).requires_grad_()
        logits, outputs = _with_convolutions(network, inputs)
        name, maps = _deepest(outputs)
        chosen = logits.gather(1, torch.from_numpy(targets).to(device)[:, None])
        (gradient,) = torch.autograd.grad(chosen.sum(), maps)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    heat = (weights * maps).sum(dim=1).clamp_min(0).detach().float()
    strongest = heat.amax(dim=(1, 2), keepdim=True)
    scaled = torch.where(strongest > 0, heat / strongest * 255, torch.zeros_like(heat))
    return scaled.round().to(torch.uint8).cpu().numpy(), name


def _with_convolutions(network: nn.Module, inputs: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The network's answer, and what each of its convolutions gave on the way, in that order."""
    outputs: dict[str, Tensor] = {}
    hooks = [
        module.register_forward_hook(
            lambda module, _, output, name=name: outputs.__setitem__(name, output)
        )
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d)
    ]
    try:
        return network(inputs), outputs
    finally:
        for hook in hooks:
            hook.remove()


def _deepest(outputs: dict[str, Tensor]) -> tuple[str, Tensor]:
    """Name and maps of the last convolution that sees enough places, else of the widest."""
    if not outputs:
        raise ValueError("a network without a convolution has no map to show")
    wide = [name for name, maps in outputs.items() if min(maps.shape[2:]) >= _LEAST_SIDE]
    name = wide[-1] if wide else max(outputs, key=lambda name: min(outputs[name].shape[2:]))
    return name, outputs[name]
