"""Frozen bodies: a network without its head as a fixed function from pictures to numbers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.networks.head import head_name
from models.networks.picture import normalise, to_float
from models.weights.files import obtain, weights_file
from models.weights.starts import Start, digest
from models.weights.transfer import started

# Goes up when the same body and picture no longer give the same numbers.
_VERSION = 1


class FrozenBody:
    """What the body of a network with given weights says about pictures; nothing is learned.

    Weights files are looked for in ``folder`` first, and not downloaded where ``offline``.

    Attributes
    ----------
    side : side in pixels of the pictures that it takes: that of the pictures the weights are from.
    width : numbers that it gives a picture.
    definition : 16 hexadecimal digits that change when these numbers may: they cover the weights'
        content, the network, the side and torch's version.

    Raises
    ------
    Unavailable
        If the weights are not at hand, or are not what this network can start from.
    """

    def __init__(self, start: Start, folder: str | Path | None = None, offline: bool = False):
        path = obtain(weights_file(start, folder), offline)
        network = started(2, start.architecture, path)
        setattr(network, head_name(network), nn.Identity())  # it gives what the head would get
        self._network = network.eval().requires_grad_(False)
        self.side = start.side
        with torch.inference_mode():
            self.width = self._network(torch.zeros(1, 3, 32, 32)).shape[1]
        parts = [_VERSION, start.architecture, start.side, digest(path), torch.__version__]
        self.definition = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def table(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The numbers for pictures: uint8 (n, side, side, 3) RGB to float64 (n, width).

        A picture's numbers do not depend on the pictures beside it: each is asked about alone.
        """
        table = []
        with torch.inference_mode():
            for picture in pictures:
                tensor = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
                table.append(self._network(normalise(to_float(tensor)))[0].double().numpy())
        return np.array(table, dtype=np.float64).reshape(len(pictures), self.width)
